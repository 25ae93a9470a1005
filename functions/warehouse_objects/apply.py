"""Applies files to the warehouse: new ones in one transaction, nontransactional ones by themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from relay.actions import Context, Event, text
from relay.data_api import MAX_BATCH, MAX_SQL_BYTES, DataApi, Statement
from relay.errors import InputError
from relay.log import log
from relay.redaction import redact
from warehouse_objects.files import SqlFile, check_names, pending
from warehouse_objects.history import History, HistoryTable
from warehouse_objects.nontransactional import check_outcome_known, run_nontransactional
from warehouse_objects.runner import ObjectsFailed, Runner
from warehouse_objects.transactions import ADVICE, IN_A_BLOCK

MAX_NAME = 256
"""Bytes of a file's name: the width of its column in the history."""
MAX_TRANSACTION = MAX_BATCH - 3
"""Files of one transaction, which also creates, clears and writes the history table."""


@dataclass(frozen=True)
class Request:
    """The files, and the table that records what ran."""

    files: tuple[SqlFile, ...]
    table: HistoryTable

    @classmethod
    def parse(cls, event: Event, prefix: str) -> "Request":
        """Reads `files` (a list of {name, sql}) and `history_table`; raises InputError."""
        given = event.get("files")
        if not isinstance(given, list) or not all(isinstance(file, dict) for file in given):
            raise InputError("files", 'must be a list of {"name": ..., "sql": ...}')
        table = HistoryTable.parse(event, prefix)
        return cls(tuple(map(_file, given)), table)


def _file(given: Event) -> SqlFile:
    name = text(given, "name", max_bytes=MAX_NAME)
    return SqlFile.parse(name, text({name: given.get("sql")}, name, max_bytes=MAX_SQL_BYTES))  # errors name the file


def apply_objects(api: DataApi, request: Request, context: Context) -> tuple[list[str], int]:
    """Runs files that have not run; returns their names and the number of the others. Raises RelayError.

    Another apply may run at the same time, e.g. one that was interrupted while its function runs.
    """
    runner = Runner(api, request.table.prefix, context)
    history = _read_history(runner, request.table)
    check_names(request.files, history.ran | {name: begun.checksum for name, begun in history.begun.items()})
    todo = _todo(request.files, history, request.table)
    # The order is kept: files between two nontransactional ones are a transaction of their own.
    parts: list[list[SqlFile]] = []
    for nontransactional, group in groupby(todo, lambda file: file.nontransactional):
        files = list(group)
        parts += [[file] for file in files] if nontransactional else [files]
    for part in parts:
        if len(part) > MAX_TRANSACTION:
            most = f"at most {MAX_TRANSACTION} new or changed files in one transaction"
            raise InputError("files", f"{most}, not {len(part)}. Add some in a later apply.")
    done: list[str] = []
    for number, part in enumerate(parts):
        if number > 0:
            # The part before may have taken minutes, in which another apply may have run or begun this one.
            history = _read_history(runner, request.table)
        if not (files := _todo(part, history, request.table)):
            continue
        if files[0].nontransactional:
            ended = run_nontransactional(runner, request.table, files[0], history.begun.get(files[0].name))
        else:
            ended = _run_transaction(runner, request.table, files)
        if ended.status != "FINISHED":
            raise ObjectsFailed(_why(ended, files, done))
        done += [file.name for file in files]
    log("INFO", "objects applied", applied=done)
    return done, len(request.files) - len(done)


def _todo(files: Iterable[SqlFile], history: History, table: HistoryTable) -> list[SqlFile]:
    """Files that have not run, in order; raises ChangedAfterItRan, and OutcomeUnknown for files that may have run."""
    todo = pending(files, history.ran)
    for file in todo:
        if begun := history.begun.get(file.name):
            check_outcome_known(table, file, begun)
    return todo


def _read_history(runner: Runner, table: HistoryTable) -> History:
    """Files that ran under this prefix; none before the first apply."""
    found = runner.query(
        "SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename = :table",
        schema=table.schema,
        table=table.table,
    )
    return History.of(runner.query(table.select, prefix=table.prefix)) if found else History()


def _run_transaction(runner: Runner, table: HistoryTable, files: list[SqlFile]) -> Statement:
    """One transaction: the history table, the files, then their rows in it."""
    sqls = [table.create, *(file.sql for file in files), table.delete(files), table.record(files)]
    return runner.run_transaction(sqls)


def _why(ended: Statement, files: list[SqlFile], done: list[str]) -> str:
    """Names the file that failed, by its position in the batch (part 1 creates the history table), and what stays."""
    stays = "Nothing of this apply stays in the warehouse."
    if done:
        stays = f"These files ran before it and stay: {', '.join(done)}. Nothing else of this apply does."
    if files[0].nontransactional:
        return _of_file(files[0], ended.error or ended.status, stays)
    for position, part in enumerate(ended.parts):
        if part.status == "FAILED":
            reason = part.error or ended.error
            if 1 <= position <= len(files):
                return _of_file(files[position - 1], reason, stays)
            return f"the history of objects cannot be written: {redact(reason)}"
    return f"{redact(ended.error) or ended.status}\n{stays}"


def _of_file(file: SqlFile, reason: str, stays: str) -> str:
    # Not every such statement is recognized by its text: DROP TABLE of an external table is not.
    advice = f"\n{ADVICE}" if IN_A_BLOCK in reason and not file.nontransactional else ""
    return f"{file.name}: {redact(reason)}\n  {file.first_line}{advice}\n{stays}"
