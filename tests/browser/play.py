"""What the fake gateway is to do."""

from dataclasses import dataclass, field
from typing import Any

from tests.browser.sample_answers import Result


@dataclass
class Play:
    """What the gateway is to do; tests change it while it runs."""

    authorization: str = "NONE"
    discovery: bool = False
    """The page is to ask the provider for its endpoints."""
    refuse: bool = False
    """No WebSocket is opened."""
    accept_seconds: float = 0.02
    run_seconds: float = 0.1
    chunk_rows: int = 1_000
    chunk_pause: float = 0.0
    cut_after: list[int] = field(default_factory=list)
    """Cuts the connection after so many chunks of the next answers."""
    repeat: bool = False
    """Every chunk is sent twice, as a delivery that was taken over would."""
    fail: tuple[str, str] | None = None
    """Code and message of the error that the next questions end in."""
    fail_after: int | None = None
    """So many chunks are sent before it fails."""
    raw: str | None = None
    """Sent instead of an answer, as API Gateway does when the function broke."""
    raw_times: int = 1_000
    """So many questions are answered with `raw`."""
    silent: bool = False
    cached: bool = False
    finished_at: str | None = None
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What authors say about queries of the catalog."""
    results: dict[str, Result] = field(default_factory=dict)
    """Answers by query, in place of the usual ones."""
    more_queries: int = 0
    """So many questions more are in the catalog."""
    no_catalog: int = 0
    """So many times, the catalog is answered with API Gateway's own words."""
    truncated: bool = False
    version: int = 7
    changed_at: str | None = "2026-11-21T23:05:00Z"
    sign_out: bool = False
    """The next question is answered as after the end of the token."""
