"""A database connection as one user: Redshift SQL in, outcomes and Redshift's errors out."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import psycopg
from psycopg.pq import ExecStatus

from local_cloud.redshift.copy.load import Load, LoadRequest
from local_cloud.redshift.copy.s3_reader import S3Error
from local_cloud.redshift.errors import Cancelled, SqlError, redshift_words
from local_cloud.redshift.results import Outcome, outcome
from local_cloud.redshift.sql.transaction_blocks import refuse_in_block
from local_cloud.redshift.translate import Translation, translate

if TYPE_CHECKING:
    from local_cloud.redshift.warehouse import Warehouse

Progress = Callable[[int, Outcome | SqlError | None], None]
_NO_PARAMETERS: Mapping[str, str] = {}
_REFRESH_PATIENCE = "10s"  # a base table locked by the very transaction that waits would wait for ever


class Session:
    """One thread executes; `cancel` and `close` may come from another."""

    def __init__(self, warehouse: Warehouse, database: str, user: str) -> None:
        self._warehouse = warehouse
        self._database = database
        self._connection = warehouse.connect(database, user)
        self._connection.add_notice_handler(self._on_notice)
        self._cancelled = False
        self._idle = threading.Event()
        self._idle.set()
        self._loads: list[Load] = []
        self._helper: psycopg.Connection[tuple[object, ...]] | None = None

    @property
    def pid(self) -> int:
        """The session's process: `RedshiftPid`, and session_id in the system views."""
        return self._connection.info.backend_pid

    def execute(self, sql: str, parameters: Mapping[str, str] = _NO_PARAMETERS) -> Outcome:
        """Runs one statement and commits it. Raises SqlError, Cancelled if `cancel` was called."""
        translation = translate(sql)
        return self._run(translation, bind(translation, parameters))

    def execute_batch(self, sqls: Sequence[str], on_progress: Progress) -> None:
        """Runs statements in one transaction. `on_progress(i, None)` says that a statement starts, then comes its
        outcome or its error; the error is raised too, after everything was rolled back."""
        self._run(translate("BEGIN"), ())
        for i, sql in enumerate(sqls):
            on_progress(i, None)
            try:
                refuse_in_block(sql)
                translation = translate(sql)
                result = self._run(translation, bind(translation, {}))
                if translation.commits:
                    self._run(translate("COMMIT"), ())
                    self._run(translate("BEGIN"), ())
            except SqlError as error:
                self._cancelled = False
                self._run(translate("ROLLBACK"), ())
                on_progress(i, error)
                raise
            on_progress(i, result)
        self._run(translate("COMMIT"), ())

    def cancel(self) -> None:
        """Makes the running statement, or the next one, raise Cancelled."""
        self._cancelled = True
        for _ in range(40):  # a cancel that arrives between two moments of the server is lost, so it is repeated
            if self._idle.is_set() or self._connection.closed:
                return
            for connection in (self._connection, self._helper):
                if connection is not None and not connection.closed:
                    with contextlib.suppress(psycopg.Error):
                        connection.cancel_safe(timeout=5)
            for load in list(self._loads):
                load.abort()
            if self._idle.wait(0.25):
                return

    def close(self) -> None:
        """Ends the connection, and what runs on it."""
        if not self._idle.is_set():
            self.cancel()
        self._connection.close()
        self._warehouse.forget(self)

    def _run(self, translation: Translation, values: Sequence[str]) -> Outcome:
        cursor = psycopg.RawCursor(self._connection)
        self._idle.clear()
        try:
            if self._cancelled:
                raise Cancelled
            cursor.execute(translation.sql.encode(), values or None)
            return self._outcome(translation, cursor)
        except psycopg.Error as error:
            if self._cancelled:
                raise Cancelled from None
            raise SqlError(_text_of(error)) from None
        finally:
            if self._cancelled:
                self._cancelled = False
            self._idle.set()
            while self._loads:
                self._loads.pop().finish()

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

    # What the functions of schema redshift ask -------------------------------------------------------------------

    def _on_notice(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.message_primary == "redshift-relay" and notice.message_detail:
            question = json.loads(notice.message_detail)
            threading.Thread(target=self._answer, args=(question,), daemon=True).start()

    def _answer(self, question: dict[str, dict[str, object]]) -> None:
        """Leaves the answer in the file that redshift.ask waits for."""
        name, request = str(question["id"]), question["request"]
        try:
            answer = "A" + _ANSWERS[str(request["do"])](self, request, name)
        except SqlError as error:
            answer = "E" + error.message.removeprefix("ERROR: ")
        except S3Error as error:
            answer = "E" + error.message
        except Exception as error:  # whatever it is, PostgreSQL must not wait for ever
            answer = f"EThe local cloud failed: {error!r}"
        written = self._warehouse.exchange / f"{name}.new"
        written.write_text(answer)
        written.chmod(0o644)
        final = written.with_suffix("")
        written.rename(final)
        self._idle.wait()
        final.unlink(missing_ok=True)

    def _copy(self, request: dict[str, object], name: str) -> str:
        asked = LoadRequest.from_json(request)
        report = partial(self._warehouse.report_load_error, self._database, asked)
        load = Load(asked, self._warehouse.s3, self._warehouse.exchange, name, report)
        self._loads.append(load)
        load.start()
        return str(load.path)

    def _refresh(self, request: dict[str, object], _name: str) -> str:
        """A second connection sees what is committed, and nothing of the transaction that asks."""
        with self._warehouse.connect(self._database, str(request["user"])) as connection:
            self._helper = connection
            try:
                connection.execute(f"SET lock_timeout = '{_REFRESH_PATIENCE}'".encode())
                connection.execute(f"REFRESH MATERIALIZED VIEW {request['view']}".encode())
            except psycopg.Error as error:
                raise SqlError(_text_of(error)) from None
            finally:
                self._helper = None
        return ""

    def _translate(self, request: dict[str, object], _name: str) -> str:
        translation = translate(str(request["sql"]))
        if translation.commits or translation.parameters:
            raise SqlError(f"{translation.kind} in a dynamic EXECUTE is not emulated")
        return translation.sql


_ANSWERS: dict[str, Callable[[Session, dict[str, object], str], str]] = {
    "copy": Session._copy,
    "refresh": Session._refresh,
    "translate": Session._translate,
}


def bind(translation: Translation, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The values in the order of $1, $2, ...; names must match exactly."""
    for name in translation.parameters:
        if name not in parameters:
            raise SqlError(f"No value was given for the parameter :{name}")
    for name in parameters:
        if name not in translation.parameters:
            raise SqlError(f"The SQL has no parameter :{name}")
    return tuple(parameters[name] for name in translation.parameters)


def _text_of(error: psycopg.Error) -> str:
    return redshift_words(error.diag.message_primary or str(error).strip() or type(error).__name__)
