"""A request to run a load once: asked for by a schedule, an event, files, another load or a person."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from relay.errors import InputError

NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
"""Names of loads, triggers and lanes, so that every name derived from them fits the limits of AWS."""
OCCURRENCE = re.compile(r"[A-Za-z0-9_.:+-]{1,64}")


class Kind(StrEnum):
    """What asked for a run."""

    SCHEDULE = "schedule"
    EVENT = "event"
    FILES = "files"
    AFTER = "after"
    HAND = "hand"


@dataclass(frozen=True)
class StartedBy:
    """What asked for a run; `name` is the trigger, the predecessor or the action."""

    kind: Kind
    name: str | None = None


@dataclass(frozen=True)
class FilesOfRequest:
    """The files of a run: how many, their size in bytes, and the address of their manifest."""

    count: int
    bytes: int
    manifest: str


@dataclass(frozen=True)
class Request:
    """One occurrence of a load. The same load and occurrence are one request, however often they are asked for.

    `scheduled_time` is ISO 8601 in UTC. `answers` holds, for a load with `after`, the number of finished runs of each
    predecessor that this request answers. `sql` belongs to no definition: a statement that a person runs once.
    `backfill_until` is the last day of a backfill that goes on after this run.
    """

    load: str
    occurrence: str
    started_by: StartedBy
    parameters: Mapping[str, str] = field(default_factory=dict)
    scheduled_time: str | None = None
    files: FilesOfRequest | None = None
    answers: Mapping[str, int] = field(default_factory=dict)
    sql: str | None = None
    backfill_until: str | None = None

    def __post_init__(self) -> None:
        check_name(self.load, "load")
        if not OCCURRENCE.fullmatch(self.occurrence):
            raise InputError("occurrence", "must have 1 to 64 letters, digits, '_', '.', ':', '+' or '-'")
        if self.scheduled_time is not None:
            check_time(self.scheduled_time, "scheduled_time")


def check_time(value: str, field: str) -> None:
    """Raises InputError for text that is not a time with a time zone."""
    try:
        is_time = datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        is_time = False
    if not is_time:
        raise InputError(field, "must be a time with a time zone, e.g. 2026-01-31T03:00:00Z")


def check_name(value: str, field: str) -> str:
    """The name of a load, trigger or lane; raises InputError."""
    if not NAME.fullmatch(value):
        raise InputError(field, "must have 1 to 20 lowercase letters, digits or '_', starting with a letter")
    return value
