"""The result of a statement, in the types and sizes that the Data API reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg.pq.abc import PGresult


@dataclass(frozen=True)
class Column:
    """A column of a result; `type` is the Data API's name."""

    name: str
    type: str
    length: int
    precision: int
    scale: int
    nullable: bool
    table: str
    schema: str


@dataclass(frozen=True)
class Outcome:
    """A finished statement. `affected` is the number of rows written, -1 if it writes none by nature."""

    columns: tuple[Column, ...]
    rows: list[tuple[object, ...]]
    affected: int
    has_result: bool


@dataclass(frozen=True)
class _Origin:
    table: str
    schema: str
    nullable: bool


_FIRST_OWN_TYPE = 16384  # PostgreSQL's own types have lower numbers
_UNKNOWN = _Origin("", "", nullable=True)
_TYPES = {
    16: "bool", 17: "varbyte", 18: "char", 19: "name", 20: "int8", 21: "int2", 23: "int4", 25: "varchar", 26: "oid",
    700: "float4", 701: "float8", 705: "varchar", 1042: "bpchar", 1043: "varchar", 1082: "date", 1083: "time",
    1114: "timestamp", 1184: "timestamptz", 1186: "interval", 1266: "timetz", 1700: "numeric", 2205: "varchar",
    2278: "varchar",
}  # fmt: skip
_SIZES = {"bool": 1, "int2": 5, "int4": 10, "int8": 19, "float4": 8, "float8": 17, "date": 13, "timestamp": 29,
          "timestamptz": 35, "time": 15, "timetz": 21, "oid": 10}  # fmt: skip
_VALUES: dict[str, Callable[[str], object]] = {
    "bool": lambda text: text == "t",
    "int2": int,
    "int4": int,
    "int8": int,
    "oid": int,
    "float4": float,
    "float8": float,
    "super": lambda text: _super(text),
    "varbyte": lambda text: bytes.fromhex(text.removeprefix("\\x")),
}


def outcome(connection: psycopg.Connection[tuple[object, ...]], result: PGresult) -> Outcome:
    """Rows as Python values; dates, times and decimals as Redshift's text."""
    origins = _origins(connection, result)
    types = {**_TYPES, **_own_types(connection, result)}
    kinds = [types.get(result.ftype(i), "varchar") for i in range(result.nfields)]
    reads = [_VALUES.get(kind) for kind in kinds]
    rows = [
        tuple(_value(result.get_value(row, i), read) for i, read in enumerate(reads)) for row in range(result.ntuples)
    ]
    columns = tuple(
        _column(result, i, kind, origins.get((result.ftable(i), result.ftablecol(i)), _UNKNOWN), rows)
        for i, kind in enumerate(kinds)
    )
    return Outcome(columns, rows, -1, has_result=True)


def _own_types(connection: psycopg.Connection[tuple[object, ...]], result: PGresult) -> dict[int, str]:
    """The names of the types in a result that PostgreSQL itself does not have."""
    wanted = {result.ftype(i) for i in range(result.nfields) if result.ftype(i) >= _FIRST_OWN_TYPE}
    if not wanted:
        return {}
    query = "SELECT oid, typname FROM pg_catalog.pg_type WHERE typname = 'super' AND oid = ANY(%s::bigint[]::oid[])"
    return {int(str(oid)): str(name) for oid, name in connection.execute(query, (list(wanted),))}


def _super(text: str) -> str:
    """JSON: a string is stored as it is, another value behind a mark (internal/super.sql)."""
    return text[1:] if text.startswith("\x01") else json.dumps(text, ensure_ascii=False)


def _value(raw: bytes | None, read: Callable[[str], object] | None) -> object:
    if raw is None:
        return None
    text = bytes(raw).decode()
    return read(text) if read else text


def _column(result: PGresult, i: int, kind: str, origin: _Origin, rows: list[tuple[object, ...]]) -> Column:
    modifier = result.fmod(i)
    precision, scale = _SIZES.get(kind, 0), 0
    if kind == "numeric":
        if modifier >= 4:
            precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0x7FF
        else:  # an expression, whose scale only its values show
            shown = (str(row[i]).partition(".")[2] for row in rows if row[i] is not None)
            precision, scale = 38, max(map(len, shown), default=0)
    elif kind in {"varchar", "bpchar"}:
        precision = modifier - 4 if modifier > 4 else 256 if result.ftype(i) in {25, 705} else 65535
    elif kind in {"timestamp", "timestamptz"}:
        scale = 6
    name = (result.fname(i) or b"").decode()
    return Column(name, kind, precision, precision, scale, origin.nullable, origin.table, origin.schema)


def _origins(connection: psycopg.Connection[tuple[object, ...]], result: PGresult) -> dict[tuple[int, int], _Origin]:
    """Which table and column each result column comes from."""
    wanted = {(result.ftable(i), result.ftablecol(i)) for i in range(result.nfields) if result.ftable(i)}
    if not wanted:
        return {}
    found = connection.execute(
        "SELECT c.oid, a.attnum, c.relname, n.nspname, NOT a.attnotnull FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid WHERE c.oid = ANY(%s::bigint[]::oid[])",
        ([table for table, _ in wanted],),
    )
    return {
        (int(str(oid)), int(str(number))): _Origin(
            str(table), "pg_catalog" if schema == "redshift" else str(schema), bool(nullable)
        )
        for oid, number, table, schema, nullable in found
    }
