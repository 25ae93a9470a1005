"""Starts loads, one at a time and each occurrence once, and reports the status of statements."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from relay.actions import Event, text
from relay.data_api import RUNNING, DataApi
from relay.errors import CallFailed, InputError, RelayError
from relay.log import log
from relay.names import Kind, StatementName, client_token
from relay.sql_size import MAX_SQL_BYTES
from scheduler.not_started import put_load_not_started
from scheduler.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

_SCHEDULE = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # the names that EventBridge Scheduler allows
_OCCURRENCE = re.compile(r"[A-Za-z0-9_.:+-]{1,64}")
BY_HAND = "by-hand"


class AnotherLoadRuns(RelayError):
    """A load of this prefix has not ended, so this one was not started."""


@dataclass(frozen=True)
class Load:
    """One occurrence of a schedule. `occurrence` is the scheduled time, or any text that identifies it."""

    schedule: str
    sql: str
    occurrence: str

    @classmethod
    def parse(cls, event: Event, *, default_occurrence: str) -> "Load":
        """Reads the fields `sql`, `schedule` (default `by-hand`) and `occurrence`; raises InputError."""
        load = cls(
            schedule=text(event, "schedule", default=BY_HAND),
            sql=text(event, "sql", max_bytes=MAX_SQL_BYTES),
            occurrence=text(event, "occurrence", default=default_occurrence),
        )
        if not _SCHEDULE.fullmatch(load.schedule):
            raise InputError("schedule", "must have 1 to 64 letters, digits, '_', '.' or '-'")
        if not _OCCURRENCE.fullmatch(load.occurrence):
            raise InputError("occurrence", "must have 1 to 64 letters, digits, '_', '.', ':', '+' or '-'")
        return load


@dataclass(frozen=True)
class Started:
    """A load that Redshift has accepted."""

    statement_id: str
    statement_name: str


@dataclass(frozen=True)
class Status:
    """The status of a statement; times are ISO 8601 in UTC, `rows` is null where Redshift counts none.

    `duration_seconds` is null until Redshift knows it.
    """

    statement_id: str
    status: str
    error: str
    created_at: str | None
    updated_at: str | None
    duration_seconds: float | None
    rows: int | None


class Loader:
    """Starts loads at one warehouse."""

    def __init__(self, api: DataApi, events: "EventBridgeClient", settings: Settings) -> None:
        self._api = api
        self._events = events
        self._settings = settings

    def start(self, load: Load) -> Started:
        """Starts the load and returns. A load that cannot be started puts an event, and raises for Lambda to retry."""
        prefix = self._settings.name_prefix
        name = StatementName(prefix, Kind.LOAD, f"{load.schedule}/{load.occurrence}")
        token = client_token(prefix, load.schedule, load.sql, load.occurrence)
        try:
            self._check_none_runs(name)
            statement_id = self._api.execute(load.sql, name, token)
        except (CallFailed, AnotherLoadRuns) as error:
            log("ERROR", "load not started", statement_name=str(name), reason=str(error))
            code = error.code if isinstance(error, CallFailed) else type(error).__name__
            put_load_not_started(self._events, self._settings.event_bus, name, code, str(error), load.sql)
            raise
        log("INFO", "load started", statement_name=str(name), statement_id=statement_id)
        return Started(statement_id, str(name))

    def _check_none_runs(self, name: StatementName) -> None:
        """Raises AnotherLoadRuns: two loads of one table end in a serializable isolation violation (error 1023).

        A retried occurrence may find its own statement running, and gets it back by its token.
        """
        for other in self._api.listed(f"{name.prefix}/{Kind.LOAD}/", RUNNING):
            if other.name != str(name):
                raise AnotherLoadRuns(f"{other.name} has not ended yet (statement {other.id})")

    def status(self, statement_id: str) -> Status:
        """The status of a statement of this role; raises StatementNotFound."""
        found = self._api.describe(statement_id)
        return Status(
            statement_id=found.id,
            status=found.status,
            error=found.error,
            created_at=_iso(found.created_at),
            updated_at=_iso(found.updated_at),
            duration_seconds=found.duration_seconds,
            rows=found.rows,
        )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
