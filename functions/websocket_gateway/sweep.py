"""Looks after what nobody else will: runs whose event was lost, waiters left by a killed function, old connections."""

import time
from collections.abc import Callable

from relay.data_api import DataApi
from relay.errors import RelayError, StatementNotFound
from relay.events import ENDED
from relay.log import log
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.delivery.deliverer import Deliverer
from websocket_gateway.delivery.management_api import Pusher
from websocket_gateway.questions.question_store import ABORTED, FAILED, NOT_STARTED, TIMEOUT, Meta, Questions
from websocket_gateway.questions.run_coordinator import Runs
from websocket_gateway.storage.table import Table

PATIENCE_SECONDS = 120
"""How long a statement that was cancelled may go on, and an answer that is there may wait for its waiters."""


class SweepFailed(RelayError):
    """Something could not be looked after; all the rest was."""


class Sweep:
    """One look at all that is pending. What takes long is left to invocations of their own."""

    def __init__(
        self,
        table: Table,
        questions: Questions,
        waiters: Waiters,
        runs: Runs,
        api: DataApi,
        pusher: Pusher,
        deliverer: Deliverer,
    ) -> None:
        self._table = table
        self._questions = questions
        self._waiters = waiters
        self._runs = runs
        self._api = api
        self._pusher = pusher
        self._deliverer = deliverer
        self._failed = 0

    def look(self) -> dict[str, int]:
        """Takes care of everything once and returns counts; raises SweepFailed when all the rest is done."""
        runs = {item["pk"].removeprefix("Q#") for item in self._table.pending("run")}
        waiting = {item["pk"].removeprefix("Q#") for item in self._table.pending("waiter")}
        ended = [item["pk"].removeprefix("C#") for item in self._table.pending("connection")]
        self._pusher.each(lambda connection: self._safely(connection, self._end), ended)
        for question in sorted(runs):
            self._safely(question, self._check)
        for question in sorted(waiting | self._table.live_questions()):
            self._safely(question, self._catch_up)
        if self._failed:
            raise SweepFailed(f"{self._failed} could not be looked after; the log says which")
        return {"runs": len(runs), "questions": len(waiting), "connections": len(ended)}

    def _safely(self, what: str, work: Callable[[str], None]) -> None:
        try:
            work(what)
        except Exception as error:
            # One that fails must not keep the sweep from the others.
            log("ERROR", "sweep failed", what=what, error=f"{type(error).__name__}: {error}")
            self._failed += 1

    def _end(self, connection: str) -> None:
        self._pusher.close(connection)
        self._waiters.disconnect(connection)

    def _check(self, question: str) -> None:
        """A run that is open longer than it should be: ended unheard, not started, too slow, or just at work."""
        meta = self._questions.read(question)
        if meta is None or not meta.in_flight:
            return
        late = time.time() - meta.started - meta.definition.timeout_seconds
        if not meta.statement:
            if late > 0:
                self._runs.give_up(meta.run)
            else:
                self._runs.start(meta.run, meta.definition)
            return
        try:
            statement = self._api.describe(meta.statement)
        except StatementNotFound:
            self._settle(meta, FAILED)
            return
        if statement.status in ENDED:
            self._settle(meta, statement.status)
        elif late > PATIENCE_SECONDS and meta.reason == TIMEOUT:
            self._settle(meta, ABORTED)  # it cannot be cancelled: nobody waits any longer for that
        elif late > 0:
            self._runs.cancel(meta, TIMEOUT)

    def _settle(self, meta: Meta, state: str) -> None:
        if self._runs.ended(meta.run, state, meta.statement):
            self._runs.deliver_soon(meta.question)

    def _catch_up(self, question: str) -> None:
        """Waiters whose answer is there, or whose next run was never started."""
        meta = self._questions.read(question)
        if meta is None:
            # Whoever stored them was killed before there was anything to wait for.
            self._deliverer.dismiss(question, NOT_STARTED)
            return
        if meta.in_flight:
            if any(waiter.live for waiter in self._waiters.of(question)):
                # The event that data changed may have been lost on its way to this question.
                self._runs.ensure(question, meta.definition, self._questions.version())
            return
        awaited = self._deliverer.awaited(meta)
        if awaited:
            self._runs.deliver_soon(question)
        if not awaited or time.time() - meta.ended / 1000 > PATIENCE_SECONDS:
            self._deliverer.follow(meta)
