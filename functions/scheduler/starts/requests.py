"""Asks for runs: the one way in for schedules, events, files, other loads and people."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from relay.errors import InputError
from scheduler.ends.ends import Ends
from scheduler.lanes.lanes import Lanes
from scheduler.loads.definition import DEFAULT_LANE, Definition
from scheduler.loads.parameters import bound
from scheduler.loads.request import Kind, Request
from scheduler.state.occurrence import Occurrence, State
from scheduler.state.reads import LoadState
from scheduler.state.store import REMEMBERED, Store, now, parameters_of

_COALESCING = (Kind.SCHEDULE, Kind.EVENT, Kind.AFTER)
"""What a person or files ask for is never replaced by a newer request."""


@dataclass(frozen=True)
class Asked:
    """What became of a request."""

    load: str
    occurrence: str
    state: State
    statement_id: str | None
    statement_name: str | None
    error: str | None

    @classmethod
    def of(cls, found: Occurrence) -> "Asked":
        """As the answer of an action."""
        request = found.request
        return cls(request.load, request.occurrence, found.state, found.statement_id, found.statement_name, found.error)


class Requests:
    """Stores a request in its lane, once however often it is asked for, and starts the lane."""

    def __init__(self, store: Store, lanes: Lanes, ends: Ends) -> None:
        self._store = store
        self._lanes = lanes
        self._ends = ends

    def ask(self, request: Request, *, after: LoadState | None = None) -> Occurrence | None:
        """Returns the occurrence as it is now; None if another request has answered the same ends, read as `after`."""
        found = self._store.occurrence(request.load, request.occurrence)
        if found is None:
            definition = self._definition(request)
            new = _new(request, definition)
            problem = self._problem(request, definition)
            if problem:
                self._ends.reject(new, problem.field, str(problem))
            elif not self._queue(new, after or LoadState()):
                return None
        current = self._store.occurrence(request.load, request.occurrence)
        if current and current.state is State.WAITING:
            self._lanes.start(current.lane)
            current = self._store.occurrence(request.load, request.occurrence)
        return current

    def refuse(self, request: Request, error: InputError) -> Occurrence | None:
        """Reports a request that cannot be asked for, e.g. because its event lacks a value."""
        self._ends.reject(_new(request, self._definition(request)), error.field, str(error))
        return self._store.occurrence(request.load, request.occurrence)

    def _queue(self, new: Occurrence, after: LoadState) -> bool:
        """Queues a request; False if another one has answered the same ends of predecessors."""
        load, name = new.request.load, new.request.occurrence
        while True:
            newest = self._store.newest(load, parameters_of(new)) if new.coalesces else None
            old = self._store.occurrence(load, newest) if newest else None
            if old is None:
                written = self._store.ask(new, after)
            elif _is_older(new, old):
                written = self._store.record(_replaced_by(new, old))
            else:
                written = self._store.ask_instead(new, old, after)
            if written or self._store.occurrence(load, name):
                return True
            if new.request.answers and self._store.load(load).asked_by != after.asked_by:
                return False

    def _definition(self, request: Request) -> Definition | None:
        if request.sql is not None:
            return Definition(request.load, (request.sql,))
        return self._store.definition(request.load)

    def _problem(self, request: Request, definition: Definition | None) -> InputError | None:
        if definition is None:
            return InputError("load", f"load {request.load!r} does not exist. It may have been removed or renamed.")
        due = datetime.fromisoformat(request.scheduled_time) if request.scheduled_time else None
        by_clock = request.started_by.kind is Kind.SCHEDULE
        if due and by_clock and datetime.now(UTC) - due > REMEMBERED:
            days = REMEMBERED.days
            return InputError("scheduled_time", f"{request.scheduled_time} is more than {days} days ago: refused.")
        try:
            bound(definition, request)
        except InputError as error:
            return error
        return None


def _new(request: Request, definition: Definition | None) -> Occurrence:
    asked = now()
    coalesces = definition is not None and definition.coalesces and request.started_by.kind in _COALESCING
    return Occurrence(
        request=request,
        state=State.WAITING,
        lane=definition.lane if definition else DEFAULT_LANE,
        place=f"{datetime.now(UTC).isoformat(timespec='microseconds')}#{request.load}#{request.occurrence}",
        requested_at=asked,
        coalesces=coalesces and request.files is None,
    )


def _is_older(new: Occurrence, old: Occurrence) -> bool:
    """Whether a late request was due before the one that waits already."""
    due, other = new.request.scheduled_time, old.request.scheduled_time
    if due is None or other is None or new.request.answers:
        return False
    return datetime.fromisoformat(due) < datetime.fromisoformat(other)


def _replaced_by(new: Occurrence, old: Occurrence) -> Occurrence:
    return replace(
        new, state=State.REPLACED, coalesces=False, problem=old.request.occurrence, ended_at=new.requested_at
    )
