"""The status of a statement, for the action `status_check`."""

from dataclasses import dataclass
from datetime import datetime

from relay.data_api import DataApi


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


def status_of(api: DataApi, statement_id: str) -> Status:
    """The status of a statement of this role; raises StatementNotFound."""
    found = api.describe(statement_id)
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
