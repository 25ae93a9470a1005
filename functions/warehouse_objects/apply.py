"""Brings the warehouse to what the files say: what is new in one transaction, but for files that must run alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from relay.actions import Context, Event, text
from relay.data_api import MAX_BATCH, MAX_SQL_BYTES, DataApi, Statement
from relay.errors import InputError
from relay.log import log
from relay.redaction import without_secrets
from warehouse_objects.files import SqlFile, check_names, pending
from warehouse_objects.history import History, HistoryTable
from warehouse_objects.nontransactional import check, run_alone
from warehouse_objects.runner import ObjectsFailed, Runner
from warehouse_objects.transactions import IN_A_BLOCK, WHAT_TO_WRITE

MAX_NAME = 256
"""Bytes of a file's name: the width of its column in the history."""
MAX_TOGETHER = MAX_BATCH - 3
"""Files of one transaction, in which the history table is made, cleared and written too."""


@dataclass(frozen=True)
class Request:
    """The files, and the table that remembers what ran."""

    files: tuple[SqlFile, ...]
    table: HistoryTable

    @classmethod
    def parse(cls, event: Event, prefix: str) -> "Request":
        """Reads `files` (a list of {name, sql}) and `history_table`; raises InputError."""
        given = event.get("files")
        if not isinstance(given, list) or not all(isinstance(file, dict) for file in given):
            raise InputError("files", 'a list of {"name": ..., "sql": ...} is required')
        table = HistoryTable.parse(event, prefix)
        return cls(tuple(map(_file, given)), table)


def _file(given: Event) -> SqlFile:
    name = text(given, "name", most=MAX_NAME)
    return SqlFile.parse(name, text({name: given.get("sql")}, name, most=MAX_SQL_BYTES))  # errors name the file


def apply_objects(api: DataApi, request: Request, context: Context) -> tuple[list[str], int]:
    """Runs what has not run; returns the names of those files and how many others there are. Raises RelayError.

    Another apply may go on meanwhile, e.g. one that was cut off while its function runs.
    """
    runner = Runner(api, request.table.prefix, context)
    history = _read_history(runner, request.table)
    check_names(request.files, history.ran | {name: begun.checksum for name, begun in history.begun.items()})
    todo = _todo(request.files, history, request.table)
    # The order is kept: what stands between two files that run alone is a transaction of its own.
    parts: list[list[SqlFile]] = []
    for alone, group in groupby(todo, lambda file: file.alone):
        together = list(group)
        parts += [[file] for file in together] if alone else [together]
    for part in parts:
        if len(part) > MAX_TOGETHER:
            most = f"at most {MAX_TOGETHER} new or changed files in one transaction"
            raise InputError("files", f"{most}, not {len(part)}; add some later")
    done: list[str] = []
    for number, part in enumerate(parts):
        if number > 0:
            # The part before may have taken minutes, in which another apply ran or began this one.
            history = _read_history(runner, request.table)
        if not (files := _todo(part, history, request.table)):
            continue
        if files[0].alone:
            ended = run_alone(runner, request.table, files[0], history.begun.get(files[0].name))
        else:
            ended = _run_together(runner, request.table, files)
        if ended.status != "FINISHED":
            raise ObjectsFailed(_why(ended, files, done))
        done += [file.name for file in files]
    log("INFO", "objects applied", applied=done)
    return done, len(request.files) - len(done)


def _todo(files: Iterable[SqlFile], history: History, table: HistoryTable) -> list[SqlFile]:
    """What has not run, in order; raises ChangedAfterItRan, and OutcomeUnknown for what may have run."""
    todo = pending(files, history.ran)
    for file in todo:
        if begun := history.begun.get(file.name):
            check(table, file, begun)
    return todo


def _read_history(runner: Runner, table: HistoryTable) -> History:
    """What ran under this prefix; nothing before the first apply."""
    found = runner.query(
        "SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename = :table",
        schema=table.schema,
        table=table.table,
    )
    return History.of(runner.query(table.select, prefix=table.prefix)) if found else History()


def _run_together(runner: Runner, table: HistoryTable, files: list[SqlFile]) -> Statement:
    """One transaction: the history table, the files, then their rows in it."""
    sqls = [table.create, *(file.sql for file in files), table.forget(files), table.remember(files)]
    return runner.together(sqls)


def _why(ended: Statement, files: list[SqlFile], done: list[str]) -> str:
    """Names the file by the position of the part that failed (part 1 makes the history table), and what stays."""
    stays = "Nothing of this apply stays in the warehouse."
    if done:
        stays = f"What ran before it stays: {', '.join(done)}. Nothing else of this apply does."
    if files[0].alone:
        return _of_file(files[0], ended.error or ended.status, stays)
    for position, part in enumerate(ended.parts):
        if part.status == "FAILED":
            reason = part.error or ended.error
            if 1 <= position <= len(files):
                return _of_file(files[position - 1], reason, stays)
            return f"the history of objects cannot be written: {without_secrets(reason)}"
    return f"{without_secrets(ended.error) or ended.status}\n{stays}"


def _of_file(file: SqlFile, reason: str, stays: str) -> str:
    # Not every such statement can be told from its text: DROP TABLE of an external table cannot.
    help_ = f"\n{WHAT_TO_WRITE[0].upper()}{WHAT_TO_WRITE[1:]}." if IN_A_BLOCK in reason and not file.alone else ""
    return f"{file.name}: {without_secrets(reason)}\n  {file.first_line}{help_}\n{stays}"
