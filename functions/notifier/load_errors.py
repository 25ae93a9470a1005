"""Queries Redshift for the reason why a COPY failed: its error text only names the view that has it.

The view may not have its rows yet when the statement ends, so a query without rows is repeated once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from notifier.announcement import LoadError
from relay.data_api import DataApi, Statement
from relay.errors import CallFailed, SettingsError
from relay.events import ENDED
from relay.log import log
from relay.names import Kind, StatementName, client_token

_HINTS = ("sys_load_error_detail", "stl_load_errors")

_SQL = """\
SELECT file_name, line_number, column_name, error_code, error_message
FROM sys_load_error_detail
WHERE session_id = CAST(:session AS INTEGER) AND start_time >= CAST(:since AS TIMESTAMP)
ORDER BY start_time, line_number
LIMIT 5"""
"""https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html; users see only their own rows."""

NOT_VISIBLE = ("ResourceNotFoundException", "AccessDeniedException", "ValidationException")
"""Retries do not help: another role's statement, one that Redshift no longer keeps, or a missing permission."""
QUERIES = 2
"""How often the view is queried."""


@dataclass(frozen=True)
class Reason:
    """What a query for load errors says; `failed` if it never will."""

    ended: bool
    errors: tuple[LoadError, ...] = ()
    failed: bool = False


def is_copy_failure(state: str, error: str) -> bool:
    """The error of a failed COPY only says `Check 'sys_load_error_detail' system table for details.`

    Older clusters name `stl_load_errors`, whose rows the view has too.
    """
    return state == "FAILED" and any(hint in error for hint in _HINTS)


def query_load_errors(api: DataApi, name_prefix: str, failed: Statement, number: int) -> str | None:
    """Starts query `number` (from 1) for the rows of a failed COPY; its id, or None if it cannot be started.

    A repeated call starts no second query: the ClientToken derives from the failed statement and the number.
    """
    name = StatementName(name_prefix, Kind.LOAD_ERRORS, f"{failed.id}/{number}")
    since = failed.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if failed.created_at else "1970-01-01"
    parameters = {"session": str(failed.session_id), "since": since}
    try:
        return api.execute(_SQL, name, client_token(str(name)), parameters)
    except (CallFailed, SettingsError) as error:
        # Subscribers are notified of the failure with or without the details.
        log("ERROR", "load errors not queried", statement_id=failed.id, reason=str(error))
    return None


def read_load_errors(api: DataApi, query_id: str) -> Reason:
    """What a query says by now. A call that Redshift refuses for now is as a query that has not ended."""
    try:
        query = api.describe(query_id)
        if query.status == "FINISHED":
            return Reason(ended=True, errors=tuple(_errors(api.rows(query_id))))
    except CallFailed as error:
        log("ERROR", "query for load errors not read", query_id=query_id, reason=str(error))
        return Reason(ended=False, failed=error.code in NOT_VISIBLE)
    if query.status not in ENDED:
        return Reason(ended=False)
    log("ERROR", "query for load errors failed", query_id=query_id, reason=query.error)
    return Reason(ended=True, failed=True)


def _errors(rows: Iterable[dict[str, str | int | float | bool | None]]) -> Iterable[LoadError]:
    for row in rows:
        yield LoadError(
            file=_text(row["file_name"]),
            line=int(row["line_number"] or 0),
            column=_text(row["column_name"]),
            reason=_text(row["error_message"]),
            code=int(row["error_code"] or 0),
        )


def _text(value: object) -> str:
    """Without the blanks that pad a CHAR: https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html"""
    return str(value or "").strip()
