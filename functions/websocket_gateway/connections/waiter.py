"""A waiter: one ask of a client, as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from websocket_gateway.questions.run import Run
from websocket_gateway.storage.keys import Key, request_key, waiter_key, waiter_of


@dataclass(frozen=True)
class Waiter:
    """One ask: needs an answer of at least data version `min_version` and `min_attempt`.

    `own` is the attempt from which on it is served one by one, None while passes cover it. `delivered` is the version
    that it got that way, -1 before the first: passes leave it as it is. `connected_at` and `ends_at` are in epoch
    seconds, `asked_at` in milliseconds, so that it can be told from the end of a quick run.
    """

    question: str
    connection: str
    request: str
    ask: str
    live: bool
    min_version: int
    min_attempt: int
    own: int | None
    delivered: int
    connected_at: int
    ends_at: int
    asked_at: int
    resume_run: str
    resume_row: int

    @property
    def key(self) -> Key:
        """The key of its item."""
        return waiter_key(self.question, self.connection, self.request, self.ask)

    @property
    def keys(self) -> tuple[Key, Key]:
        """The keys of its item and of its request."""
        return self.key, request_key(self.connection, self.request, self.ask)

    def is_answered_by(self, run: Run) -> bool:
        """Whether this waiter still needs an answer and a run's answer will do."""
        return self.min_is_met_by(run) and self.delivered < run.version

    def min_is_met_by(self, run: Run) -> bool:
        """Whether a run is new enough for this waiter."""
        return self.min_version <= run.version and self.min_attempt <= run.attempt


def waiter_from(question: str, item: Mapping[str, Any]) -> Waiter:
    """The waiter that the table stores."""
    connection, request, ask = waiter_of(item)
    return Waiter(
        question=question,
        connection=connection,
        request=request,
        ask=ask,
        live="live" in item,
        min_version=item["min_version"],
        min_attempt=item["min_attempt"],
        own=item.get("own"),
        delivered=item["delivered"],
        connected_at=item["connected_at"],
        ends_at=item["ends_at"],
        asked_at=item["asked_at"],
        resume_run=item["resume_run"],
        resume_row=item["resume_row"],
    )
