"""Brings the warehouse to what the files say: all that is new in one transaction, or nothing."""

import re
import time
from dataclasses import dataclass

from relay.actions import Context, Event, text
from relay.data_api import MAX_BATCH, MAX_SQL_BYTES, DataApi, Statement
from relay.errors import CallFailed, InputError, RelayError
from relay.events import ENDED
from relay.excerpt import without_secrets
from relay.log import log
from relay.names import Kind, StatementName, client_token
from relay.patience import patiently
from warehouse_objects.files import SqlFile, pending

_TABLE = re.compile(r"([a-z_][a-z0-9_]{0,126})\.([a-z_][a-z0-9_]{0,126})")
MAX_NAME = 256
"""Bytes of a file's name: the width of its column in the history."""
_MARGIN_MS = 15_000
"""Time kept to cancel and report before Lambda ends the invocation."""


class ObjectsFailed(RelayError):
    """Redshift refused a file; nothing of this apply stays in the warehouse."""


class TookTooLong(RelayError):
    """The function's time was nearly up, so the statement was told to stop."""


@dataclass(frozen=True)
class Request:
    """The files, and the table (`schema.table`) that remembers what ran."""

    files: tuple[SqlFile, ...]
    schema: str
    table: str

    @classmethod
    def parse(cls, event: Event) -> "Request":
        """Reads `files` (a list of {name, sql}) and `history_table`; raises InputError."""
        given = event.get("files")
        if not isinstance(given, list) or not all(isinstance(file, dict) for file in given):
            raise InputError("files", 'a list of {"name": ..., "sql": ...} is required')
        match = _TABLE.fullmatch(text(event, "history_table"))
        if not match:
            raise InputError("history_table", "schema.table in lower-case letters, digits and '_' is required")
        return cls(tuple(map(_file, given)), match[1], match[2])

    @property
    def history(self) -> str:
        """The history table as SQL names it; its parts are checked, so they need no quotes."""
        return f"{self.schema}.{self.table}"


def _file(given: Event) -> SqlFile:
    name = text(given, "name", most=MAX_NAME)
    return SqlFile.parse(name, text({name: given.get("sql")}, name, most=MAX_SQL_BYTES))  # errors name the file


def apply_objects(api: DataApi, prefix: str, request: Request, context: Context) -> tuple[list[str], int]:
    """Runs what has not run; returns the names of those files and how many others there are. Raises RelayError."""
    runner = _Runner(api, prefix, context)
    history = _read_history(runner, request)
    todo = pending(request.files, history)
    if todo:
        _run(runner, request, todo)
    log("INFO", "objects applied", applied=[file.name for file in todo])
    return [file.name for file in todo], len(request.files) - len(todo)


@dataclass(frozen=True)
class _Runner:
    api: DataApi
    prefix: str
    context: Context

    def query(self, sql: str, **parameters: str) -> list[dict[str, object]]:
        name = StatementName(self.prefix, Kind.HISTORY, self.context.aws_request_id)
        token = client_token(str(name), sql, str(time.time_ns()))  # a reading is never to be a remembered one
        ended = self.wait(patiently(lambda: self.api.execute(sql, name, token, parameters)))
        if ended.status != "FINISHED":
            raise ObjectsFailed(f"the history of objects cannot be read: {ended.error or ended.status}")
        return [dict(row) for row in self.api.rows(ended.id)]

    def wait(self, statement_id: str) -> Statement:
        """Polls with growing pauses: AWS allows 100 DescribeStatement calls a second for the whole account."""
        pause = 0.1
        while True:
            statement = self.api.describe(statement_id)
            if statement.status in ENDED:
                return statement
            if self.context.get_remaining_time_in_millis() < _MARGIN_MS:
                raise TookTooLong(f"{self._cancel(statement_id)}; raise the timeout of the function")
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)

    def _cancel(self, statement_id: str) -> str:
        try:
            self.api.cancel(statement_id)
        except CallFailed as error:
            # It may end well yet: the next apply reads in the history what ran.
            return f"statement {statement_id} took too long and was not cancelled ({error})"
        return f"statement {statement_id} took too long and was cancelled"


def _read_history(runner: _Runner, request: Request) -> dict[str, str]:
    """{file name: checksum} of what ran under this prefix; empty before the first apply."""
    tables = runner.query(
        "SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename = :table",
        schema=request.schema,
        table=request.table,
    )
    if not tables:
        return {}
    rows = runner.query(
        f"SELECT file, checksum FROM {request.history} WHERE name_prefix = :prefix",  # noqa: S608 - checked name
        prefix=runner.prefix,
    )
    return {str(row["file"]): str(row["checksum"]) for row in rows}


def _run(runner: _Runner, request: Request, todo: list[SqlFile]) -> None:
    """One transaction: the history table, the files, then their rows in it."""
    create = (
        f"CREATE TABLE IF NOT EXISTS {request.history} (name_prefix VARCHAR(64) NOT NULL, file VARCHAR(256) NOT NULL,"
        " checksum CHAR(64) NOT NULL, applied_at TIMESTAMP NOT NULL)"
    )
    # All values are checked: names by SqlFile, the prefix by Terraform, checksums are hexadecimal.
    names = ", ".join(f"'{file.name}'" for file in todo)
    forget = f"DELETE FROM {request.history} WHERE name_prefix = '{runner.prefix}' AND file IN ({names})"  # noqa: S608
    rows = ", ".join(f"('{runner.prefix}', '{file.name}', '{file.checksum}', SYSDATE)" for file in todo)
    remember = f"INSERT INTO {request.history} VALUES {rows}"  # noqa: S608
    sqls = [create, *(file.sql for file in todo), forget, remember]
    if len(sqls) > MAX_BATCH:
        most = MAX_BATCH - 3
        raise InputError("files", f"at most {most} new or changed files in one apply, not {len(todo)}; add some later")
    name = StatementName(runner.prefix, Kind.OBJECTS, runner.context.aws_request_id)
    token = client_token(str(name), *sqls, str(time.time_ns()))  # a failed change must be able to run again
    ended = runner.wait(runner.api.execute_batch(sqls, name, token))
    if ended.status != "FINISHED":
        raise ObjectsFailed(_why(ended, todo))


def _why(ended: Statement, todo: list[SqlFile]) -> str:
    """Names the file by the position of the part that failed; part 1 makes the history table."""
    for position, part in enumerate(ended.parts):
        if part.status == "FAILED":
            reason = without_secrets(part.error or ended.error)
            if 1 <= position <= len(todo):
                file = todo[position - 1]
                return f"{file.name}: {reason}\n  {file.first_line}\nNothing of this apply stays in the warehouse."
            return f"the history of objects cannot be written: {reason}"
    return f"{without_secrets(ended.error) or ended.status}\nNothing of this apply stays in the warehouse."
