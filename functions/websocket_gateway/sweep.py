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
from websocket_gateway.delivery.deliverer import Deliverer
from websocket_gateway.delivery.management_api import ManagementApi
from websocket_gateway.delivery.thread_pool import ThreadPool
from websocket_gateway.questions.data_versions import DataVersions
from websocket_gateway.questions.latest_run import ABORTED, FAILED, NOT_STARTED, TIMEOUT, LatestRun
from websocket_gateway.questions.question_store import QuestionStore
from websocket_gateway.questions.run_coordinator import RunCoordinator
from websocket_gateway.storage.keys import Pending, connection_of, question_of
from websocket_gateway.storage.table import Table

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
        deliver_function: DeliverFunction,
        api: DataApi,
        management: ManagementApi,
        pool: ThreadPool,
        deliverer: Deliverer,
    ) -> None:
        self._table = table
        self._questions = questions
        self._versions = versions
        self._connections = connections
        self._waiters = waiters
        self._runs = runs
        self._deliver_function = deliver_function
        self._api = api
        self._management = management
        self._pool = pool
        self._deliverer = deliverer
        self._failed = 0

    def run(self) -> dict[str, int]:
        """Recovers everything once and returns counts; raises SweepFailed at the end if anything failed."""
        runs = {question_of(item) for item in self._table.pending(Pending.RUN)}
        waiting = {question_of(item) for item in self._table.pending(Pending.WAITER)}
        ended = [connection_of(item) for item in self._table.pending(Pending.CONNECTION)]
        self._pool.for_each(lambda connection: self._catch(connection, self._close), ended)
        for question in sorted(runs):
            self._catch(question, self._check_run)
        for question in sorted(waiting | self._table.live_questions()):
            self._catch(question, self._check_waiters)
        if self._failed:
            raise SweepFailed(f"{self._failed} items could not be recovered; the log names them")
        return {"runs": len(runs), "questions": len(waiting), "connections": len(ended)}

    def _catch(self, item: str, work: Callable[[str], None]) -> None:
        try:
            work(item)
        except Exception as error:
            # An item that fails must not keep the sweep from the others.
            log("ERROR", "sweep failed", item=item, error=f"{type(error).__name__}: {error}")
            self._failed += 1

    def _close(self, connection: str) -> None:
        self._management.close(connection)
        self._connections.remove(connection)

    def _check_run(self, question: str) -> None:
        """Recovers a run that is in flight longer than expected: its event was lost, it was never started, it exceeded
        its time limit, or it simply still runs."""
        latest = self._questions.read(question)
        if latest is None or not latest.is_in_flight:
            return
        overdue = time.time() - latest.started - latest.definition.timeout_seconds
        if not latest.statement:
            if overdue > 0:
                self._runs.give_up(latest.run)
            else:
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
            self._end(latest, ABORTED)  # it cannot be cancelled, and nobody waits for it any longer
        elif overdue > 0:
            self._runs.cancel(latest, TIMEOUT)

    def _end(self, latest: LatestRun, state: str) -> None:
        if self._runs.mark_ended(latest.run, state, latest.statement):
            self._deliver_function.deliver(latest.question)

    def _check_waiters(self, question: str) -> None:
        """Recovers waiters whose answer exists, or whose next run was never started."""
        latest = self._questions.read(question)
        if latest is None:
            # The function that stored them was killed before it claimed a run.
            self._deliverer.dismiss(question, NOT_STARTED)
            return
        if latest.is_in_flight:
            if any(waiter.live for waiter in self._waiters.of(question)):
                # An event about changed data may not have reached this question.
                self._runs.ensure_run(question, latest.definition, self._versions.current())
            return
        has_waiting = self._deliverer.has_waiting(latest)
        if has_waiting:
            self._deliver_function.deliver(question)
        if not has_waiting or time.time() - latest.ended / 1000 > OVERDUE_SECONDS:
            self._deliverer.start_next(latest)
