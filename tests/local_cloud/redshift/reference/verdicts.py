"""Runs documented cases on a session and judges the answers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Final

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Column, Outcome
from local_cloud.redshift.session import Session
from tests.local_cloud.redshift.reference.pages import Case, Entry

RIGHT: Final = "right"
REFUSED: Final = "refused"  # by name: the error says that the construct is not emulated
WRONG: Final = "wrong"

_BUCKET = "b"
_ROLE = "arn:aws:iam::123456789012:role/reference"
_TYPES = {
    "int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real", "float8": "double", "bpchar": "char",
    "bool": "boolean",
}  # fmt: skip

Objects = MutableMapping[str, bytes]


def judge(entry: Entry, session: Session, s3: Objects) -> Iterator[tuple[Case, str, str]]:
    """Each case, its verdict, and what happened instead of what the guide documents."""
    failed: SqlError | None = None
    if not entry.files:
        failed = _prepare(session, entry.setup)
    for case in entry.cases:
        files = {**entry.files, **(case.files or {})}
        if entry.files:
            s3.clear()
            failed = _prepare(session, (*_drops(entry.setup), *entry.setup))
        s3.update({key: text.encode() for key, text in files.items()})
        failed = _prepare(session, case.setup) or failed
        difference = _difference(case, session, s3)
        if failed and (case.error or difference):  # the case never had what it builds on
            yield case, _refusal(failed.message), f"its setup failed: {failed.message}"
        elif difference:
            yield case, _refusal(difference), difference
        else:
            yield case, RIGHT, ""


def _prepare(session: Session, statements: tuple[str, ...]) -> SqlError | None:
    """Runs all statements; returns the first error, which later ones may follow from."""
    first = None
    for sql in statements:
        try:
            session.execute(_filled(sql))
        except SqlError as error:
            first = first or (None if sql.startswith("DROP TABLE IF EXISTS") else error)
    return first


def _drops(setup: tuple[str, ...]) -> tuple[str, ...]:
    tables = [found[1] for sql in setup if (found := re.match(r"CREATE TABLE (\w+)", sql))]
    return tuple(f"DROP TABLE IF EXISTS {table}" for table in tables)


def _refusal(message: str) -> str:
    return REFUSED if "is not emulated" in message else WRONG


def _filled(sql: str) -> str:
    return sql.replace("{bucket}", _BUCKET).replace("{role}", _ROLE)


def _difference(case: Case, session: Session, s3: Mapping[str, bytes]) -> str:
    """What differs from the documented outcome; an empty text if nothing does."""
    try:
        outcome = session.execute(_filled(case.sql))
    except SqlError as error:
        expected = case.error if isinstance(case.error, str) else ""
        as_documented = case.error and expected.lower() in error.message.lower()
        return "" if as_documented and _refusal(error.message) == WRONG else error.message
    if case.error:
        return "it succeeds"
    return "; ".join(_differences(case, outcome, s3))


def _differences(case: Case, outcome: Outcome, s3: Mapping[str, bytes]) -> Iterator[str]:
    names = tuple(column.name for column in outcome.columns)
    if case.columns is not None and names != case.columns:
        yield f"columns {names}"
    if case.types is not None:
        types = tuple(_type(column) for column in outcome.columns)
        if len(types) != len(case.types) or any(
            want is not None and want not in (kind, kind.partition("(")[0])
            for want, kind in zip(case.types, types, strict=True)
        ):
            yield f"types {types}"
    rows = [tuple(map(_text, row)) for row in outcome.rows]
    if case.rows is not None and not _same(case, rows, outcome.columns):
        yield f"rows {rows[:20]}"
    if case.count is not None and len(rows) != case.count:
        yield f"{len(rows)} rows"
    if case.like is not None and not (len(rows) == 1 and re.search(case.like, rows[0][0] or "")):
        yield f"rows {rows[:20]}"
    for pattern, text in (case.written or {}).items():
        found = [key for key in s3 if re.search(pattern, key)]
        if not found or (text is not None and [s3[key].decode() for key in found] != [text]):
            yield f"objects {sorted(s3)}"


def _type(column: Column) -> str:
    name = _TYPES.get(column.type, column.type)
    return f"numeric({column.precision},{column.scale})" if name == "numeric" else name


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.hex()
    return None if value is None else str(value)


def _same(case: Case, rows: list[tuple[str | None, ...]], columns: tuple[Column, ...]) -> bool:
    wanted = list(case.rows or ())
    if case.unordered:
        rows, wanted = sorted(rows, key=repr), sorted(wanted, key=repr)
    return len(rows) == len(wanted) and all(
        len(row) == len(want) and all(map(_equal, row, want, columns)) for row, want in zip(rows, wanted, strict=True)
    )


def _equal(value: str | None, want: str | None, column: Column) -> bool:
    if value is None or want is None or column.type not in ("float4", "float8"):
        return value == want
    # The guide shows at least 5 digits of a REAL and 13 of a DOUBLE PRECISION.
    return value == want or math.isclose(
        float(value), float(want), rel_tol=1e-5 if column.type == "float4" else 1e-12, abs_tol=1e-15
    )
