"""Statements of the Data API: kept for 24 hours, run side by side in threads, cancelled for real."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local_cloud.redshift.errors import Cancelled, SqlError
from local_cloud.redshift_data.service_model import JSON, ApiError, ValidationError
from local_cloud.redshift_data.targets import Caller, CloudConfig, Target

if TYPE_CHECKING:
    from local_cloud.redshift.results import Column, Outcome
    from local_cloud.redshift.session import Session
    from local_cloud.redshift.warehouse import Warehouse

logger = logging.getLogger(__name__)

ACTIVE = ("SUBMITTED", "PICKED", "STARTED")
RESULT_KEPT = timedelta(hours=24)
TOKEN_KEPT = timedelta(hours=8)
# Data API considerations: one row and one result.
MAX_ROW_BYTES = 64 * 1024
MAX_RESULT_BYTES = 500 * 1024 * 1024
_CANCEL_SECONDS = 10.0
_FIRST_LOGIN = threading.Lock()


class LoginRefused(Exception):
    """The database does not let the user in; the text is what `Error` shows then."""


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


@dataclass
class Statement(Part):
    """What ExecuteStatement or BatchExecuteStatement began."""

    sequence: int = 0
    caller: Caller = field(kw_only=True)
    target: Target = field(kw_only=True)
    db_user: str = field(kw_only=True)
    name: str | None = None
    with_event: bool = False
    parameters: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    batch: bool = False
    pid: int = 0
    session: Session | None = None
    cancelled: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def expires(self) -> datetime:
        """When the statement and its result are forgotten."""
        return self.created + RESULT_KEPT


class Statements:
    """The store and its workers. `announce` is told of each statement that ended with WithEvent."""

    def __init__(self, warehouse: Warehouse, config: CloudConfig, announce: Callable[[Statement], None]) -> None:
        self._warehouse = warehouse
        self._config = config
        self._announce = announce
        self._lock = threading.RLock()
        self._statements: dict[str, Statement] = {}
        self._tokens: dict[tuple[str, str, str], tuple[str, str, datetime]] = {}
        self._sequence = itertools.count(1)
        self._query_ids = itertools.count(1001)
        self._pool = ThreadPoolExecutor(config.workers, thread_name_prefix="statement")

    def submit(
        self,
        caller: Caller,
        target: Target,
        db_user: str,
        sqls: Sequence[str],
        *,
        batch: bool = False,
        name: str | None = None,
        with_event: bool = False,
        parameters: dict[str, str] | None = None,
        token: str | None = None,
        fingerprint: str = "",
    ) -> Statement:
        """Keep a statement and let a worker take it; a repeated token returns the statement it began."""
        now = datetime.now(UTC)
        with self._lock:
            self._forget(now)
            if known := self._known_token(caller, token, fingerprint):
                return known
            if sum(1 for one in self._statements.values() if one.status in ACTIVE) >= self._config.max_active:
                message = f"Active statements exceeded the allowed quota ({self._config.max_active})."
                raise ApiError("ActiveStatementsExceededException", message)
            statement = Statement(
                id=str(uuid.uuid4()),
                sql=sqls[0],
                created=now,
                updated=now,
                sequence=next(self._sequence),
                caller=caller,
                target=target,
                db_user=db_user,
                name=name,
                with_event=with_event,
                parameters=parameters or {},
                batch=batch,
            )
            if batch:
                statement.parts = [Part(f"{statement.id}:{n}", sql, now, now) for n, sql in enumerate(sqls, 1)]
            self._statements[statement.id] = statement
            if token:
                self._tokens[caller.region, caller.owner, token] = (fingerprint, statement.id, now)
        self._pool.submit(self._run, statement)
        return statement

    def _known_token(self, caller: Caller, token: str | None, fingerprint: str) -> Statement | None:
        known = self._tokens.get((caller.region, caller.owner, token)) if token else None
        if known is None:
            return None
        if known[0] != fingerprint:
            raise ValidationError("The ClientToken was already used with different request parameters.")
        return self._statements.get(known[1])

    def _forget(self, now: datetime) -> None:
        self._tokens = {key: kept for key, kept in self._tokens.items() if now - kept[2] < TOKEN_KEPT}
        for statement in [one for one in self._statements.values() if one.expires < now and one.status not in ACTIVE]:
            del self._statements[statement.id]

    def find(self, statement_id: str) -> tuple[Statement, Part] | None:
        """The statement, and the part that the id names (`<id>:<n>` is the n-th of a batch)."""
        whole, _, number = statement_id.partition(":")
        with self._lock:
            self._forget(datetime.now(UTC))
            statement = self._statements.get(whole)
        if statement is None:
            return None
        if not number:
            return statement, statement
        part = next((one for one in statement.parts if one.id == statement_id), None)
        return (statement, part) if part else None

    def age(self, statement_id: str, seconds: float) -> bool:
        """Move the end of a statement into the past, for tests; False when there is none."""
        with self._lock:
            statement = self._statements.get(statement_id)
            if statement is None or statement.status in ACTIVE:
                return False
            statement.updated -= timedelta(seconds=seconds)
        return True

    def newest_first(self) -> list[Statement]:
        """All statements that are still known."""
        with self._lock:
            self._forget(datetime.now(UTC))
            return sorted(self._statements.values(), key=lambda one: -one.sequence)

    def cancel(self, statement: Statement) -> None:
        """Stop a running statement and wait until it has stopped; one that ended is a ValidationException."""
        with self._lock:
            if statement.status not in ACTIVE:
                raise ValidationError(f"Could not cancel a query that is already in {statement.status} state")
            statement.cancelled = True
        self._interrupt(statement)
        deadline = time.monotonic() + _CANCEL_SECONDS
        # A cancel between connecting and executing reaches nobody, so it is repeated until the end.
        while not statement.done.wait(0.05) and time.monotonic() < deadline:
            self._interrupt(statement)

    def _interrupt(self, statement: Statement) -> None:
        with self._lock:
            if statement.session is not None:
                with contextlib.suppress(Exception):
                    statement.session.cancel()

    def stop(self) -> None:
        """Cancel what runs and end the workers."""
        for statement in self.newest_first():
            statement.with_event = False
            statement.cancelled = True
            self._interrupt(statement)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, statement: Statement) -> None:
        self._advance(statement, "PICKED")
        try:
            self._execute(statement)
        except LoginRefused as error:
            self._end(statement, "FAILED", str(error))
        except SqlError as error:
            self._end(statement, "ABORTED" if isinstance(error, Cancelled) else "FAILED", error.message)
        except Exception:
            logger.exception("statement %s", statement.id)
            self._end(statement, "FAILED", "Internal error")
        else:
            self._end(statement, "FINISHED", None)
        if statement.with_event:
            self._announce(statement)

    def _execute(self, statement: Statement) -> None:
        with self._connected(statement) as session:
            statement.started = time.monotonic_ns()
            self._advance(statement, "STARTED")
            if statement.cancelled:
                raise Cancelled
            if statement.batch:
                sqls = [part.sql for part in statement.parts]
                session.execute_batch(sqls, lambda number, got: self._progress(statement, number, got))
                if failed := next((part for part in statement.parts if part.status in ("FAILED", "ABORTED")), None):
                    raise SqlError(failed.error or "ABORTED")
            else:
                self._keep(statement, session.execute(statement.sql, statement.parameters))

    @contextlib.contextmanager
    def _connected(self, statement: Statement) -> Iterator[Session]:
        session = connect(self._warehouse, statement.target.database, statement.db_user)
        with self._lock:
            statement.session, statement.pid = session, session.pid
        try:
            yield session
        finally:
            with self._lock:
                statement.session = None
            session.close()

    def _progress(self, statement: Statement, number: int, got: Outcome | SqlError | None) -> None:
        """One statement of a batch began (None), ended or failed; numbers start at 0."""
        part = statement.parts[number]
        if got is None:
            part.started = time.monotonic_ns()
            part.status, part.updated = "STARTED", datetime.now(UTC)
        elif isinstance(got, SqlError):
            self._end_part(part, "ABORTED" if isinstance(got, Cancelled) else "FAILED", got.message)
        else:
            self._keep(part, got)
            self._end_part(part, "FINISHED", None)

    def _keep(self, part: Part, outcome: Outcome) -> None:
        part.query_id = next(self._query_ids)
        if not outcome.has_result:
            part.rows, part.size = outcome.affected, 0
            return
        size = 0
        for row in outcome.rows:
            width = row_bytes(row)
            size += width
            if width > MAX_ROW_BYTES:
                raise SqlError("Row size exceeds the limit of 64 KB")
            if size > MAX_RESULT_BYTES:
                raise SqlError("Query result size exceeds the limit of 500 MB")
        part.columns, part.records, part.rows, part.size = outcome.columns, outcome.rows, len(outcome.rows), size

    def _advance(self, statement: Statement, status: str) -> None:
        with self._lock:
            statement.status, statement.updated = status, datetime.now(UTC)

    def _end(self, statement: Statement, status: str, error: str | None) -> None:
        with self._lock:
            for part in statement.parts:
                if status != "FINISHED" and part.status != "FAILED":
                    # The batch is one transaction: what had finished was rolled back.
                    part.records, part.columns, part.rows, part.size = None, (), -1, -1
                    self._end_part(part, "ABORTED", None)
            self._end_part(statement, status, error)
            if statement.batch and status == "FINISHED":
                statement.rows = statement.size = -1
        statement.done.set()

    def _end_part(self, part: Part, status: str, error: str | None) -> None:
        part.updated = datetime.now(UTC)
        part.duration = time.monotonic_ns() - part.started if part.started else 0
        part.error = error
        part.status = status


def connect(warehouse: Warehouse, database: str, user: str) -> Session:
    """A session as that user; a refused login leaves its text in `Error` (`FATAL: user "x" does not exist`)."""
    if user.startswith(("IAM:", "IAMR:")):
        with _FIRST_LOGIN:
            if not warehouse.has_user(user):
                warehouse.create_user(user)
    try:
        return warehouse.session(database, user)
    except SqlError as error:
        raise LoginRefused(error.message.replace("ERROR:", "FATAL:", 1)) from error


def row_bytes(row: tuple[object, ...]) -> int:
    """About what a row takes: the bytes of its texts, eight for anything else."""
    return sum(len(value.encode()) if isinstance(value, str) else 8 for value in row)


def fingerprint(request: JSON) -> str:
    """What must be the same when a ClientToken comes again."""
    return json.dumps({key: value for key, value in request.items() if key != "ClientToken"}, sort_keys=True)
