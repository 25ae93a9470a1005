"""Notes how runs end: for good, or until another attempt. The write that notes an end also notes what is left to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from relay.data_api import DataApi, Statement
from relay.errors import CallFailed, StatementNotFound
from relay.events import ENDED, Completion
from relay.log import log
from relay.names import StatementName
from relay.redaction import redact
from scheduler.retried_errors import may_pass
from scheduler.state.occurrence import STARTED, Occurrence, State
from scheduler.state.store import Store, now
from scheduler.timers import Timers

BACKOFF_SECONDS = 30
"""Before the second attempt; each further one waits twice as long."""
MAX_BACKOFF_SECONDS = 900
MAX_ERROR = 4000
"""Characters of an error: far below EventBridge's 256 KB an entry, enough for any message of Redshift."""


class Ends:
    """`noted` are the runs whose end was noted here and for which something remains to be done."""

    def __init__(self, store: Store, api: DataApi, timers: Timers) -> None:
        self._store = store
        self._api = api
        self._timers = timers
        self.noted: list[Occurrence] = []

    def completed(self, event: Completion) -> None:
        """A completion event of a load: it may come twice, late, or before the statement was noted."""
        name = StatementName.parse(event.statement_name)
        found = self._store.occurrence(name.load, name.occurrence) if name else None
        if found is None or name is None:
            log("INFO", "not a load of this table", statement_name=event.statement_name)
        elif found.state in STARTED and found.attempt == name.attempt:
            if found.statement_id in (None, event.statement_id):
                self.ended(found, self._described(event))
        elif self._store.has_todo(found):
            self.noted.append(found)

    def ended(self, started: Occurrence, statement: Statement) -> None:
        """The statement of a head has ended: notes it, or queues the next attempt."""
        error = started.cancel if statement.status == "ABORTED" and started.cancel else statement.error
        facts = {
            "statement_id": statement.id,
            "started_at": _iso(statement.created_at) or started.started_at or started.claimed_at,
            "ended_at": _iso(statement.updated_at) or now(),
            "duration_seconds": statement.duration_seconds,
            "rows": statement.rows,
        }
        may_retry = statement.status == "FAILED" and may_pass(error) and not started.cancel
        if may_retry and started.attempt < started.attempts:
            seconds = min(MAX_BACKOFF_SECONDS, BACKOFF_SECONDS * 2 ** (started.attempt - 1))
            not_before = datetime.now(UTC) + timedelta(seconds=seconds)
            again = self._as_read(started, lambda current: self._store.retry(current, _text(not_before)))
            if again:
                log("ERROR", "load tried again", statement_name=started.statement_name, reason=_cut(error))
                self._timers.send("look", seconds, lane=again.lane)
            return
        self.end(started, State(statement.status), error=_cut(error) or None, **facts)

    def end(self, started: Occurrence, state: State, **facts: object) -> None:
        """The head has ended for good."""
        facts = {"ended_at": now(), **facts}
        ended = self._as_read(started, lambda current: self._store.end(current, state=state, **facts))
        self._note(ended)

    def refuse_claimed(self, claimed: Occurrence, problem: str, reason: str) -> None:
        """Redshift does not accept the statement of the head."""
        self.end(claimed, State.NOT_STARTED, problem=problem, error=_cut(reason))

    def refuse(self, waiting: Occurrence, problem: str, reason: str) -> None:
        """A waiting request can never start."""
        self._note(
            self._store.refuse(waiting, state=State.NOT_STARTED, problem=problem, error=_cut(reason), ended_at=now())
        )

    def withdraw(self, waiting: Occurrence, reason: str) -> bool:
        """A person cancels a waiting request; False if it no longer waits."""
        withdrawn = self._store.refuse(waiting, state=State.ABORTED, error=reason, ended_at=now())
        self._note(withdrawn)
        return withdrawn is not None

    def reject(self, new: Occurrence, problem: str, reason: str) -> None:
        """A request that can never start is not queued."""
        rejected = replace(
            new, state=State.NOT_STARTED, coalesces=False, problem=problem, error=_cut(reason), ended_at=now()
        )
        self._note(self._store.record(rejected))

    def _note(self, ended: Occurrence | None) -> None:
        if ended is not None:
            log("INFO", "load ended", occurrence=ended.id, state=ended.state, reason=ended.error or "")
            self.noted.append(ended)

    def _as_read(self, started: Occurrence, transition: Callable[[Occurrence], Occurrence | None]) -> Occurrence | None:
        """Makes the transition of an attempt, also if something else was noted about it meanwhile."""
        current: Occurrence | None = started
        while current and current.state in STARTED and current.attempt == started.attempt:
            if new := transition(current):
                return new
            current = self._store.occurrence(current.request.load, current.request.occurrence)
        return None

    def _described(self, event: Completion) -> Statement:
        """The statement of an event, which itself carries neither error text nor rows."""
        try:
            statement = self._api.describe(event.statement_id)
        except StatementNotFound as error:
            log("ERROR", "statement not described", statement_id=event.statement_id, reason=str(error))
            return Statement(
                event.statement_id, event.state, error="The reason is unknown." * (event.state == "FAILED")
            )
        if statement.status in ENDED:
            return statement
        if event.state == "FINISHED":
            return replace(statement, status=event.state)
        # The event overtook the status, and only the status has the reason. Lambda tries the event again.
        raise CallFailed("DescribeStatement", "StatusBehindEvent", f"{statement.id} is still {statement.status}")


def _cut(error: str) -> str:
    return redact(error)[:MAX_ERROR]


def _iso(moment: datetime | None) -> str | None:
    return _text(moment.astimezone(UTC)) if moment else None


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
