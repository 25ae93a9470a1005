"""Entry point of the notifier function: load events, completion events, its own delayed steps, action `notify`."""

from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from notifier.announcement_table import AnnouncementTable, default_dynamodb_client
from notifier.announcer import Announcer
from notifier.copy_reasons import CopyReasons
from notifier.delayed_steps import DelayedSteps, Step
from notifier.message import MAX_BODY
from notifier.settings import Settings
from relay.actions import Context, as_event, check_fields, text
from relay.clients import default_sqs_client, lazy_client
from relay.data_api import DataApi
from relay.errors import InputError, UnknownAction
from relay.events import LOAD_FAILED, LOAD_FINISHED, LOAD_NOT_STARTED, STATUS_CHANGE

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

ANNOUNCED = (LOAD_FINISHED, LOAD_FAILED, LOAD_NOT_STARTED, STATUS_CHANGE)


@cache
def _sns() -> "SNSClient":
    return lazy_client("sns")  # type: ignore[no-any-return]


@cache
def _settings() -> Settings:
    return Settings.from_env()


def handle(event: object, context: Context) -> dict[str, Any]:
    """Announces the event, once, or runs the action. Raises RelayError."""
    request = as_event(event)
    if "Records" in request:
        message_id, step = Step.of_records(request["Records"])
        # A message that is delivered again keeps its id, and takes over the lease of a killed attempt.
        return asdict(_reasons(_announcer(message_id)).continue_with(step))
    announcer = _announcer(context.aws_request_id)
    match request.get("action"), request.get("detail-type"):
        case "notify", _:
            check_fields(request, ("action", "subject", "body"))
            subject, body = text(request, "subject"), text(request, "body", max_bytes=MAX_BODY)
            return {"message_id": announcer.notify(subject, body)}
        case None, str(kind) if kind in ANNOUNCED:
            return asdict(_reasons(announcer).announce(request))
        case None, kind:
            raise InputError("detail-type", f"{kind!r} is not one of {', '.join(ANNOUNCED)}. Or set action: notify.")
        case action, _:
            raise UnknownAction(action, ("notify",))


def _announcer(owner: str) -> Announcer:
    settings = _settings()
    return Announcer(
        _sns(),
        settings.topic_arn,
        settings.chat_topic_arn,
        AnnouncementTable(default_dynamodb_client(), settings.announcements_table),
        DataApi(settings.target),
        settings.name_prefix,
        owner=owner,
    )


def _reasons(announcer: Announcer) -> CopyReasons:
    settings = _settings()
    steps = DelayedSteps(default_sqs_client(), settings.steps_queue_url) if settings.steps_queue_url else None
    return CopyReasons(announcer, steps, DataApi(settings.target), settings.name_prefix)
