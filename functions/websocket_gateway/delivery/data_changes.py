"""Follows a change of the data: the next version, and new answers for live waiters, ten questions at a time."""

from typing import Any

from relay.log import log
from websocket_gateway.delivery.deliverer import Deliverer
from websocket_gateway.questions.data_versions import DataVersions
from websocket_gateway.questions.question_store import QuestionStore
from websocket_gateway.questions.run_coordinator import RunCoordinator
from websocket_gateway.questions.turns import Turn, Turns
from websocket_gateway.storage.table import Table
from websocket_gateway.work_queue import WorkQueue

QUESTIONS = 10
"""Questions that one message visits."""
PACE_SECONDS = 1
"""How long the next message waits after one that started statements: 10 a second, so that asks and loads find room.

The Data API takes 30 ExecuteStatement a second of an account:
https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
"""
BUSY_SECONDS = 5
"""How long a question waits that finds no free slot."""


class DataChanges:
    """Starts a run for every question that live waiters watch, where it needs one."""

    def __init__(
        self,
        table: Table,
        questions: QuestionStore,
        versions: DataVersions,
        turns: Turns,
        queue: WorkQueue,
        runs: RunCoordinator,
        deliverer: Deliverer,
    ) -> None:
        self._table = table
        self._questions = questions
        self._versions = versions
        self._turns = turns
        self._queue = queue
        self._runs = runs
        self._deliverer = deliverer

    def follow(self, changed_at: str | None, source: str) -> dict[str, Any]:
        """Increments the data version of a source; returns it. Messages visit the live questions."""
        version = self._versions.increment(changed_at, source)
        log("INFO", "data changed", data_version=version.number, source=source)
        self.visit_all(version.number)
        return {"version": version.number}

    def visit_all(self, version: int) -> None:
        """Gives every live question its turn, unless a chain of messages is at it already."""
        if turn := self._turns.begin(version):
            self._queue.send_turn(turn, 0)

    def visit(self, turn: Turn) -> int:
        """Visits the next ten live questions, and sends the next message; returns how many."""
        if not self._turns.is_next(turn):
            return 0
        self._versions.current()  # recent for all that follow
        questions, cursor = self._next(turn.cursor)
        started, is_busy = 0, False
        for question in questions:
            try:
                outcome = self._update(question)
            except Exception as error:
                # The next chain tries again. Raising would keep the others waiting.
                log("ERROR", "question not updated", question=question, error=f"{type(error).__name__}: {error}")
                continue
            started += outcome is True
            is_busy = is_busy or outcome is False
        if is_busy:
            following, delay = self._turns.go_on(turn, turn.cursor), BUSY_SECONDS
        elif cursor is None:
            following, delay = self._turns.end(turn), PACE_SECONDS
        else:
            following, delay = self._turns.go_on(turn, cursor), PACE_SECONDS if started else 0
        if following:
            self._queue.send_turn(following, delay)
        return len(questions)

    def _next(self, cursor: str) -> tuple[list[str], str | None]:
        """The next live questions after a cursor, and the cursor after them, None at the end."""
        questions: list[str] = []
        for question, following in self._table.live_questions(cursor):
            if question in questions:
                cursor = following
                continue
            if len(questions) == QUESTIONS:
                return questions, cursor
            questions.append(question)
            cursor = following
        return questions, None

    def _update(self, question: str) -> bool | None:
        """Makes sure that live waiters of a question get an answer of its current version: whether its next run was
        started, None if it needs none."""
        while latest := self._questions.read(question):
            version = self._versions.recent(latest.definition.refreshed_by)
            if latest.run.version >= version.number:
                return None
            if not latest.is_in_flight:
                return self._deliverer.start_next(latest)
            if self._runs.ensure_version(latest, version):
                return None
        return None
