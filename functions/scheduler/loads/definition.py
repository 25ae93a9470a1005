"""The definition of a load, as Terraform writes it into the table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_LANE = "default"
DEFAULT_TIMEOUT_MINUTES = 360


@dataclass(frozen=True)
class Definition:
    """A load: its SQL, what starts it, and its bounds.

    `sqls` is one statement, or several that run as one transaction (`batch`). `uses` names the parameters that the SQL
    contains. `events` maps each trigger to its parameters: name => path into the event. `after` names predecessors.
    `files` is what the folder `files/` reads. The last two have an alarm each; None has none.
    """

    name: str
    sqls: tuple[str, ...]
    batch: bool = False
    uses: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    files: Mapping[str, Any] | None = None
    lane: str = DEFAULT_LANE
    queues: bool = False
    timeout_minutes: int = DEFAULT_TIMEOUT_MINUTES
    retries: int = 0
    warn_after_minutes: int | None = None
    expected_every_hours: int | None = None

    @property
    def coalesces(self) -> bool:
        """Whether a newer request replaces one that waits, unless their parameters differ."""
        return not self.queues and "scheduled_time" not in self.uses

    @classmethod
    def parse(cls, name: str, text: str) -> "Definition":
        """Reads the JSON that modules/scheduler writes."""
        given = json.loads(text)
        return cls(
            name=name,
            sqls=tuple(given["statements"] or [given["sql"]]),
            batch=given["statements"] is not None,
            uses=tuple(given["uses"]),
            parameters=given["parameters"],
            events=given["events"],
            after=tuple(given["after"]),
            files=given["files"],
            lane=given["lane"],
            queues=given["overlap"] == "queue",
            timeout_minutes=given["timeout_minutes"],
            retries=given["retries"],
            warn_after_minutes=given.get("warn_after_minutes"),
            expected_every_hours=given.get("expected_every_hours"),
        )
