"""What is stored of a question: how to run it, and its latest run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from websocket_gateway.questions.run import Run

STARTING, RUNNING = "STARTING", "RUNNING"
FINISHED, FAILED, ABORTED = "FINISHED", "FAILED", "ABORTED"
IN_FLIGHT = (STARTING, RUNNING)
NOT_STARTED, TIMEOUT, UNWANTED, EXPIRED = "not_started", "timeout", "unwanted", "expired"
"""Why a run has no answer, beside the states of Redshift: UNWANTED is a run that nobody waited for any more."""


@dataclass(frozen=True)
class Definition:
    """What a run needs; stored with the question, so that it can run again whatever the catalog says by then.

    `refreshed_by` names the sources whose events change its data; None: all.
    """

    query: str
    sql: str
    bound: Mapping[str, str]
    max_rows: int
    timeout_seconds: int
    min_refresh_seconds: int
    refreshed_by: Sequence[str] | None = None


@dataclass(frozen=True)
class LatestRun:
    """A question's latest run. `reason` says why it was cancelled or not started.

    `wanted_version`, where it is above the run's, is the data version that the next run has to have. `started` is in
    epoch seconds, `ended` in milliseconds: a quick run ends in the second in which it was requested. `slot` is what the
    run holds of the gateway's bound while it is in flight. `passed` is the attempt of the last run that a pass has
    delivered, `passing` that of the pass at work, 0 for none.
    """

    question: str
    definition: Definition
    run: Run
    state: str
    wanted_version: int
    started: int
    ended: int
    statement: str
    reason: str
    slot: str
    changed_at: str | None
    passed: int = 0
    passing: int = 0

    @property
    def is_in_flight(self) -> bool:
        """Whether the run has not ended yet."""
        return self.state in IN_FLIGHT

    @property
    def needs_pass(self) -> bool:
        """Whether the run has ended and no pass has delivered it yet."""
        return not self.is_in_flight and self.passed < self.run.attempt

    @property
    def finished_at(self) -> str | None:
        """When the run ended, by RFC 3339; None while it has not."""
        if not self.ended:
            return None
        return f"{datetime.fromtimestamp(self.ended // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"

    @property
    def has_next_version(self) -> bool:
        """Whether a run at a newer data version has to follow."""
        return self.wanted_version > self.run.version
