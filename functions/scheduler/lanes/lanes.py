"""Lanes: loads of one lane run one after the other, in the order of asking. A load never runs twice at once.

A request that cannot start yet (its load is paused, runs in another lane, or waits for another attempt) lets other
loads pass, but no later request of its own load. One that can never start is reported and taken out.
"""

from datetime import UTC, datetime, timedelta

from relay.data_api import DataApi
from relay.errors import CallFailed, InputError, StatementNotFound
from relay.events import ENDED
from relay.log import log
from scheduler.ends.ends import Ends
from scheduler.lanes.submission import NotYet, Refused, find, freeze, submit
from scheduler.loads.definition import Definition
from scheduler.state.occurrence import Occurrence, State
from scheduler.state.store import Store, now
from scheduler.timers import Timers

RETRY_SECONDS = 20
"""After how many seconds a statement that Redshift did not accept yet is submitted again; the sweep goes on."""
HEAD = timedelta(hours=24)
"""After this a head is given up: a statement runs for at most 24 hours, and Redshift forgets it 24 hours after its end.

https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations
"""


class Lanes:
    """Starts what may start, and looks after what runs."""

    def __init__(self, store: Store, api: DataApi, ends: Ends, timers: Timers, name_prefix: str) -> None:
        self._store = store
        self._api = api
        self._ends = ends
        self._timers = timers
        self._prefix = name_prefix

    def look(self, lane: str) -> None:
        """Finds out what became of the head of a lane, and starts the next request if the lane is free."""
        head = self._store.lane(lane).head
        if head and (started := self._store.occurrence(*_split(head))):
            self._look_at(started)
        for other in self._tidied(lane):
            self.start(other)
        self.start(lane)

    def start(self, lane: str) -> None:
        """Starts the first request of a lane that may start, if the lane is free."""
        elsewhere: set[str] = set()
        while claimed := self._claim_first(lane, elsewhere):
            self._submit(claimed)
        for other in elsewhere:
            self.start(other)

    def start_after(self, ended: Occurrence) -> None:
        """Starts what may start when a run has ended: in its lane, and in the lane to which its load belongs now."""
        self.start(ended.lane)
        definition = self._store.definition(ended.request.load)
        if definition is not None and definition.lane != ended.lane:
            self.start(definition.lane)

    def cancel(self, started: Occurrence) -> bool:
        """Cancels the statement of the head; False if that has to be tried again, which the sweep does."""
        statement_id = started.statement_id or find(self._api, started)
        try:
            if statement_id is not None:
                self._api.cancel(statement_id)
        except CallFailed as error:
            log("ERROR", "load not cancelled", statement_name=started.statement_name, reason=str(error))
            return False
        return True

    # --- the next request

    def _claim_first(self, lane: str, elsewhere: set[str]) -> Occurrence | None:
        state = self._store.lane(lane)
        if state.head or state.paused:
            return None
        blocked: set[str] = set()
        for load, name in self._store.queue(lane):
            if load in blocked:
                continue
            waiting = self._store.occurrence(load, name)
            if waiting is None or waiting.state is not State.WAITING or waiting.lane != lane:
                continue  # it has left the queue since it was read
            definition = definition_of(self._store, waiting)
            if definition is None or definition.lane != lane:
                self._leave(waiting, definition, elsewhere)
            elif self._is_blocked(waiting):
                blocked.add(load)
            elif (frozen := self._frozen(definition, waiting)) is not None:
                if claimed := self._store.claim(waiting, **frozen):
                    return claimed
                if self._store.lane(lane).head:
                    return None
                blocked.add(load)
        return None

    def _tidied(self, lane: str) -> set[str]:
        """Takes out what does not belong to a lane any more, also while another load runs; the lanes it went to."""
        definitions: dict[str, Definition | None] = {}
        elsewhere: set[str] = set()
        for load, name in self._store.queue(lane):
            if load not in definitions:
                definitions[load] = self._store.definition(load)
            definition = definitions[load]
            if definition is not None and definition.lane == lane:
                continue
            waiting = self._store.occurrence(load, name)
            if waiting and waiting.request.sql is None and waiting.state is State.WAITING and waiting.lane == lane:
                self._leave(waiting, definition, elsewhere)
        return elsewhere

    def _leave(self, waiting: Occurrence, definition: Definition | None, elsewhere: set[str]) -> None:
        """A waiting request leaves its lane: its load was removed, or belongs to another lane now."""
        if definition is None:
            reason = f"load {waiting.request.load!r} no longer exists. It was removed or renamed while it waited."
            self._ends.refuse(waiting, "load", reason)
        else:
            self._store.move(waiting, definition.lane)
            elsewhere.add(definition.lane)

    def _frozen(self, definition: Definition, waiting: Occurrence) -> dict[str, object] | None:
        try:
            return freeze(self._prefix, definition, waiting, now())
        except InputError as error:
            self._ends.refuse(waiting, error.field, str(error))
            return None

    def _is_blocked(self, waiting: Occurrence) -> bool:
        state = self._store.load(waiting.request.load)
        return state.paused or state.running is not None or (waiting.not_before or "") > now()

    # --- the head

    def _look_at(self, started: Occurrence) -> None:
        if started.state is State.CLAIMED:
            self._look_at_claimed(started)
        elif started.state is State.RUNNING:
            self._look_at_running(started)

    def _look_at_claimed(self, claimed: Occurrence) -> None:
        """Somebody claimed it and may have died since; the statement may have reached Redshift."""
        try:
            found = find(self._api, claimed)
        except CallFailed as error:
            if _age(claimed) <= HEAD:
                raise
            self._ends.refuse_claimed(claimed, "sql", f"Redshift has not accepted the statement. {error}")
            return
        if found is not None:
            self._submitted(claimed, found)
        elif claimed.cancel:
            self._ends.end(claimed, State.ABORTED, error=claimed.cancel)
        elif _age(claimed) > min(HEAD, timedelta(minutes=claimed.timeout_minutes)):
            self._ends.refuse_claimed(claimed, "sql", f"Redshift has not accepted the statement: {claimed.error or ''}")
        else:
            self._submit(claimed)

    def _look_at_running(self, running: Occurrence) -> None:
        try:
            statement = self._api.describe(running.statement_id or "")
        except CallFailed as error:
            if _age(running) > HEAD:
                self._ends.end(running, State.FAILED, error=f"It is unknown how the statement ended. {error}")
                return
            if isinstance(error, StatementNotFound):
                log("ERROR", "statement not found", statement_id=running.statement_id, reason=str(error))
                return  # another role's, since the role was changed: its event may still report its end
            raise
        if statement.status in ENDED:
            self._ends.ended(running, statement)
            return
        minutes = running.timeout_minutes
        if not running.cancel and _age(running) > timedelta(minutes=minutes):
            reason = f"The load exceeded its time limit of {minutes} minutes and was cancelled."
            flagged = self._store.flag(running, reason)
            if flagged is None:
                return  # its end, or a person's wish, was noted meanwhile; the next sweep looks again
            running = flagged
        if running.cancel:
            self.cancel(running)

    def _submit(self, claimed: Occurrence) -> None:
        try:
            self._submitted(claimed, submit(self._api, self._prefix, claimed))
        except NotYet as reason:
            self._store.note(claimed, str(reason))
            self._timers.send("look", RETRY_SECONDS, lane=claimed.lane)
        except Refused as refusal:
            self._ends.refuse_claimed(claimed, refusal.field, str(refusal))

    def _submitted(self, claimed: Occurrence, statement_id: str) -> None:
        """Notes the statement, also if a wish to cancel was noted meanwhile."""
        current: Occurrence | None = claimed
        while current and current.state is State.CLAIMED and current.attempt == claimed.attempt:
            if running := self._store.submitted(current, statement_id, now()):
                if running.cancel:
                    self.cancel(running)
                return
            current = self._store.occurrence(current.request.load, current.request.occurrence)


def definition_of(store: Store, occurrence: Occurrence) -> Definition | None:
    """The load as it is now; a statement that a person runs once has no other definition than its SQL."""
    request = occurrence.request
    if request.sql is not None:
        return Definition(request.load, (request.sql,), lane=occurrence.lane)
    return store.definition(request.load)


def _age(started: Occurrence) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(started.claimed_at or "")


def _split(head: str) -> tuple[str, str]:
    load, _, occurrence = head.partition("/")
    return load, occurrence
