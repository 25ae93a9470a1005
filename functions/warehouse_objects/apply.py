"""Applies files to the warehouse: new ones in as few transactions as possible, nontransactional ones by themselves."""

from collections.abc import Iterable
from dataclasses import dataclass

from relay.actions import Context, Event, check_fields, text
from relay.data_api import MAX_BATCH, DataApi, Statement
from relay.errors import InputError
from relay.log import log
from relay.redaction import redact
from relay.sql_size import MAX_SQL_BYTES
from warehouse_objects.files import SqlFile, check_names, pending
from warehouse_objects.guarded_transaction import OVERHEAD, HistoryChanged, run_guarded
from warehouse_objects.history import History, HistoryTable
from warehouse_objects.nontransactional import check_outcome_known, run_nontransactional
from warehouse_objects.runner import CONTINUE, ObjectsFailed, Runner
from warehouse_objects.transactions import ADVICE, IN_A_BLOCK

MAX_NAME = 256
"""Bytes of a file's name: the width of its column in the history."""
MAX_TRANSACTION = MAX_BATCH - OVERHEAD - 2
"""Files of one transaction, which also locks and checks the history table, and clears and writes their rows."""

MAX_RACES = 20
"""Each lost race is a file that another apply ran or began, so more of them are another error."""


@dataclass(frozen=True)
class Request:
    """The files, the table that records what ran, and what to grant to the database user where PUBLIC lacks it."""

    files: tuple[SqlFile, ...]
    table: HistoryTable
    grants: tuple[str, ...] = ()

    @classmethod
    def parse(cls, event: Event, prefix: str) -> "Request":
        """Reads `files` (a list of {name, sql}), `history_table` and `grants` (GRANT statements); raises InputError."""
        given = event.get("files")
        if not isinstance(given, list) or not all(isinstance(file, dict) for file in given):
            raise InputError("files", 'must be a list of {"name": ..., "sql": ...}')
        table = HistoryTable.parse(event, prefix)
        grants = event.get("grants", [])
        if not isinstance(grants, list) or not all(isinstance(grant, str) for grant in grants):
            raise InputError("grants", "must be a list of SQL statements")
        return cls(tuple(map(_file, given)), table, tuple(grants))

    def advice(self, reason: str) -> str:
        """What to do about Redshift's refusal, in lines of its own; empty if no permission is missing."""
        if "permission denied" not in reason or not self.grants:
            return ""
        grants = "".join(f"\n  {grant}" for grant in self.grants)
        return f"\nIf the database user lacks these permissions, have an administrator run, and apply again:{grants}"


def _file(given: Event) -> SqlFile:
    check_fields(given, ("name", "sql"))
    name = text(given, "name", max_bytes=MAX_NAME)
    return SqlFile.parse(name, text({name: given.get("sql")}, name, max_bytes=MAX_SQL_BYTES))  # errors name the file


@dataclass(frozen=True)
class Applied:
    """Names of the files that ran now, the number of the others, and the names of those that ran and are gone."""

    ran: list[str]
    unchanged: int
    removed: list[str]


def apply_objects(api: DataApi, request: Request, context: Context) -> Applied:
    """Runs files that have not run. Raises RelayError.

    Other applies may run at the same time, e.g. one that was interrupted while its function runs.
    """
    if not request.files:
        return Applied([], 0, [])
    runner, table = Runner(api, request.table.prefix, context), request.table
    _create_history(runner, request)
    history = _read_history(runner, table)
    check_names(request.files, history.ran | {name: begun.checksum for name, begun in history.begun.items()})
    done: list[str] = []
    for number, part in enumerate(_parts(_todo(request.files, history, table))):
        if number > 0:
            # The part before may have taken minutes, in which another apply may have run or begun this one.
            history = _read_history(runner, table)
        done += _run_part(runner, request, history, part, done)
    log("INFO", "objects applied", applied=done)
    removed = sorted(history.ran.keys() - {file.name for file in request.files})
    return Applied(done, len(request.files) - len(done), removed)


