"""Requests by schedules and events. Schedules and rules hand over names only; the definition has the rest."""

from collections.abc import Mapping
from typing import Any

from relay.actions import Event, check_fields, text
from relay.errors import InputError
from scheduler.loads.parameters import pick
from scheduler.loads.request import Kind, Request, StartedBy, check_name
from scheduler.starts.requests import Requests
from scheduler.state.occurrence import Occurrence
from scheduler.state.store import Store


class Triggers:
    """Turns the input of a schedule or a rule into a request."""

    def __init__(self, store: Store, requests: Requests) -> None:
        self._store = store
        self._requests = requests

    def schedule(self, event: Event) -> Occurrence | None:
        """`{"action": "schedule", "load", "trigger", "scheduled_time"}`; two schedules of a load that meet are one."""
        check_fields(event, ("action", "load", "trigger", "scheduled_time"))
        due = text(event, "scheduled_time")
        started_by = StartedBy(Kind.SCHEDULE, check_name(text(event, "trigger"), "trigger"))
        return self._requests.ask(Request(text(event, "load"), due, started_by, scheduled_time=due))

    def event(self, event: Event) -> Occurrence | None:
        """`{"action": "event", "load", "trigger", "event"}`, with the whole event of EventBridge."""
        check_fields(event, ("action", "load", "trigger", "event"))
        load, trigger = text(event, "load"), check_name(text(event, "trigger"), "trigger")
        body = event.get("event")
        if not isinstance(body, Mapping):
            raise InputError("event", "must be the event of EventBridge, a JSON object")
        request = Request(load, f"{trigger}-{text(body, 'id', max_bytes=36)}", StartedBy(Kind.EVENT, trigger))
        definition = self._store.definition(load)
        paths = definition.events.get(trigger) if definition else {}
        if paths is None:
            gone = InputError(f"events.{trigger}", f"load {load!r} no longer has this trigger")
            return self._requests.refuse(request, gone)
        try:
            picked = {name: pick(body, path, f"events.{trigger}.{name}") for name, path in paths.items()}
        except InputError as error:
            return self._requests.refuse(request, error)
        return self._requests.ask(_with(request, picked))


def _with(request: Request, parameters: Mapping[str, Any]) -> Request:
    return Request(request.load, request.occurrence, request.started_by, parameters)
