"""Other people's sessions in the warehouse: they hold locks, and so decide what a load has to wait for."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.e2e.cloud import Cloud, until
from tests.e2e.pipeline import VIEW

TRIPS, STAGING = "public.nyc_yellow_taxi", "public.nyc_yellow_taxi_staging"


def connect(cloud: Cloud) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection to the database engine itself; the Data API has no transactions that stay open."""
    folder = cloud.local.folder / "cloud" / "warehouse" / "postgres" / "run"
    return psycopg.connect(host=str(folder), dbname=cloud.local.ready["databases"][0], user="postgres")


@contextmanager
def locked(cloud: Cloud, table: str = STAGING) -> Iterator[None]:
    """Somebody else holds the table meanwhile, so that a load that needs it waits and does not end."""
    with connect(cloud) as session:
        session.execute(f"LOCK {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield
        session.rollback()


@contextmanager
def read(cloud: Cloud, table: str) -> Iterator[None]:
    """Somebody else reads a table or view meanwhile: a load may write, but not refresh it."""
    with connect(cloud) as session:
        session.execute(f"SELECT 1 FROM {table} LIMIT 1".encode())
        yield
        session.rollback()


@contextmanager
def view_of_somebody_else(cloud: Cloud) -> Iterator[None]:
    """Only the owner of a view may refresh it."""
    with connect(cloud) as session:
        session.execute(f"ALTER MATERIALIZED VIEW {VIEW} OWNER TO postgres".encode())
    try:
        yield
    finally:
        with connect(cloud) as session:
            session.execute(f"ALTER MATERIALIZED VIEW {VIEW} OWNER TO {cloud.local.ready['admin']}".encode())


def waiting(cloud: Cloud) -> int:
    """How many sessions wait for a table."""
    with connect(cloud) as session:
        row = session.execute(
            "SELECT COUNT(DISTINCT pid) FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
        ).fetchone()
        assert row
        return int(row[0])


def wait_in_line(cloud: Cloud, count: int) -> None:
    """Returns when so many sessions wait for a table."""
    until(lambda: waiting(cloud) >= count, f"a line of {count} sessions")


@contextmanager
def next_in_line(cloud: Cloud, table: str, query: str) -> Iterator[Future[list[tuple[Any, ...]]]]:
    """Queues up for a table; what the query answers in the moment in which the table is ours."""

    def ask() -> list[tuple[Any, ...]]:
        with connect(cloud) as session:
            session.execute(f"LOCK {table} IN ACCESS EXCLUSIVE MODE".encode())
            rows = session.execute(query.encode()).fetchall()
            session.rollback()
            return rows

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(ask)
