"""A statement of the Data API and its state."""

from __future__ import annotations

import math
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from local_cloud.redshift_data.caller import Caller
from local_cloud.redshift_data.targets import Target

if TYPE_CHECKING:
    from local_cloud.redshift.results import Column
    from local_cloud.redshift.session import Session
    from local_cloud.redshift_data.statements.sessions import KeptSession

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
    done: Future[None] = field(default_factory=Future)
    waiting: int = 0  # requests with WaitTimeSeconds


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
    auto_commit: bool = False
    csv: bool = False
    kept: KeptSession | None = None
    pid: int = 0
    connection: Session | None = None
    connection_lock: threading.Lock = field(default_factory=threading.Lock)
    deadline: float = math.inf
    cancelled: bool = False

    @property
    def has_result(self) -> bool:
        """Whether the statement, or any statement of a batch, has a result."""
        return any(part.records is not None for part in (self, *self.parts))

    @property
    def result_format(self) -> str:
        """`ResultFormat` of the Data API."""
        return "CSV" if self.csv else "JSON"

    @property
    def execution_mode(self) -> str | None:
        """`ExecutionMode` of the Data API; only a batch has one."""
        if not self.batch:
            return None
        return "AUTO_COMMIT" if self.auto_commit else "TRANSACTION"

    @property
    def expires(self) -> datetime:
        """When the statement and its result expire."""
        return self.created + RESULT_KEPT


def row_bytes(row: tuple[object, ...]) -> int:
    """The approximate size of a row: the bytes of its texts, eight for any other value."""
    return sum(len(value.encode()) if isinstance(value, str) else 8 for value in row)
