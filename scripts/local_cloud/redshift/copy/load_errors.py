"""Load errors: one for each field or line that COPY cannot load, kept for sys_load_error_detail."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from local_cloud.redshift.copy.fields import Column
from local_cloud.redshift.copy.load_request import LoadRequest


@dataclass(frozen=True)
class LoadError:
    """The part of a row of sys_load_error_detail that comes from the data file."""

    file_name: str
    line_number: int
    column: Column | None
    position: int
    raw_line: str
    raw_field_value: str
    code: int
    reason: str


def record_load_error(
    connection: psycopg.Connection[tuple[object, ...]], load: LoadRequest, error: LoadError, query_id: int | None
) -> None:
    """Adds a row to sys_load_error_detail. Not over the session's connection: the row outlives the rollback."""
    column = error.column
    row = {
        "query_id": query_id,
        "user_id": load.user_id,
        "transaction_id": load.transaction_id,
        "session_id": load.session_id,
        "database_name": connection.info.dbname,
        "table_id": load.table_id,
        "table_name": load.table_name,
        "start_time": load.started,
        "file_name": error.file_name,
        "line_number": error.line_number,
        "column_name": column.name if column else "",
        "column_type": column.redshift_type if column else "",
        "column_length": str(column.length or "") if column else "",
        "position": error.position,
        "raw_line": _printable(error.raw_line),
        "raw_field_value": _printable(error.raw_field_value),
        "error_code": error.code,
        "error_message": error.reason,
    }
    statement = sql.SQL("INSERT INTO redshift.load_errors ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(sql.Placeholder() * len(row))
    )
    connection.execute(statement, tuple(row.values()))


def _printable(text: str) -> str:
    """As Redshift shows a raw line: at most 1024 characters, other than ASCII as periods."""
    return "".join(c if " " <= c <= "~" or c == "\t" else "." for c in text[:1024])
