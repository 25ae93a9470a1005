"""Entry point of the notifier function: completion events, `Load Not Started`, actions `notify` and `sweep`."""

from dataclasses import asdict
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from notifier.announcement_table import AnnouncementTable, default_dynamodb_client
from notifier.announcer import Announcer
from notifier.message import MAX_BODY, from_text
from notifier.settings import Settings
from relay.actions import Context, as_event, check_fields, text
from relay.bus import default_events_client, put_event
from relay.clients import lazy_client
from relay.data_api import DataApi
from relay.errors import CallFailed, InputError, SettingsError, UnknownAction
from relay.events import LOAD_NOT_STARTED, STATUS_CHANGE, parse_completion

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@cache
def _sns() -> "SNSClient":
    return lazy_client("sns")  # type: ignore[no-any-return]


@cache
def _settings() -> Settings:
    return Settings.from_env()


def handle(event: object, context: Context) -> dict[str, Any]:
    """Announces the event, once, or runs the action. Raises RelayError."""
    request = as_event(event)
    settings = _settings()
    announcer = Announcer(
        _sns(),
        settings.topic_arn,
        AnnouncementTable(default_dynamodb_client(), settings.announcements_table),
        DataApi(settings.target),
        settings.name_prefix,
        owner=context.aws_request_id,
        put_event=partial(put_event, default_events_client(), settings.event_bus) if settings.event_bus else None,
    )
    match request.get("action"), request.get("detail-type"):
        case "notify", _:
            check_fields(request, ("action", "subject", "body"))
            message = from_text(
                settings.name_prefix, text(request, "subject"), text(request, "body", max_bytes=MAX_BODY)
            )
            return {"message_id": announcer.publish(message)}
        case "sweep", _:
            check_fields(request, ("action",))
            try:
                return {"swept": [asdict(result) for result in announcer.sweep()]}
            except CallFailed as error:
                if settings.event_bus or error.code != "AccessDeniedException":
                    raise
                needed = "role (the role that submits the loads) and sweep_interval_minutes"
                reason = f"sweep: this notifier may not list statements. Set {needed} of modules/notifier."
                raise SettingsError(reason) from error
        case None, str(kind) if kind == STATUS_CHANGE:
            return asdict(announcer.announce_ended(parse_completion(request)))
        case None, str(kind) if kind == LOAD_NOT_STARTED:
            return asdict(announcer.announce_not_started(request))
        case None, kind:
            known = f"{STATUS_CHANGE!r} nor {LOAD_NOT_STARTED!r}"
            raise InputError("detail-type", f"{kind!r} is neither {known}. Or set an action: notify or sweep.")
        case action, _:
            raise UnknownAction(action, ("notify", "sweep"))
