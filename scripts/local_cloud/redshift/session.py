"""A database connection as one user: takes Redshift SQL, returns outcomes, raises Redshift's errors."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus

from local_cloud.redshift.callbacks import Callbacks
from local_cloud.redshift.engine import Engine
from local_cloud.redshift.errors import Cancelled, SqlError, from_postgres
from local_cloud.redshift.history import Recorder, recorded
from local_cloud.redshift.results import Outcome, outcome
from local_cloud.redshift.sql.analysis.catalog import COLUMNS_QUERY, OUTPUTS_QUERY, Catalog, Columns, relations_of
from local_cloud.redshift.sql.context import Context
from local_cloud.redshift.sql.transaction_blocks import check_allowed_in_block
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.translate import translate

Progress = Callable[[int, Outcome | SqlError | None], None]
_NO_PARAMETERS: Mapping[str, str] = {}


class Session:
    """One thread executes; `cancel` and `close` may come from another."""

    def __init__(self, engine: Engine, database: str, user: str, *, on_close: Callable[[Session], None]) -> None:
        self._on_close = on_close
        self._connection = engine.connect(database, user)
        self._catalog = Catalog(self._relations, engine.functions(database), self._outputs)
        self._cancelled = False
        self._idle = threading.Event()
        self._idle.set()
        self.recorder = Recorder(engine.history, user, database, self.pid)
        self._callbacks = Callbacks(engine, database, user, self.recorder, self._idle)
        self._connection.add_notice_handler(self._callbacks.on_notice)

    @property
    def pid(self) -> int:
        """The session's process: `RedshiftPid`, and session_id in the system views."""
        return self._connection.info.backend_pid

    @property
    def query_id(self) -> int:
        """The id of the newest query in SYS_QUERY_HISTORY."""
        return self.recorder.query.id if self.recorder.query else -1

    @recorded
    def execute(self, sql: str, parameters: Mapping[str, str] = _NO_PARAMETERS) -> Outcome:
        """Runs one statement and commits it. Raises SqlError, or Cancelled after `cancel`."""
        translation = translate(sql, Context(self._catalog, parameters))
        check_names(translation, parameters)
        outcome = self._run(translation)
        if translation.commits and self._connection.info.transaction_status == TransactionStatus.INTRANS:
            self._run(translate("COMMIT"))
        return outcome

    def execute_batch(
        self, sqls: Sequence[str], on_progress: Progress, parameters: Sequence[Mapping[str, str]] | None = None
    ) -> None:
        """Runs statements in one transaction; `parameters` are those of each statement.

        `on_progress(i, None)` announces that a statement starts; its outcome or its error follows. The error is also
        raised, after the rollback.
        """
        on_progress = self.recorder.recording(list(sqls), on_progress)
        self._run(translate("BEGIN"))
        for i, sql in enumerate(sqls):
            on_progress(i, None)
            try:
                check_allowed_in_block(sql)
                given = parameters[i] if parameters else _NO_PARAMETERS
                translation = translate(sql, Context(self._catalog, given))
                check_names(translation, given)
                result = self._run(translation)
                if translation.commits:
                    self._run(translate("COMMIT"))
                    self._run(translate("BEGIN"))
            except SqlError as error:
                self._cancelled = False
                self._run(translate("ROLLBACK"))
                on_progress(i, error)
                raise
            on_progress(i, result)
        self._run(translate("COMMIT"))

    def cancel(self) -> None:
        """Makes the running statement, or the next one, raise Cancelled."""
        self._cancelled = True
        for _ in range(40):  # the server loses a cancel that arrives between two steps, so it is repeated
            if self._idle.is_set() or self._connection.closed:
                return
            with contextlib.suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=5)
            self._callbacks.cancel()
            if self._idle.wait(0.25):
                return

    def forget_cancel(self) -> None:
        """Lets the next statement run although the last one was cancelled too late. Not while `cancel` runs."""
        self._cancelled = False

    def close(self) -> None:
        """Cancels a running statement and closes the connection."""
        if not self._idle.is_set():
            self.cancel()
        self._connection.close()
        self._on_close(self)

    def _relations(self, names: Sequence[str]) -> Mapping[str, Columns]:
        self._idle.clear()  # late-binding views ask for their translation
        try:
            return relations_of(self._connection.execute(COLUMNS_QUERY, (list(names),)).fetchall())
        except psycopg.Error as error:
            raise from_postgres(error) from None
        finally:
            self._idle.set()

    def _outputs(self, procedure: str, inputs: int) -> Sequence[int]:
        try:
            found = self._connection.execute(OUTPUTS_QUERY, (procedure, inputs)).fetchall()
        except psycopg.Error as error:
            raise from_postgres(error) from None
        return [int(str(place)) for (place,) in found]

    def _run(self, translation: Translation) -> Outcome:
        cursor = psycopg.RawCursor(self._connection)
        self._idle.clear()
        try:
            if self._cancelled:
                raise Cancelled
            cursor.execute(translation.statements.encode())
            cursor.set_result(-1)
            if translation.kind in {"SET", "RESET"}:
                self.recorder.follow(translation.sql)
            return self._outcome(translation, cursor)
        except psycopg.Error as error:
            if self._cancelled:
                raise Cancelled from None
            raise from_postgres(error) from None
        finally:
            if self._cancelled:
                self._cancelled = False
            self._idle.set()
            self._callbacks.finish()

    def _outcome(self, translation: Translation, cursor: psycopg.RawCursor[tuple[object, ...]]) -> Outcome:
        result = cursor.pgresult
        if result is None:
            return Outcome((), [], -1, has_result=False)
        if translation.kind == "COPY":
            return Outcome((), [], int(result.get_value(0, 0) or 0), has_result=False)
        if result.status == ExecStatus.TUPLES_OK and not translation.hides_result:
            return outcome(self._connection, result)
        written = translation.kind in {"INSERT", "UPDATE", "DELETE", "MERGE"} or (
            translation.kind == "CREATE TABLE" and (result.command_status or b"").startswith(b"SELECT")
        )
        return Outcome((), [], (result.command_tuples or 0) if written else -1, has_result=False)


def check_names(translation: Translation, parameters: Mapping[str, str]) -> None:
    """The names of the SQL's parameters and of the values must match exactly."""
    for name in translation.parameters:
        if name not in parameters:
            raise SqlError(f"No value was given for the parameter :{name}")
    for name in parameters:
        if name not in translation.parameters:
            raise SqlError(f"The SQL has no parameter :{name}")
