"""Answers the requests that functions of the schema `redshift` send while a statement runs (internal/ask.sql)."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import psycopg
import sqlglot
from sqlglot.errors import SqlglotError

from local_cloud.redshift.copy.fields import Column
from local_cloud.redshift.copy.load import Load
from local_cloud.redshift.copy.load_errors import LoadError, record_load_error
from local_cloud.redshift.copy.load_request import LoadRequest
from local_cloud.redshift.engine import Connection, Engine
from local_cloud.redshift.errors import SqlError, from_postgres
from local_cloud.redshift.history import LoadRecord, Recorder
from local_cloud.redshift.s3_files import S3Error
from local_cloud.redshift.sql.analysis.catalog import Catalog, relation_names, relations_of
from local_cloud.redshift.sql.context import Context
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.translate import translate
from local_cloud.redshift.unload.command import UnloadCommand
from local_cloud.redshift.unload.unload import Unload

# A REFRESH of a base table that its own transaction has locked would wait forever.
_REFRESH_LOCK_TIMEOUT = "10s"

Request = dict[str, object]


class Callbacks:
    """The callbacks of one session. A statement can have several, for example one for each COPY of a procedure."""

    def __init__(
        self, engine: Engine, database: str, user: str, recorder: Recorder, statement_ended: threading.Event
    ) -> None:
        self._engine = engine
        self._database = database
        self._user = user
        self._recorder = recorder
        self._statement_ended = statement_ended
        self._loads: list[Load] = []
        self._unloads: dict[str, Unload] = {}
        self._helper: Connection | None = None
        self._answers: dict[str, Callable[[Request, str], str]] = {
            "copy": self._copy,
            "history": self._history,
            "load history": self._load_history,
            "refresh": self._refresh,
            "relations": self._relations,
            "translate": self._translate,
            "unload": self._unload,
            "unload rows": self._unload_rows,
        }

    def on_notice(self, notice: psycopg.errors.Diagnostic) -> None:
        """Starts to answer if the notice is a request; ignores any other."""
        if notice.message_primary == "redshift-relay" and notice.message_detail:
            question = json.loads(notice.message_detail)
            threading.Thread(target=self._answer, args=(question,), daemon=True).start()

    def cancel(self) -> None:
        """Ends the work of the running callbacks."""
        helper = self._helper
        if helper is not None and not helper.closed:
            with contextlib.suppress(psycopg.Error):
                helper.cancel_safe(timeout=5)
        for load in list(self._loads):
            load.abort()

    def finish(self) -> None:
        """Removes the files of the statement's loads, and the rows of its unloads."""
        self._unloads.clear()
        while self._loads:
            self._loads.pop().finish()

    def _answer(self, question: dict[str, Request]) -> None:
        """Writes the answer to the file that redshift.ask waits for."""
        name, request = str(question["id"]), question["request"]
        try:
            answer = "A" + self._answers[str(request["do"])](request, name)
        except SqlError as error:
            answer = "E" + error.message.removeprefix("ERROR: ")
        except S3Error as error:
            answer = "E" + error.message
        except Exception as error:  # PostgreSQL must never wait forever
            answer = f"EThe local cloud failed: {error!r}"
        written = self._engine.exchange / f"{name}.new"
        written.write_text(answer)
        written.chmod(0o644)
        final = written.with_suffix("")
        written.rename(final)
        self._statement_ended.wait()
        final.unlink(missing_ok=True)

    def _copy(self, request: Request, name: str) -> str:
        asked = LoadRequest.from_json(request)
        load = Load(asked, self._engine.s3, self._engine.exchange, name, partial(self._report, asked))
        if self._recorder.query is not None:
            load.record = LoadRecord(
                self._recorder.query,
                asked.table_name,
                f"s3://{asked.command.bucket}/{asked.command.key}",
                asked.command.format,
                load.files,
            )
            self._engine.history.add_load(load.record)
        self._loads.append(load)
        load.start()
        return str(load.path)

    def _report(self, load: LoadRequest, error: LoadError) -> None:
        with self._engine.admin(self._database) as connection:
            query_id = self._recorder.query.id if self._recorder.query else None
            record_load_error(connection, load, error, query_id)

    def _history(self, _request: Request, _name: str) -> str:
        return self._engine.history.shown_to(self._user, superuser=self._is_superuser())

    def _load_history(self, _request: Request, _name: str) -> str:
        return self._engine.history.loads_shown_to(self._user, superuser=self._is_superuser())

    def _is_superuser(self) -> bool:
        """A user who may create users sees all rows, as a superuser does in Redshift."""
        with self._engine.admin(self._database) as connection:
            query = "SELECT FROM pg_roles WHERE rolname = %s AND rolcreaterole"
            return connection.execute(query, (self._user,)).fetchone() is not None

    def _unload(self, request: Request, name: str) -> str:
        columns = [Column(**column) for column in cast(list[dict[str, Any]], request["columns"] or [])]
        command = UnloadCommand.from_request(cast(Request, request["command"]))
        self._unloads[name] = Unload(command, columns, self._engine.s3)
        return name

    def _unload_rows(self, request: Request, _name: str) -> str:
        unload = self._unloads[str(request["unload"])]
        unload.add([json.loads(row) for row in cast(list[str], request["rows"])])
        if request.get("last"):
            unload.write()
        return ""

    def _refresh(self, request: Request, _name: str) -> str:
        """A second connection sees committed rows and nothing of the transaction that asks."""
        with self._engine.connect(self._database, str(request["user"])) as connection:
            self._helper = connection
            try:
                connection.execute(f"SET lock_timeout = '{_REFRESH_LOCK_TIMEOUT}'".encode())
                connection.execute(f"REFRESH MATERIALIZED VIEW {request['view']}".encode())
            except psycopg.Error as error:
                raise from_postgres(error) from None
            finally:
                self._helper = None
        return ""

    def _relations(self, request: Request, _name: str) -> str:
        """The relations of a dynamic statement, whose columns only the session that runs can see."""
        try:
            tree = sqlglot.parse_one(str(request["sql"]), read=Reader)
        except SqlglotError:
            return "[]"  # the translation tells the reason
        return json.dumps(relation_names(tree))

    def _translate(self, request: Request, _name: str) -> str:
        columns = cast(list[dict[str, object]], request["columns"] or [])
        relations = relations_of([tuple(row.values()) for row in columns])
        catalog = Catalog(lambda _: relations, self._engine.functions(self._database))
        translation = translate(str(request["sql"]), Context(catalog))
        if translation.kind in {"BEGIN", "COMMIT", "ROLLBACK", "START", "END", "ABORT"} or translation.parameters:
            raise SqlError(f"{translation.kind} in a dynamic EXECUTE is not emulated")
        if translation.commits:
            return f"/* commits */ {translation.statements}"
        return translation.statements
