"""Entry point of the scheduler function: actions, completion events of loads, and messages of the timers queue."""

import json
from dataclasses import asdict
from functools import cache
from typing import Any

from relay.actions import Context, Event, as_event, check_fields, text
from relay.errors import InputError, UnknownAction
from relay.events import STATUS_CHANGE, parse_completion
from relay.log import log
from scheduler.files.landed_file import is_file_message
from scheduler.service import Service
from scheduler.settings import Settings
from scheduler.starts.requests import Asked
from scheduler.state.occurrence import Occurrence
from scheduler.status import status_of

ACTIONS = (
    "backfill",
    "cancel",
    "event",
    "execute_sql",
    "list",
    "pause",
    "redrive",
    "resume",
    "run",
    "schedule",
    "status_check",
    "sweep",
)


@cache
def _settings() -> Settings:
    return Settings.from_env()


def handle(event: object, context: Context) -> dict[str, Any]:
    """Runs an action, notes the end of a load, or rings timers. Raises RelayError."""
    request = as_event(event)
    if "Records" in request:
        return _messages(request)
    service = Service(_settings())
    answer = _act(service, request, context)
    service.finish()
    return answer


def _act(service: Service, request: Event, context: Context) -> dict[str, Any]:
    match request.get("action"):
        case "schedule":
            return _asked(service.triggers.schedule(request))
        case "event":
            return _asked(service.triggers.event(request))
        case "execute_sql":
            return service.by_hand.execute_sql(request, context.aws_request_id)
        case "run" if request.get("files") is not None:
            return service.run_files(request, context.aws_request_id)
        case "redrive":
            check_fields(request, ("action", "load"))
            return service.files.redrive(text(request, "load"))
        case "run":
            return service.by_hand.run(request, context.aws_request_id)
        case "backfill":
            return service.by_hand.backfill(request, context.aws_request_id)
        case "cancel":
            return service.by_hand.cancel(request)
        case "pause" | "resume" as action:
            return service.by_hand.pause(request, paused=action == "pause")
        case "list":
            return service.by_hand.overview(request)
        case "status_check":
            check_fields(request, ("action", "statement_id"))
            return asdict(status_of(service.api, text(request, "statement_id", max_bytes=100)))
        case "sweep":
            check_fields(request, ("action",))
            return service.sweep()
        case None if request.get("detail-type") == STATUS_CHANGE:
            service.ends.completed(parse_completion(request))
            return {}
        case other:
            raise UnknownAction(other, ACTIONS)


def _messages(batch: Event) -> dict[str, Any]:
    """Messages of SQS; those that fail come again."""
    if batch["Records"] and is_file_message(batch["Records"][0]):
        return _files(batch)
    failed = []
    for record in batch["Records"]:
        service = Service(_settings())
        try:
            _message(service, as_event(json.loads(record["body"])))
            service.finish()
        except Exception as error:
            log("ERROR", "message not handled", message_id=record["messageId"], reason=str(error))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _files(batch: Event) -> dict[str, Any]:
    """Messages about files that landed; runs that they start may end in the same invocation."""
    service = Service(_settings())
    again = service.files.note(batch["Records"])
    try:
        service.finish()
    except Exception as error:  # the files are noted, and the sweep does what is left
        log("ERROR", "left to the sweep", reason=str(error))
    return again


def _message(service: Service, message: Event) -> None:
    if message.get("action") != "timer":
        raise UnknownAction(message.get("action"), ("timer",))
    if service.timers.is_due(dict(message)):
        _ring(service, message)


def _ring(service: Service, timer: Event) -> None:
    match timer.get("kind"):
        case "look":
            service.lanes.look(text(timer, "lane"))
        case "files_quiet" | "files_listing" as kind:
            service.files.timer(kind, timer)
        case other:
            raise InputError("kind", f"{other!r} is not a kind of timer")


def _asked(found: Occurrence | None) -> dict[str, Any]:
    return asdict(Asked.of(found)) if found else {}
