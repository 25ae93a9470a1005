"""Follows a change of the data: the next version, and new answers for live waiters."""

from typing import Any

from relay.log import log
from websocket_gateway.delivery.deliverer import Deliverer
from websocket_gateway.questions.data_versions import DataVersion, DataVersions
from websocket_gateway.questions.question_store import QuestionStore
from websocket_gateway.questions.run_coordinator import RunCoordinator
from websocket_gateway.storage.table import Table


class DataChanges:
    """Starts a run for every question that live waiters watch."""

    def __init__(
        self,
        table: Table,
        questions: QuestionStore,
        versions: DataVersions,
        runs: RunCoordinator,
        deliverer: Deliverer,
    ) -> None:
        self._table = table
        self._questions = questions
        self._versions = versions
        self._runs = runs
        self._deliverer = deliverer

    def follow(self, changed_at: str | None) -> dict[str, Any]:
        """Increments the data version and updates each live question; returns the version and how many there are."""
        version = self._versions.increment(changed_at)
        questions = self._table.live_questions()
        for question in sorted(questions):
            try:
                self._update(question, version)
            except Exception as error:
                # The sweep retries it. Raising would keep the others waiting, and Lambda's retry would make another
                # version.
                log("ERROR", "question not updated", question=question, error=f"{type(error).__name__}: {error}")
        log("INFO", "data changed", data_version=version.number, questions=len(questions))
        return {"version": version.number, "questions": len(questions)}

    def _update(self, question: str, version: DataVersion) -> None:
        """Makes sure that live waiters of a question get an answer of a version."""
        while latest := self._questions.read(question):
            if not latest.is_in_flight:
                self._deliverer.start_next(latest)  # at the version that is current by then, not the event's
                return
            if self._runs.ensure_version(latest, version):
                return
