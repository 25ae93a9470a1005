"""The PostgreSQL server under a warehouse, as its sessions see it: connections, the exchange folder and S3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.history import QueryHistory
from local_cloud.redshift.postgres import SUPERUSER, PostgresServer
from local_cloud.redshift.s3_files import S3Files
from local_cloud.redshift.sql.analysis.catalog import function_results
from local_cloud.redshift.sql.analysis.types import Type

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Engine:
    """Connects to databases; `s3` is where COPY reads."""

    server: PostgresServer
    s3: S3Files
    history: QueryHistory = field(default_factory=QueryHistory)
    _functions: dict[str, Mapping[str, Type]] = field(default_factory=dict)

    @property
    def exchange(self) -> Path:
        """The folder where PostgreSQL finds answers and pipes."""
        return self.server.exchange

    def connect(self, database: str, user: str) -> Connection:
        """A connection in autocommit mode. Raises SqlError."""
        try:
            return psycopg.connect(
                host=str(self.server.socket_folder),
                dbname=database,
                user=user,
                autocommit=True,
                prepare_threshold=None,
            )
        except psycopg.OperationalError as error:
            raise SqlError(f"could not connect to database {database}: {error}") from None

    def functions(self, database: str) -> Mapping[str, Type]:
        """The result types of Redshift's functions, which are the same in every database."""
        if not self._functions:
            with self.admin(database) as connection:
                self._functions[""] = function_results(connection)
        return self._functions[""]

    def admin(self, database: str) -> Connection:
        """A connection as PostgreSQL's superuser."""
        return self.connect(database, SUPERUSER)
