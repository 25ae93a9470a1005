"""Queries Redshift for the reason why a COPY failed: its error text only names the view that has it."""

from collections.abc import Iterable
from datetime import UTC

from notifier.message import LoadError
from relay.data_api import DataApi, Statement
from relay.errors import CallFailed, SettingsError
from relay.events import ENDED
from relay.log import log
from relay.names import MAX_LENGTH, Kind, StatementName, client_token

_HINTS = ("sys_load_error_detail", "stl_load_errors")

_SQL = """\
SELECT file_name, line_number, column_name, error_code, error_message
FROM sys_load_error_detail
WHERE session_id = CAST(:session AS INTEGER) AND start_time >= CAST(:since AS TIMESTAMP)
ORDER BY start_time, line_number
LIMIT 5"""
"""https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html; users see only their own rows."""


def is_copy_failure(statement: Statement) -> bool:
    """The error of a failed COPY only says `Check 'sys_load_error_detail' system table for details.`

    Older clusters name `stl_load_errors`, whose rows the view has too.
    """
    return statement.status == "FAILED" and any(hint in statement.error for hint in _HINTS)


def query_load_errors(
    api: DataApi, name_prefix: str, failed_name: str, statement: Statement
) -> tuple[LoadError, ...] | None:
    """The rows for a failed COPY, or None while the query runs; empty if they cannot be queried.

    A repeated call runs no second query: the ClientToken derives from the failed statement.
    """
    name = _name(name_prefix, statement.id, failed_name)
    since = statement.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if statement.created_at else "1970-01-01"
    parameters = {"session": str(statement.session_id), "since": since}
    try:
        question = api.describe(api.execute(_SQL, name, client_token(str(name)), parameters))
        if question.status not in ENDED:
            return None  # its completion event continues
        if question.status == "FINISHED":
            return tuple(_errors(api.rows(question.id)))
        log("ERROR", "query for load errors failed", statement_id=statement.id, reason=question.error)
    except (CallFailed, SettingsError) as error:
        # Subscribers are notified of the failure with or without the details.
        log("ERROR", "load errors not queried", statement_id=statement.id, reason=str(error))
    return ()


def _name(name_prefix: str, failed_id: str, failed_name: str) -> StatementName:
    """The key includes the failed statement's name, which DescribeStatement does not return."""
    name = StatementName(name_prefix, Kind.LOAD_ERRORS, failed_id)
    fits = failed_name and len(f"{name}/{failed_name}") <= MAX_LENGTH
    return StatementName(name_prefix, Kind.LOAD_ERRORS, f"{failed_id}/{failed_name}") if fits else name


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
