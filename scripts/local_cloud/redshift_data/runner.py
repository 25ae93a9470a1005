"""Runs statements side by side in threads, and cancels them."""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local_cloud.redshift.errors import Cancelled, SqlError
from local_cloud.redshift_data.errors import ValidationError
from local_cloud.redshift_data.login import LoginFailed, connect
from local_cloud.redshift_data.statement import ACTIVE, Part, Statement, row_bytes

if TYPE_CHECKING:
    from local_cloud.redshift.results import Outcome
    from local_cloud.redshift.session import Session
    from local_cloud.redshift.warehouse import Warehouse

logger = logging.getLogger(__name__)

# Data API considerations: one row and one result.
MAX_ROW_BYTES = 64 * 1024
MAX_RESULT_BYTES = 500 * 1024 * 1024
_CANCEL_SECONDS = 10.0


class Runner:
    """Moves each statement through its states; `lock` guards them. Calls `announce` after one with WithEvent."""

    def __init__(
        self, warehouse: Warehouse, workers: int, lock: threading.RLock, announce: Callable[[Statement], None]
    ) -> None:
        self._warehouse = warehouse
        self._lock = lock
        self._announce = announce
        self._query_ids = itertools.count(1001)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="statement")

    def submit(self, statement: Statement) -> None:
        """Run the statement as soon as a worker is free."""
        self._pool.submit(self._run, statement)

    def cancel(self, statement: Statement) -> None:
        """Cancel a statement and wait until it has ended. Raises ValidationError if it had ended before."""
        with self._lock:
            if statement.status not in ACTIVE:
                raise ValidationError(f"Could not cancel a query that is already in {statement.status} state")
            statement.cancelled = True
        self._interrupt(statement)
        deadline = time.monotonic() + _CANCEL_SECONDS
        # A cancel between connecting and executing is lost, so it is repeated.
        while not statement.done.wait(0.05) and time.monotonic() < deadline:
            self._interrupt(statement)

    def _interrupt(self, statement: Statement) -> None:
        with self._lock:
            if statement.session is not None:
                with contextlib.suppress(Exception):
                    statement.session.cancel()

    def stop(self, statements: list[Statement]) -> None:
        """Cancel these statements without events, and end the workers."""
        for statement in statements:
            statement.with_event = False
            statement.cancelled = True
            self._interrupt(statement)
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
        """A statement of a batch started (None), ended or failed; numbers start at 0."""
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
                    # The batch is one transaction, so finished statements were rolled back.
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
