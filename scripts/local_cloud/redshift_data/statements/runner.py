"""Runs statements side by side in threads, and cancels them."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local_cloud.redshift.errors import Cancelled, SqlError
from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.errors import ValidationError
from local_cloud.redshift_data.login import LoginFailed, connect
from local_cloud.redshift_data.statements.parameters import used_parameters
from local_cloud.redshift_data.statements.sessions import KeptSessions
from local_cloud.redshift_data.statements.statement import ACTIVE, Part, Statement, row_bytes

if TYPE_CHECKING:
    from local_cloud.redshift.results import Outcome
    from local_cloud.redshift.session import Session
    from local_cloud.redshift.warehouse import Warehouse

logger = logging.getLogger(__name__)

_CANCEL_SECONDS = 10.0
# Data API troubleshooting, Management Guide: the headings under which these errors are explained.
_LARGE_ROW = "Packet for query is too large"
_LARGE_RESULT = "Database response exceeded size limit"


class Runner:
    """Moves each statement through its states; `lock` guards them. Calls `announce` after one with WithEvent."""

    def __init__(
        self,
        warehouse: Warehouse,
        config: CloudConfig,
        lock: threading.RLock,
        sessions: KeptSessions,
        announce: Callable[[Statement], None],
    ) -> None:
        self._warehouse = warehouse
        self._config = config
        self._lock = lock
        self._sessions = sessions
        self._announce = announce
        self._pool = ThreadPoolExecutor(config.workers, thread_name_prefix="statement")

    def submit(self, statement: Statement) -> None:
        """Run the statement as soon as a worker is free."""
        self._pool.submit(self._run, statement)

    def cancel(self, statement: Statement) -> None:
        """Cancel a statement and wait until it has ended. Raises ValidationError if it had ended before."""
        with self._lock:
            if statement.status not in ACTIVE:
                raise ValidationError(f"Could not cancel a query that is already in {statement.status} state")
            statement.cancelled = True
        deadline = time.monotonic() + _CANCEL_SECONDS
        # A cancel between connecting and executing is lost, so it is repeated.
        while not statement.done.done() and time.monotonic() < deadline:
            _interrupt(statement)
            wait([statement.done], 0.05)

    def end_overdue(self, active: list[Statement], of_closed_sessions: set[str | None]) -> None:
        """Cancel the statements that exceed the longest time, and those of sessions that were closed."""
        for statement in active:
            if statement.deadline <= time.monotonic() or statement.id in of_closed_sessions:
                statement.cancelled = True
            if statement.cancelled:
                _interrupt(statement)

    def stop(self, statements: list[Statement]) -> None:
        """Cancel these statements without events, and end the workers."""
        for statement in statements:
            statement.with_event = False
            statement.cancelled = True
            _interrupt(statement)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, statement: Statement) -> None:
        self._advance(statement, "PICKED")
        try:
            self._execute(statement)
        except LoginFailed as error:
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
        with self._connected(statement) as connection:
            statement.started = time.monotonic_ns()
            statement.deadline = time.monotonic() + self._config.max_seconds
            self._advance(statement, "STARTED")
            if statement.cancelled:
                raise Cancelled
            if statement.batch:
                self._execute_batch(statement, connection)
            else:
                try:
                    self._keep(statement, connection.execute(statement.sql, statement.parameters))
                finally:
                    statement.query_id = connection.query_id

    def _execute_batch(self, statement: Statement, connection: Session) -> None:
        if statement.auto_commit:
            self._execute_one_by_one(statement, connection)
        else:
            sqls = [part.sql for part in statement.parts]
            connection.execute_batch(
                sqls,
                lambda number, got: self._progress(statement, number, got),
                [used_parameters(sql, statement.parameters) for sql in sqls],
            )
        if statement.cancelled:
            raise Cancelled
        if failed := next((part for part in statement.parts if part.status in ("FAILED", "ABORTED")), None):
            raise SqlError(failed.error or "ABORTED")

    def _execute_one_by_one(self, statement: Statement, connection: Session) -> None:
        """ExecutionMode AUTO_COMMIT: a failed statement does not keep the next ones from running."""
        for number, part in enumerate(statement.parts):
            self._progress(statement, number, None)
            try:
                if statement.cancelled:
                    raise Cancelled
                used = used_parameters(part.sql, statement.parameters)
                self._progress(statement, number, connection.execute(part.sql, used))
            except SqlError as error:
                self._progress(statement, number, error)

    @contextlib.contextmanager
    def _connected(self, statement: Statement) -> Iterator[Session]:
        kept = statement.kept
        connection = kept.connection if kept else None
        if connection is None:
            connection = connect(self._warehouse, statement.target.database, statement.db_user)
        if kept is not None:
            kept.connection = connection
        with statement.connection_lock:
            statement.connection, statement.pid = connection, connection.pid
        try:
            yield connection
        finally:
            with statement.connection_lock:
                statement.connection = None
            if kept is None:
                connection.close()
            else:
                connection.forget_cancel()

    def _progress(self, statement: Statement, number: int, got: Outcome | SqlError | None) -> None:
        """A statement of a batch started (None), ended or failed; numbers start at 0."""
        part = statement.parts[number]
        part.query_id = statement.connection.query_id if statement.connection else -1
        if got is None:
            part.started = time.monotonic_ns()
            part.status, part.updated = "STARTED", datetime.now(UTC)
        elif isinstance(got, SqlError):
            self._end_part(part, "ABORTED" if isinstance(got, Cancelled) else "FAILED", got.message)
        else:
            self._keep(part, got)
            self._end_part(part, "FINISHED", None)

    def _keep(self, part: Part, outcome: Outcome) -> None:
        if not outcome.has_result:
            part.rows, part.size = outcome.affected, 0
            return
        size = 0
        for row in outcome.rows:
            width = row_bytes(row)
            size += width
            if width > self._config.max_row_bytes:
                raise SqlError(_LARGE_ROW)
            if size > self._config.max_result_bytes:
                raise SqlError(_LARGE_RESULT)
        part.columns, part.records, part.rows, part.size = outcome.columns, outcome.rows, len(outcome.rows), size

    def _advance(self, statement: Statement, status: str) -> None:
        with self._lock:
            statement.status, statement.updated = status, datetime.now(UTC)

    def _end(self, statement: Statement, status: str, error: str | None) -> None:
        if statement.kept is not None:
            self._sessions.release(statement.kept)
        with self._lock:
            for part in statement.parts:
                if status != "FINISHED" and part.status != "FAILED" and not _outlives_failure(statement, part):
                    # The batch is one transaction, so finished statements were rolled back.
                    part.records, part.columns, part.rows, part.size = None, (), -1, -1
                    self._end_part(part, "ABORTED", None)
            self._end_part(statement, status, error)
            if statement.batch and status == "FINISHED":
                statement.rows = statement.size = -1

    def _end_part(self, part: Part, status: str, error: str | None) -> None:
        part.updated = datetime.now(UTC)
        part.duration = time.monotonic_ns() - part.started if part.started else 0
        part.error = error
        part.status = status
        if not part.done.done():
            part.done.set_result(None)


def _outlives_failure(statement: Statement, part: Part) -> bool:
    return statement.auto_commit and part.status == "FINISHED"


def _interrupt(statement: Statement) -> None:
    with statement.connection_lock:
        if statement.connection is not None:
            with contextlib.suppress(Exception):
                statement.connection.cancel()
