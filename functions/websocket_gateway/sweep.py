"""Recovers what nothing else does: runs whose event was lost, waiters left by a killed function, ended connections."""

import time
from collections.abc import Callable

from relay.data_api import DataApi
from relay.errors import RelayError, StatementNotFound
from relay.events import ENDED
from relay.log import log
from websocket_gateway.connections.connections import Connections
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.deliver_function import DeliverFunction
from websocket_gateway.delivery.data_changes import DataChanges
from websocket_gateway.delivery.management_api import ManagementApi
from websocket_gateway.delivery.thread_pool import ThreadPool
from websocket_gateway.questions.data_versions import DataVersions
from websocket_gateway.questions.latest_run import ABORTED, FAILED, TIMEOUT, UNWANTED, LatestRun
from websocket_gateway.questions.question_store import QuestionStore
from websocket_gateway.questions.ranges import parse_range
from websocket_gateway.questions.run_coordinator import RunCoordinator
from websocket_gateway.questions.run_slots import CLAIM_SECONDS, STATEMENT, RunSlots, Slot
from websocket_gateway.questions.unwanted_runs import UnwantedRuns
from websocket_gateway.storage.keys import Pending, connection_of, question_of
from websocket_gateway.storage.table import Table
from websocket_gateway.work_queue import WorkQueue

OVERDUE_SECONDS = 120
"""How long a cancelled statement may take to end, and an answer to reach its waiters, before the sweep goes on."""


class SweepFailed(RelayError):
    """Some items could not be recovered; all others were."""


class Sweep:
    """Checks once everything that is pending. What takes long is left to invocations of their own."""

    def __init__(
        self,
        table: Table,
        questions: QuestionStore,
        versions: DataVersions,
        connections: Connections,
        waiters: Waiters,
        runs: RunCoordinator,
        slots: RunSlots,
        unwanted_runs: UnwantedRuns,
        deliver_function: DeliverFunction,
        queue: WorkQueue,
        data_changes: DataChanges,
        api: DataApi,
        management: ManagementApi,
        pool: ThreadPool,
    ) -> None:
        self._table = table
        self._questions = questions
        self._versions = versions
        self._connections = connections
        self._waiters = waiters
        self._runs = runs
        self._slots = slots
        self._unwanted_runs = unwanted_runs
        self._deliver_function = deliver_function
        self._queue = queue
        self._data_changes = data_changes
        self._api = api
        self._management = management
        self._pool = pool
        self._failed = 0
        self._backlog = 0
        self._can_cancel = True

    def run(self) -> dict[str, int]:
        """Recovers everything once and returns counts; raises SweepFailed at the end if anything failed.

        `backlog` counts passes that have not ended, ranges that nobody has taken, and questions with clients whom a
        pass has left.
        """
        runs = {question_of(item) for item in self._table.pending(Pending.RUN)}
        waiting: dict[str, list[str]] = {}
        for item in self._table.pending(Pending.WAITER):
            waiting.setdefault(question_of(item), []).append(item["sk"])
        connections = [connection_of(item) for item in self._table.pending(Pending.CONNECTION)]
        self._pool.for_each(lambda connection: self._catch(connection, self._check_connection), connections)
        for question in sorted(runs):
            self._catch(question, self._check_run)
        for slot in self._slots.all():
            self._catch(slot.text, self._check_slot)
        for question, sort_keys in sorted(waiting.items()):
            self._deliver_function.deliver_to(question, sort_keys)
        ranges = list(self._table.pending(Pending.RANGE))
        for item in ranges:
            attempt, number = parse_range(item)
            self._queue.send_ranges(question_of(item), attempt, [number])
        self._data_changes.visit_all(self._versions.current().number)
        if self._failed:
            raise SweepFailed(f"{self._failed} items could not be recovered; the log names them")
        return {
            "runs": len(runs),
            "questions": len(waiting),
            "connections": len(connections),
            "backlog": self._backlog + len(waiting) + len(ranges),
        }

    def _catch(self, item: str, work: Callable[[str], None]) -> None:
        try:
            work(item)
        except Exception as error:
            # An item that fails must not keep the sweep from the others.
            log("ERROR", "sweep failed", item=item, error=f"{type(error).__name__}: {error}")
            self._failed += 1

    def _check_connection(self, connection: str) -> None:
        """Closes a connection at its end, and removes one whose $disconnect was lost."""
        if self._connections.is_open(connection) and self._management.is_there(connection):
            self._connections.mark_checked(connection)
            return
        self._management.close(connection)
        self._connections.remove(connection)  # _check_run cancels what nobody waits for any longer

    def _check_run(self, question: str) -> None:
        """Recovers a run that is in flight longer than expected: its event was lost, it was never started, it exceeded
        its time limit, nobody waits for it any longer, or it simply still runs."""
        latest = self._questions.read(question)
        if latest is None:
            return
        if latest.passing or latest.needs_pass:
            self._backlog += 1
            self._deliver_function.deliver(question)
        if not latest.is_in_flight:
            return
        overdue = time.time() - latest.started - latest.definition.timeout_seconds
        if not latest.statement:
            if overdue > 0:
                self._runs.give_up(latest.run)
                return
            if self._unwanted_runs.is_unwanted(latest):
                # A killed function may have started it: start returns that statement, and then cancels it.
                self._runs.cancel(latest, UNWANTED)
            self._runs.start(latest.run, latest.definition)
            return
        try:
            statement = self._api.describe(latest.statement)
        except StatementNotFound:
            self._end(latest, FAILED)
            return
        if statement.status in ENDED:
            self._end(latest, statement.status)
        elif overdue > OVERDUE_SECONDS and latest.reason == TIMEOUT:
            # It cannot be cancelled. Whoever waits is told; _check_slot goes on trying.
            self._runs.abandon(latest)
            self._end(latest, ABORTED)
        elif overdue > 0:
            self._cancel(latest, TIMEOUT)
        elif self._unwanted_runs.is_unwanted(latest):
            self._cancel(latest, UNWANTED)

    def _cancel(self, latest: LatestRun, reason: str) -> None:
        """Cancels a run for the first time or again, unless Redshift throttles: the next sweep goes on then."""
        self._can_cancel = self._can_cancel and self._runs.cancel(latest, reason)

    def _end(self, latest: LatestRun, state: str) -> None:
        if ended := self._questions.mark_ended(latest.run, state, latest.statement):
            self._runs.release(ended)
            self._deliver_function.deliver(latest.question)

    def _check_slot(self, text: str) -> None:
        """Releases a slot that a killed function left, or whose statement has ended; else cancels that again."""
        slot = Slot.parse(text)
        if slot.kind == STATEMENT:
            if self._has_ended(slot.subject):
                self._slots.release(text)
            elif self._can_cancel:
                self._can_cancel = self._runs.cancel_statement(slot.subject)
        elif time.time() - slot.taken_at > CLAIM_SECONDS:
            latest = self._questions.read(slot.subject)
            if latest is None or not latest.is_in_flight or latest.slot != text:
                self._slots.release(text)

    def _has_ended(self, statement: str) -> bool:
        try:
            return self._api.describe(statement).status in ENDED
        except StatementNotFound:
            return True
