"""Cancels runs for which nobody waits any longer, so that they leave their place in the warehouse to others."""

from collections.abc import Iterable

from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.questions.latest_run import UNWANTED, LatestRun
from websocket_gateway.questions.question_store import QuestionStore
from websocket_gateway.questions.run_coordinator import RunCoordinator


class UnwantedRuns:
    """Whoever asks while a run is being cancelled gets a new run, so a cancel that comes too early breaks nothing."""

    def __init__(self, questions: QuestionStore, waiters: Waiters, runs: RunCoordinator) -> None:
        self._questions = questions
        self._waiters = waiters
        self._runs = runs

    def cancel(self, questions: Iterable[str]) -> None:
        """Cancels the runs in flight of these questions that nobody waits for; the sweep repeats what fails."""
        for question in questions:
            latest = self._questions.read(question)
            if latest and self.is_unwanted(latest) and not self._runs.cancel(latest, UNWANTED):
                return

    def is_unwanted(self, latest: LatestRun) -> bool:
        """Whether a run is in flight and nobody waits for it."""
        return latest.is_in_flight and not self._waiters.has_any(latest.question)
