"""What remains to be done when a run has ended: files, loads that follow, the event, the next day of a backfill.

Every step may be repeated. The item in the partition TODO is deleted when all of them are done; the sweep does what a
dead function has left.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

from scheduler.ends.report import DETAIL_TYPES, detail
from scheduler.files.files import Files
from scheduler.loads.definition import Definition
from scheduler.loads.request import Kind, Request, StartedBy
from scheduler.starts.requests import Requests
from scheduler.state.occurrence import STARTED, Occurrence, State
from scheduler.state.store import Store

PutEvent = Callable[[str, dict[str, object]], None]


class Remaining:
    """`put_event(detail_type, detail)` puts an event on the bus."""

    def __init__(self, store: Store, requests: Requests, files: Files, put_event: PutEvent, name_prefix: str) -> None:
        self._store = store
        self._requests = requests
        self._files = files
        self._put_event = put_event
        self._prefix = name_prefix

    def work_off(self, ended: Occurrence) -> None:
        """Does all of it; raises the first error after everything was tried, and leaves the item for the sweep."""
        errors: list[Exception] = []
        set_aside: tuple[str, ...] | None = ()
        follows: list[str] = []
        try:
            set_aside = self._end_files(ended)
        except Exception as error:
            errors.append(error)
        try:
            follows = self._follow(ended) if ended.state is State.FINISHED else []
        except Exception as error:
            errors.append(error)
        try:
            self._go_on(ended)
        except Exception as error:
            errors.append(error)
        if not errors and set_aside is not None:
            report = detail(self._prefix, ended, follows=follows, set_aside=set_aside)
            self._put_event(DETAIL_TYPES[ended.state], report)
            self._store.done(ended)
        if errors:
            raise errors[0]

    def _end_files(self, ended: Occurrence) -> tuple[str, ...] | None:
        if ended.request.files is None:
            return ()
        if ended.state is State.FINISHED:
            self._files.loaded(ended.request)
            return ()
        return self._files.failed(ended.request, ended.error or "")

    def _follow(self, ended: Occurrence) -> list[str]:
        """Asks for the loads whose predecessors have all finished since; returns their names."""
        following = [one for one in self._store.definitions() if ended.request.load in one.after]
        return sorted(one.name for one in following if self._asked_for(one, ended))

    def _asked_for(self, successor: Definition, ended: Occurrence) -> bool:
        """Whether a request of the successor answers this end; asks for it if one is due."""
        while True:
            state = self._store.load(successor.name)
            if state.asked.get(ended.request.load, 0) >= ended.finish:
                return True
            last = self._store.occurrence(successor.name, state.asked_by) if state.asked_by else None
            open_ = last is not None and last.state in (State.WAITING, State.REPLACED, *STARTED)
            answered = state.asked if open_ else state.answered
            finishes = {load: self._store.load(load).finishes for load in successor.after}
            if not all(count > answered.get(load, 0) for load, count in finishes.items()):
                return False
            request = Request(
                load=successor.name,
                occurrence=_occurrence(finishes),
                started_by=StartedBy(Kind.AFTER, ended.request.load),
                scheduled_time=ended.request.scheduled_time,
                answers=finishes,
            )
            if self._requests.ask(request, after=state):
                return True

    def _go_on(self, ended: Occurrence) -> None:
        """The next day of a backfill queues behind what waits; a day that was cancelled or refused is the last one."""
        request = ended.request
        if not (request.backfill_until and request.scheduled_time and ended.state in (State.FINISHED, State.FAILED)):
            return
        day = date.fromisoformat(request.scheduled_time[:10]) + timedelta(days=1)
        if day > date.fromisoformat(request.backfill_until):
            return
        occurrence = f"{day.isoformat()}{request.occurrence[10:]}"
        self._requests.ask(replace(request, occurrence=occurrence, scheduled_time=f"{day.isoformat()}T00:00:00Z"))


def _occurrence(finishes: dict[str, int]) -> str:
    """The same finishes are the same request."""
    counted = ",".join(f"{load}={count}" for load, count in sorted(finishes.items()))
    return f"after-{sha256(counted.encode()).hexdigest()[:16]}"
