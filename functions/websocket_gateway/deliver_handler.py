"""Entry point of the deliver function: completion events, events about changed data, cached answers, the sweep.

What deliveries do not need is imported where it is used: a cold start compiles what it imports.
"""

import time
from datetime import datetime
from typing import Any

from relay.actions import Context, Event, as_event, text
from relay.errors import InputError, UnknownAction
from relay.events import STATUS_CHANGE, Completion, parse_completion
from relay.metrics import metrics
from relay.names import Kind, StatementName
from websocket_gateway.parts import Parts, timed
from websocket_gateway.parts import parts as _parts
from websocket_gateway.questions.data_versions import ANY_SOURCE
from websocket_gateway.questions.run import Run
from websocket_gateway.settings import Settings

ACTIONS = ("deliver", "deliver_to", "send", "close", "cancel_unwanted", "sweep", "log_in", "check_queries")


def handle(event: object, context: Context) -> dict[str, Any]:
    """Handles an event or an action. Raises RelayError; every step may be repeated."""
    request = as_event(event)
    parts = _parts()
    with metrics.written(parts.settings.name_prefix):
        return _act(parts, request, context)


def _act(parts: Parts, request: Event, context: Context) -> dict[str, Any]:
    deliverer = parts.deliverer(context)
    match request.get("action"):
        case "deliver":
            return {"served": timed(lambda: deliverer.deliver(text(request, "question", max_bytes=64)))}
        case "deliver_to":
            question, waiters = text(request, "question", max_bytes=64), _texts(request, "waiters")
            return {"served": timed(lambda: deliverer.deliver_to(question, waiters))}
        case "send":
            from websocket_gateway.delivery.first_message import send_first_message

            return {"outcome": send_first_message(parts.management, parts.connections, *_message(request)).name}
        case "close":
            for connection in _texts(request, "connections"):
                parts.management.close(connection)
                parts.unwanted_runs.cancel(parts.connections.remove(connection))
            return {}
        case "cancel_unwanted":
            parts.unwanted_runs.cancel(_texts(request, "questions"))
            return {}
        case "sweep":
            counts = parts.sweep(deliverer).run()
            metrics.record("Backlog", counts["backlog"])
            return counts
        case "log_in":
            from websocket_gateway.database_login import log_in

            # Users other than an IAM identity's exist already.
            needed = request.get("needed", True)
            return {"database_user": log_in(parts.api, parts.settings.name_prefix, context) if needed else None}
        case "check_queries":
            from websocket_gateway.query_check import check_queries

            grants = request.get("grants", [])
            return {"checked": check_queries(parts.api, parts.settings.name_prefix, parts.catalog, context, grants)}
        case None:
            _record_lag(request)
            if ended := _ended_run(parts.settings, request):
                run, completion = ended
                return {
                    "served": timed(lambda: deliverer.deliver_ended(run, completion.state, completion.statement_id))
                }
            source, changed = _changed_by(request)
            return parts.data_changes(deliverer).follow(_changed_at(changed), source)
        case other:
            raise UnknownAction(other, ACTIONS)


def _record_lag(event: Event) -> None:
    """Records how old an event is. EventBridge's times are whole seconds.

    https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """
    try:
        sent = datetime.fromisoformat(text(event, "time"))
        metrics.record("EventLag", max(0.0, time.time() - sent.timestamp()))
    except (InputError, ValueError):
        pass  # an event by hand need not have a time


def _ended_run(settings: Settings, event: Event) -> tuple[Run, Completion] | None:
    """The run whose statement has ended; None for an event about anything else."""
    if event.get("detail-type") != STATUS_CHANGE:
        return None
    completion = parse_completion(event)
    name = StatementName.parse(completion.statement_name)
    if name is None or name.prefix != settings.name_prefix or name.kind is not Kind.QUERY:
        return None
    run = Run.parse(name.key)
    if run is None:
        raise InputError("detail.statementName", f"{completion.statement_name!r} is not the name of a run")
    return run, completion


def _check_event(event: Event) -> None:
    """Raises InputError for anything but an event of EventBridge: it would count as a change of the data.

    https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """
    for field in ("source", "detail-type"):
        text(event, field)
    if not isinstance(event.get("detail", {}), dict):
        raise InputError("detail", "must be a JSON object")


def _changed_by(request: Event) -> tuple[str, Event]:
    """(source, event): the rules name their key beside the event; an event that comes as it is counts for all."""
    if "data_changed_by" not in request:
        _check_event(request)
        return ANY_SOURCE, request
    event = as_event(request.get("event"))
    _check_event(event)
    return text(request, "data_changed_by"), event


def _changed_at(event: Event) -> str | None:
    """When the data changed, by any other event; None for a failed statement, which usually has changed nothing."""
    detail = event.get("detail")
    failed = isinstance(detail, dict) and detail.get("state") in ("FAILED", "ABORTED")
    return None if failed else text(event, "time", default="")


def _texts(request: Event, field: str) -> list[str]:
    """A list of ids or sort keys."""
    found = request.get(field)
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
        raise InputError(field, "must be a list of texts")
    return found


def _message(request: Event) -> tuple[str, dict[str, Any], int]:
    """(connection, message, connected_at) of the action `send`."""
    message, connected_at = request.get("message"), request.get("connected_at")
    if not isinstance(connected_at, int) or not isinstance(message, dict):
        raise InputError("message", "must be an object, with connected_at in epoch seconds beside it")
    return text(request, "connection"), message, connected_at
