"""A warehouse with its databases, users and sessions: one PostgreSQL server that answers as Amazon Redshift does."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from psycopg import sql

from local_cloud.redshift.engine import Engine
from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.postgres import SUPERUSER, PostgresServer
from local_cloud.redshift.s3_files import S3Files
from local_cloud.redshift.schema import create_schema
from local_cloud.redshift.session import Session


class Warehouse:
    """Starts with the given databases and the admin user that owns them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._sessions: set[Session] = set()

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        read_s3: S3Files,
        cluster_user: str = "awsuser",
        databases: Sequence[str] = ("dev",),
        kept: Path | None = None,
    ) -> Warehouse:
        """Starts with the data in `kept`, else with none; `stop_leftover(folder)` finds what a killed process left."""
        server = PostgresServer.start(folder, {"relay.admin": cluster_user}, kept=kept)
        try:
            warehouse = cls(Engine(server, read_s3))
            warehouse._prepare(cluster_user, databases)
        except BaseException:
            server.stop()
            raise
        return warehouse

    def stop(self) -> None:
        """Ends every session, stops PostgreSQL and removes its files, but not kept data."""
        for session in list(self._sessions):
            session.close()
        self._engine.server.stop()

    def has_database(self, name: str) -> bool:
        query = "SELECT FROM pg_catalog.pg_database WHERE datname = %s AND NOT datistemplate"
        return name != SUPERUSER and self._exists(query, name)

    def has_user(self, name: str) -> bool:
        return self._exists("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s AND rolcanlogin AND NOT rolsuper", name)

    def create_user(self, name: str) -> None:
        """Does nothing if the user exists."""
        with self._lock, self._engine.admin("template1") as connection:
            known = connection.execute("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", (name,)).fetchone()
            if known is None:
                connection.execute("SELECT redshift.create_user(%s)", (name,))

    def session(self, database: str, user: str) -> Session:
        """A connection as this user. Raises SqlError if the database or the user does not exist."""
        if not self.has_database(database):
            raise SqlError(f'database "{database}" does not exist')
        if not self.has_user(user):
            raise SqlError(f'user "{user}" does not exist')
        session = Session(self._engine, database, user, on_close=self._sessions.discard)
        self._sessions.add(session)
        return session

    def _exists(self, query: str, name: str) -> bool:
        """Queries name the schema pg_catalog: Redshift's own views of it precede it, and hide what the engine has."""
        with self._engine.admin("template1") as connection:
            return connection.execute(query.encode(), (name,)).fetchone() is not None

    def _prepare(self, cluster_user: str, databases: Sequence[str]) -> None:
        admin = sql.Identifier(cluster_user)
        if not self._exists("SELECT FROM pg_catalog.pg_namespace WHERE nspname = %s", "redshift"):
            with self._engine.admin("template1") as connection, connection.transaction():
                create_schema(connection)
        if not self._exists("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", cluster_user):
            with self._engine.admin("template1") as connection:
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEROLE IN ROLE pg_read_server_files").format(admin)
                )
        missing = [name for name in databases if not self.has_database(name)]
        with self._engine.admin(SUPERUSER) as connection:
            for name in missing:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template1").format(sql.Identifier(name), admin)
                )
