"""A statement of the Data API and its state."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from local_cloud.redshift_data.caller import Caller
from local_cloud.redshift_data.targets import Target

if TYPE_CHECKING:
    from local_cloud.redshift.results import Column
    from local_cloud.redshift.session import Session

ACTIVE = ("SUBMITTED", "PICKED", "STARTED")
RESULT_KEPT = timedelta(hours=24)


@dataclass
class Part:
    """One SQL text with its state: a statement, or one statement of a batch."""

    id: str
    sql: str
    created: datetime
    updated: datetime
    status: str = "SUBMITTED"
    error: str | None = None
    duration: int = -1
    rows: int = -1
    size: int = -1
    query_id: int = -1
    columns: tuple[Column, ...] = ()
    records: list[tuple[object, ...]] | None = None
    started: int | None = None


@dataclass
class Statement(Part):
    """What ExecuteStatement or BatchExecuteStatement started."""

    sequence: int = 0
    caller: Caller = field(kw_only=True)
    target: Target = field(kw_only=True)
    db_user: str = field(kw_only=True)
    name: str | None = None
    with_event: bool = False
    parameters: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    batch: bool = False
    pid: int = 0
    session: Session | None = None
    cancelled: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def expires(self) -> datetime:
        """When the statement and its result expire."""
        return self.created + RESULT_KEPT


def row_bytes(row: tuple[object, ...]) -> int:
    """The approximate size of a row: the bytes of its texts, eight for any other value."""
    return sum(len(value.encode()) if isinstance(value, str) else 8 for value in row)