def _parts(files: Iterable[SqlFile]) -> list[list[SqlFile]]:
    """The files in their order: nontransactional ones by themselves, the others in as few transactions as possible."""
    parts: list[list[SqlFile]] = []
    for file in files:
        last = parts[-1] if parts else None
        if last and not file.nontransactional and not last[0].nontransactional and len(last) < MAX_TRANSACTION:
            last.append(file)
        else:
            parts.append([file])
    return parts


def _run_part(runner: Runner, request: Request, history: History, part: list[SqlFile], done: list[str]) -> list[str]:
    """Runs what is left of a part and returns the names; what another apply runs meanwhile is left out."""
    table, reason = request.table, ""
    for _ in range(MAX_RACES):
        if not (files := _todo(part, history, table)):
            return []
        try:
            if files[0].nontransactional:
                ended = run_nontransactional(runner, table, history, files[0])
            else:
                ended = _run_transaction(runner, table, history, files)
        except HistoryChanged as changed:
            reason = str(changed)
            log("INFO", "history read again", files=[file.name for file in files], reason=reason)
            history = _read_history(runner, table)
            continue
        if ended.status != "FINISHED":
            raise ObjectsFailed(f"{_why(ended, files, done)}{request.advice(ended.error)}")
        return [file.name for file in files]
    raise ObjectsFailed(f"the history of objects changed {MAX_RACES} times while it was read: {redact(reason)}")


def _todo(files: Iterable[SqlFile], history: History, table: HistoryTable) -> list[SqlFile]:
    """Files that have not run, in order; raises ChangedAfterItRan, and OutcomeUnknown for files that may have run."""
    todo = pending(files, history.ran)
    for file in todo:
        if begun := history.begun.get(file.name):
            check_outcome_known(table, file, begun)
    return todo


def _create_history(runner: Runner, request: Request) -> None:
    """Creates the table unless it exists; raises RelayError."""
    table = request.table
    if _history_exists(runner, table):
        return
    ended = runner.run_transaction([table.create], CONTINUE)
    # Of two applies that create it at the same time, one may fail.
    if ended.status != "FINISHED" and not _history_exists(runner, table):
        why = redact(ended.error) or ended.status
        raise ObjectsFailed(f"{table.name} cannot be created: {why}{request.advice(ended.error)}")


def _history_exists(runner: Runner, table: HistoryTable) -> bool:
    sql = "SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename = :table"
    return bool(runner.query(sql, schema=table.schema, table=table.table))


def _read_history(runner: Runner, table: HistoryTable) -> History:
    """Files that ran or began under this prefix."""
    return History.of(runner.query(table.select, prefix=table.prefix))


def _run_transaction(runner: Runner, table: HistoryTable, history: History, files: list[SqlFile]) -> Statement:
    """One transaction: the files, then their rows in the history."""
    sqls = [*(file.sql for file in files), table.delete(files), table.record(files)]
    return run_guarded(runner, table, history, files, sqls)


def _why(ended: Statement, files: list[SqlFile], done: list[str]) -> str:
    """Names the file that failed, by its position in the batch, and what stays."""
    stays = "Nothing of this apply stays in the warehouse."
    if done:
        stays = f"These files ran before it and stay: {', '.join(done)}. Nothing else of this apply does."
    if files[0].nontransactional:
        return _of_file(files[0], ended.error or ended.status, stays)
    for position, part in enumerate(ended.parts):
        if part.status == "FAILED":
            reason = part.error or ended.error
            if OVERHEAD <= position < OVERHEAD + len(files):
                return _of_file(files[position - OVERHEAD], reason, stays)
            return f"the history of objects cannot be written: {redact(reason)}"
    return f"{redact(ended.error) or ended.status}\n{stays}"


def _of_file(file: SqlFile, reason: str, stays: str) -> str:
    # Not every such statement is recognized by its text: DROP TABLE of an external table is not.
    advice = f"\n{ADVICE}" if IN_A_BLOCK in reason and not file.nontransactional else ""
    return f"{file.name}: {redact(reason)}\n  {file.first_line}{advice}\n{stays}"
