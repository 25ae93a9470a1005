"""An occurrence of a load: the request, and what became of it. Stored as one item, which every transition replaces."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from scheduler.loads.request import FilesOfRequest, Kind, Request, StartedBy


class State(StrEnum):
    """modules/scheduler/README.md describes the transitions."""

    WAITING = "WAITING"
    """In the queue of its lane, also before another attempt."""
    CLAIMED = "CLAIMED"
    """Head of its lane; its statement may or may not have reached Redshift."""
    RUNNING = "RUNNING"
    """Head of its lane; Redshift has accepted its statement."""
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"
    """Cancelled: by a person, or at its time limit."""
    NOT_STARTED = "NOT_STARTED"
    """Refused before a statement reached Redshift."""
    REPLACED = "REPLACED"
    """A newer occurrence runs instead."""


STARTED = (State.CLAIMED, State.RUNNING)
"""States of the head of a lane."""
ENDED = (State.FINISHED, State.FAILED, State.ABORTED, State.NOT_STARTED)
"""States that an event reports."""


@dataclass(frozen=True)
class Occurrence:
    """Times are ISO 8601 in UTC. `place` is the sort key of its entry in the queue of its lane.

    The claim freezes `sqls`, `batch`, `bound` (the parameters), `statement_name`, `token`, `attempts` (the most that
    may be made) and `timeout_minutes`. `cancel` is the reason for which its statement is to be cancelled. `failures`
    counts the runs of this load that failed in a row before this one, `finish` is its number among the load's finished
    runs.
    `problem` is the field that a request was refused for, or the occurrence that replaced it.
    """

    request: Request
    state: State
    lane: str
    place: str
    requested_at: str
    version: int = 0
    attempt: int = 1
    not_before: str | None = None
    coalesces: bool = False
    attempts: int = 1
    sqls: tuple[str, ...] = ()
    batch: bool = False
    bound: Mapping[str, str] = field(default_factory=dict)
    statement_name: str | None = None
    token: str | None = None
    timeout_minutes: int = 0
    claimed_at: str | None = None
    waited_seconds: float | None = None
    statement_id: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    duration_seconds: float | None = None
    rows: int | None = None
    error: str | None = None
    problem: str | None = None
    cancel: str | None = None
    failures: int = 0
    finish: int = 0

    @property
    def id(self) -> str:
        """`<load>/<occurrence>`."""
        return f"{self.request.load}/{self.request.occurrence}"

    def to_item(self) -> dict[str, Any]:
        """Attributes of its item: what a person looks for, and the whole as JSON."""
        return {"state": self.state, "version": self.version, "body": json.dumps(asdict(self), ensure_ascii=False)}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> "Occurrence":
        """Reads what `to_item` wrote; an unknown attribute of another version of this code is ignored."""
        given = _known(cls, json.loads(item["body"]))
        request = _known(Request, given.pop("request"))
        by, files = request.pop("started_by"), request.pop("files")
        return cls(
            request=Request(
                **request,
                started_by=StartedBy(Kind(by["kind"]), by["name"]),
                files=FilesOfRequest(**files) if files else None,
            ),
            state=State(given.pop("state")),
            sqls=tuple(given.pop("sqls")),
            **given,
        )


def _known(kind: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in kind.__dataclass_fields__}
