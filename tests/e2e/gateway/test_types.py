"""Every type of column that the warehouse and its Data API know, with a value and with NULL, as a client gets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.gateway.gateways import Gateways
from tests.e2e.gateway.queries import COLUMNS, TYPES

BEYOND = 2**53


@dataclass(frozen=True)
class Case:
    """A literal that is stored in a column, and what the client gets for it."""

    column: str
    literal: str
    cell: str | int | float | bool
    type: str


CASES = [
    Case("a_smallint", "-32768", -32768, "int2"),
    Case("an_integer", "2147483647", 2147483647, "int4"),
    Case("a_bigint", "42", 42, "int8"),
    Case("a_bigint", str(BEYOND), BEYOND, "int8"),
    Case("a_bigint", str(BEYOND + 1), str(BEYOND + 1), "int8"),
    Case("a_bigint", str(-BEYOND - 1), str(-BEYOND - 1), "int8"),
    Case("a_bigint", "9223372036854775807", "9223372036854775807", "int8"),
    Case("a_bigint", "-9223372036854775808", "-9223372036854775808", "int8"),
    Case("a_decimal", "12.5", "12.5000000000", "numeric"),
    Case(
        "a_decimal", "-1234567890123456789012345678.0123456789", "-1234567890123456789012345678.0123456789", "numeric"
    ),
    Case("a_decimal", "0", "0.0000000000", "numeric"),
    Case("a_real", "0.5", 0.5, "float4"),
    Case("a_double", "0.1", 0.1, "float8"),
    Case("a_double", "1e300", 1e300, "float8"),
    Case("a_double", "'NaN'", "NaN", "float8"),
    Case("a_double", "'Infinity'", "Infinity", "float8"),
    Case("a_double", "'-Infinity'", "-Infinity", "float8"),
    Case("a_boolean", "true", True, "bool"),
    Case("a_boolean", "false", False, "bool"),
    Case("a_char", "'ab'", "ab   ", "bpchar"),
    Case("a_varchar", "'O''Brien said \"no\"'", 'O\'Brien said "no"', "varchar"),
    Case("a_varchar", "'two\nlines, a\ttab and a \\\\ backslash'", "two\nlines, a\ttab and a \\ backslash", "varchar"),
    Case("a_varchar", "'😀 한국 é'", "😀 한국 é", "varchar"),
    Case("a_varchar", "'NULL'", "NULL", "varchar"),
    Case("a_varchar", "''", "", "varchar"),
    Case("a_varchar", f"'{BEYOND + 1}'", str(BEYOND + 1), "varchar"),
    Case("a_date", "'2015-01-31'", "2015-01-31", "date"),
    Case("a_time", "'23:59:59'", "23:59:59", "time"),
    Case("a_timetz", "'23:59:59+00'", "23:59:59+00", "timetz"),
    Case("a_timestamp", "'2015-01-31 23:59:59.123456'", "2015-01-31 23:59:59.123456", "timestamp"),
    Case("a_timestamp", "'2015-01-31 00:00:00'", "2015-01-31 00:00:00", "timestamp"),
    Case("a_timestamptz", "'2015-01-31 12:00:00+00'", "2015-01-31 12:00:00+00", "timestamptz"),
    Case("a_varbyte", "TO_VARBYTE('00ff', 'hex')", "AP8=", "varbyte"),
]
NULLS = len(CASES)


@pytest.fixture(scope="module")
def answers(gateways: Gateways) -> Iterator[dict[int, tuple[dict[str, str], dict[str, object]]]]:
    """By the number of a row: the types of its columns, and its cells."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    gateways.cloud.query(f"CREATE TABLE {TYPES} (number INTEGER, {columns})")
    gateways.cloud.query(f'GRANT SELECT ON {TYPES} TO "{gateways.open.outputs["database_user"]}"')
    for number, case in enumerate(CASES):
        gateways.cloud.query(f"INSERT INTO {TYPES} (number, {case.column}) VALUES ({number}, {case.literal})")
    gateways.cloud.query(f"INSERT INTO {TYPES} (number) VALUES ({NULLS})")
    with gateways.open.connected() as gateway:
        got = {}
        for number in range(NULLS + 1):
            answer = next(gateway.ask("types", {"number": number}))
            (row,) = answer.as_dicts()
            got[number] = {column["name"]: column["type"] for column in answer.columns}, row
        yield got


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{CASES[n].column} {CASES[n].literal[:30]!a}")
def test_a_value_arrives_as_it_is(answers: dict[int, tuple[dict[str, str], dict[str, object]]], number: int) -> None:
    case, (types, row) = CASES[number], answers[number]
    assert types[case.column] == case.type
    assert row[case.column] == case.cell
    assert type(row[case.column]) is type(case.cell)
    assert all(cell is None for name, cell in row.items() if name != case.column)


@pytest.mark.parametrize("column", COLUMNS)
def test_null_is_null(answers: dict[int, tuple[dict[str, str], dict[str, object]]], column: str) -> None:
    types, row = answers[NULLS]
    assert row[column] is None
    assert types[column] == next(case.type for case in CASES if case.column == column)
