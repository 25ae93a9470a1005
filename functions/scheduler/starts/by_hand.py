"""What a person asks for: run, backfill, cancel, pause, resume, a statement that runs once, and what there is."""

from dataclasses import asdict
from datetime import date
from hashlib import sha256
from typing import Any

from relay.actions import Event, check_fields, text
from relay.errors import InputError
from relay.sql_size import MAX_SQL_BYTES
from scheduler.ends.ends import Ends
from scheduler.lanes.lanes import Lanes
from scheduler.loads.definition import Definition
from scheduler.loads.parameters import SCHEDULED_TIME
from scheduler.loads.request import Kind, Request, StartedBy, check_name
from scheduler.starts.requests import Asked, Requests
from scheduler.state.occurrence import STARTED, Occurrence, State
from scheduler.state.store import Store

BY_HAND = "by_hand"
"""The load to which a statement without a name belongs."""
RECENT = 20
"""Ended occurrences of each load that `list` shows."""


class ByHand:
    """Each method takes the input of its action; raises InputError."""

    def __init__(self, store: Store, requests: Requests, lanes: Lanes, ends: Ends) -> None:
        self._store = store
        self._requests = requests
        self._lanes = lanes
        self._ends = ends

    def execute_sql(self, event: Event, request_id: str) -> dict[str, Any]:
        """Runs a statement once, in the default lane; the name of a load that Terraform defined is refused."""
        check_fields(event, ("action", "load", "sql", "occurrence"))
        load = text(event, "load", default=BY_HAND)
        occurrence = text(event, "occurrence", default=request_id)
        sql = text(event, "sql", max_bytes=MAX_SQL_BYTES)
        request = Request(load, occurrence, StartedBy(Kind.HAND, "execute_sql"), sql=sql)
        if self._store.definition(load) is not None:
            raise InputError("load", f"{load!r} has its own SQL. Use the action run, or another name.")
        return _asked(self._requests.ask(request))

    def run(self, event: Event, request_id: str) -> dict[str, Any]:
        """Runs a load, with values for its parameters."""
        check_fields(event, ("action", "load", "parameters", "scheduled_time", "occurrence"))
        load = self._defined(event).name
        request = Request(
            load,
            text(event, "occurrence", default=request_id),
            StartedBy(Kind.HAND, "run"),
            _texts(event.get("parameters") or {}),
            scheduled_time=text(event, "scheduled_time") if event.get("scheduled_time") else None,
        )
        return _asked(self._requests.ask(request))

    def backfill(self, event: Event, request_id: str) -> dict[str, Any]:
        """Runs a load for each day from `from` to `to`, in order; each queues when the one before has ended."""
        check_fields(event, ("action", "load", "from", "to", "parameters"))
        definition = self._defined(event)
        if SCHEDULED_TIME not in definition.uses:
            raise InputError(
                "load", f"the SQL of {definition.name!r} has no :{SCHEDULED_TIME}, so each day would be alike"
            )
        first, last = _day(event, "from"), _day(event, "to")
        if last < first:
            raise InputError("to", f"{last} is before {first}")
        request = Request(
            definition.name,
            f"{first}-backfill-{sha256(request_id.encode()).hexdigest()[:12]}",
            StartedBy(Kind.HAND, "backfill"),
            _texts(event.get("parameters") or {}),
            scheduled_time=f"{first}T00:00:00Z",
            backfill_until=str(last),
        )
        return _asked(self._requests.ask(request))

    def cancel(self, event: Event) -> dict[str, Any]:
        """Cancels an occurrence that waits or runs; by default what runs of the load."""
        check_fields(event, ("action", "load", "occurrence"))
        load = check_name(text(event, "load"), "load")
        running = (self._store.load(load).running or "").partition("/")[2]
        name = text(event, "occurrence", default=running or "-")
        while found := self._store.occurrence(load, name):
            if found.state is State.WAITING and self._ends.withdraw(found, "Cancelled by hand."):
                break
            if found.state in STARTED and (flagged := self._store.flag(found, "Cancelled by hand.")):
                self._lanes.cancel(flagged)
                break
            if found.state not in (State.WAITING, *STARTED):
                raise InputError("occurrence", f"{found.id} has already ended: {found.state}")
        if found is None:
            raise InputError("occurrence", f"nothing of load {load!r} waits or runs under this name. Use list.")
        return _asked(self._store.occurrence(load, name))

    def pause(self, event: Event, *, paused: bool) -> dict[str, Any]:
        """Pauses or resumes a load or a lane; what runs goes on."""
        check_fields(event, ("action", "load", "lane"))
        given = {field: check_name(text(event, field), field) for field in ("load", "lane") if event.get(field)}
        if len(given) != 1:
            raise InputError("load", "set either load or lane")
        if "lane" in given and given["lane"] not in self._lane_names():
            raise InputError("lane", f"{given['lane']!r} is not a lane. Lanes are: {', '.join(self._lane_names())}")
        if "load" in given:
            self._defined(event)
        self._store.pause(**given, paused=paused)
        if not paused:
            for lane in self._store.lanes():
                self._lanes.start(lane.name)
        return {**given, "paused": paused}

    def overview(self, event: Event) -> dict[str, Any]:
        """All lanes and loads: what runs, what waits, and how the last runs ended."""
        check_fields(event, ("action", "load"))
        only = event.get("load")
        definitions = {one.name: one for one in self._store.definitions()}
        waiting = [(lane, *entry) for lane in self._store.lanes() for entry in self._store.queue(lane.name)]
        names = sorted({*definitions, *(load for _, load, _ in waiting)} if only is None else {str(only)})
        return {
            "lanes": [
                {**asdict(lane), "waiting": [f"{load}/{name}" for one, load, name in waiting if one == lane]}
                for lane in self._store.lanes()
            ],
            "loads": [self._listed(name, definitions.get(name)) for name in names],
        }

    def _listed(self, name: str, definition: Definition | None) -> dict[str, Any]:
        state = self._store.load(name)
        occurrences = sorted(self._store.occurrences(name), key=lambda one: one.requested_at, reverse=True)
        open_ = [one for one in occurrences if one.state in (State.WAITING, *STARTED)]
        ended = [one for one in occurrences if one not in open_ and one.state is not State.REPLACED]
        return {
            "load": name,
            "lane": definition.lane if definition else None,
            "paused": state.paused,
            "finishes": state.finishes,
            "failures": state.failures,
            "open": [_summary(one) for one in open_],
            "ended": [_summary(one) for one in ended[:RECENT]],
        }

    def _lane_names(self) -> list[str]:
        return sorted({lane.name for lane in self._store.lanes()} | {one.lane for one in self._store.definitions()})

    def _defined(self, event: Event) -> Definition:
        load = check_name(text(event, "load"), "load")
        definition = self._store.definition(load)
        if definition is None:
            names = ", ".join(sorted(one.name for one in self._store.definitions())) or "none"
            raise InputError("load", f"{load!r} is not a load. Loads are: {names}")
        return definition


def _asked(found: Occurrence | None) -> dict[str, Any]:
    return asdict(Asked.of(found)) if found else {}


def _summary(one: Occurrence) -> dict[str, Any]:
    return {
        "occurrence": one.request.occurrence,
        "state": one.state,
        "started_by": asdict(one.request.started_by),
        "attempt": one.attempt,
        "requested_at": one.requested_at,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "waited_seconds": one.waited_seconds,
        "duration_seconds": one.duration_seconds,
        "rows": one.rows,
        "statement_id": one.statement_id,
        "error": one.error,
    }


def _texts(given: object) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(value, str) and value for value in given.values()):
        raise InputError("parameters", 'must be a JSON object of non-empty texts, e.g. {"day": "2026-01-31"}')
    return given


def _day(event: Event, field: str) -> date:
    try:
        return date.fromisoformat(text(event, field, max_bytes=10))
    except ValueError as error:
        raise InputError(field, "must be a day, e.g. 2026-01-31") from error
