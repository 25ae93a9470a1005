"""The warehouse: one PostgreSQL server that answers as Amazon Redshift would, with its databases and users."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from local_cloud.redshift.copy.load import LoadError, LoadRequest
from local_cloud.redshift.copy.s3_reader import S3Error, S3Reader
from local_cloud.redshift.errors import Cancelled, SqlError
from local_cloud.redshift.postgres import SUPERUSER, PostgresServer, stop_leftover
from local_cloud.redshift.results import Column, Outcome
from local_cloud.redshift.session import Session

__all__ = [
    "Cancelled",
    "Column",
    "Outcome",
    "S3Error",
    "S3Reader",
    "Session",
    "SqlError",
    "Warehouse",
    "stop_leftover",
]

_SQL_FILES = ("schema.sql", "functions/dates.sql", "functions/values.sql", "rights.sql")


class Warehouse:
    """Starts with the databases asked for, and the admin user that owns them."""

    def __init__(self, server: PostgresServer, s3: S3Reader, exchange: Path) -> None:
        self._server = server
        self._exchange = exchange
        self.s3 = s3
        self._lock = threading.Lock()
        self._sessions: set[Session] = set()

    @classmethod
    def start(
        cls, folder: Path, *, read_s3: S3Reader, cluster_user: str = "awsuser", databases: Sequence[str] = ("dev",)
    ) -> Warehouse:
        """Serves from a fresh directory; `folder` remembers it, so that `stop_leftover(folder)` can clean up."""
        server = PostgresServer.start(folder, {"relay.admin": cluster_user})
        try:
            warehouse = cls(server, read_s3, server.exchange)
            warehouse._prepare(cluster_user, databases)
        except BaseException:
            server.stop()
            raise
        return warehouse

    def stop(self) -> None:
        """Ends every session, stops PostgreSQL and removes its files."""
        for session in list(self._sessions):
            session.close()
        self._server.stop()

    def has_database(self, name: str) -> bool:
        return self._exists("SELECT FROM pg_database WHERE datname = %s AND NOT datistemplate", name)

    def has_user(self, name: str) -> bool:
        return self._exists("SELECT FROM pg_roles WHERE rolname = %s AND rolcanlogin AND NOT rolsuper", name)

    def create_user(self, name: str) -> None:
        """A user that exists already is left as it is."""
        with self._lock, self.admin("template1") as connection:
            known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
            if known is None:
                connection.execute("SELECT redshift.create_user(%s)", (name,))

    def session(self, database: str, user: str) -> Session:
        """A connection as this user. Raises SqlError if there is no such database or user."""
        if not self.has_database(database):
            raise SqlError(f'database "{database}" does not exist')
        if not self.has_user(user):
            raise SqlError(f'user "{user}" does not exist')
        session = Session(self, database, user)
        self._sessions.add(session)
        return session

    # What sessions need -----------------------------------------------------------------------------------------

    @property
    def exchange(self) -> Path:
        """The folder where PostgreSQL finds answers and pipes."""
        return self._exchange

    def connect(self, database: str, user: str) -> psycopg.Connection[tuple[object, ...]]:
        try:
            return psycopg.connect(
                host=str(self._server.socket_folder),
                dbname=database,
                user=user,
                autocommit=True,
                prepare_threshold=None,
            )
        except psycopg.OperationalError as error:
            raise SqlError(f"could not connect to database {database}: {error}") from None

    def admin(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return self.connect(database, SUPERUSER)

    def forget(self, session: Session) -> None:
        self._sessions.discard(session)

    def report_load_error(self, database: str, load: LoadRequest, error: LoadError) -> None:
        """Writes a row of sys_load_error_detail over a connection of its own: it outlives the rollback."""
        column = error.column
        row = {
            "user_id": load.user_id,
            "transaction_id": load.transaction_id,
            "session_id": load.session_id,
            "database_name": database,
            "table_id": load.table_id,
            "table_name": load.table_name,
            "start_time": load.started,
            "file_name": error.file_name,
            "line_number": error.line_number,
            "column_name": column.name if column else "",
            "column_type": column.redshift_type if column else "",
            "column_length": str(column.length or "") if column else "",
            "position": error.position,
            "raw_line": _printable(error.raw_line),
            "raw_field_value": _printable(error.raw_field_value),
            "error_code": error.code,
            "error_message": error.reason,
        }
        statement = sql.SQL("INSERT INTO redshift.load_errors ({}) VALUES ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(sql.Placeholder() * len(row))
        )
        with self.admin(database) as connection:
            connection.execute(statement, tuple(row.values()))

    def _exists(self, query: str, name: str) -> bool:
        with self.admin("template1") as connection:
            return connection.execute(query.encode(), (name,)).fetchone() is not None

    def _prepare(self, cluster_user: str, databases: Sequence[str]) -> None:
        with self.admin("template1") as connection:
            for name in _SQL_FILES:
                connection.execute((Path(__file__).parent / name).read_bytes())
            admin = sql.Identifier(cluster_user)
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE IN ROLE pg_read_server_files").format(admin))
        with self.admin(SUPERUSER) as connection:
            for name in databases:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template1").format(sql.Identifier(name), admin)
                )


def _printable(text: str) -> str:
    """Redshift shows the raw line in ASCII, other characters as periods, cut at 1024."""
    return "".join(c if " " <= c <= "~" or c == "\t" else "." for c in text[:1024])
