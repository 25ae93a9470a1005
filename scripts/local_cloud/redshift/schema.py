"""Creates the schema `redshift` in a database: the functions and views that PostgreSQL lacks."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg

_HERE = Path(__file__).parent
_SCHEMA = _HERE / "internal" / "schema.sql"
_RIGHTS = _HERE / "internal" / "rights.sql"


def create_schema(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Runs every .sql file of internal/, functions/ and system_views/: the schema first, the grants last."""
    between = [path for path in _files() if path not in (_SCHEMA, _RIGHTS)]
    for path in (_SCHEMA, *between, _RIGHTS):
        connection.execute(path.read_bytes())


def schema_version() -> str:
    """Changes with the text of any file: databases keep the schema that they were created with."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in _files())).hexdigest()


def _files() -> list[Path]:
    rooms = ("internal", "functions", "system_views")
    return [path for room in rooms for path in sorted((_HERE / room).rglob("*.sql"))]
