"""CHAR and VARCHAR in bytes, BOOLEAN without text.

Source: "Character types", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.session import Session
from local_cloud.redshift.warehouse import Warehouse

VALUES = {
    "'ääää'::VARCHAR(5)": "ää",
    "'ab'::VARCHAR(5)": "ab",
    "'日本'::VARCHAR(4)": "日",
    "'abcdef'::CHAR(3)": "abc",
    "CAST('abcdef' AS VARCHAR(3))": "abc",
}
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "INSERT INTO chars (v) VALUES ('äää')": ({}, "value too long for type character varying(5)"),
    "INSERT INTO chars (v) VALUES (:v)": ({"v": "äää"}, "value too long for type character varying(5)"),
    "INSERT INTO chars (c) VALUES ('abcdef')": ({}, "value too long for type character(5)"),
    "INSERT INTO chars (c) VALUES ('ä')": ({}, "multibyte character not supported for CHAR"),
    "INSERT INTO chars (c) VALUES (:c)": ({"c": "ä"}, "multibyte character not supported for CHAR"),
    "UPDATE chars SET v = 'äää'": ({}, "value too long"),
    "SELECT TRUE::VARCHAR": ({}, "cannot cast type boolean to character varying"),
    "SELECT b::VARCHAR(5) FROM chars WHERE FALSE": ({}, "cannot cast type boolean to character varying"),
    "SELECT b || 'x' FROM chars WHERE FALSE": ({}, "cannot cast type boolean to character varying"),
    "SELECT (1 = 1) || 'x'": ({}, "cannot cast type boolean to character varying"),
    "INSERT INTO chars (v) VALUES (TRUE)": ({}, "cannot cast type boolean to character varying"),
    "CREATE TABLE too (v VARCHAR(65536))": ({}, "length for type varchar cannot exceed 65535"),
    "CREATE TABLE too (c CHAR(4097))": ({}, "length for type char cannot exceed 4096"),
    "CREATE TABLE too (d DECIMAL(39, 2))": ({}, "DECIMAL precision 39 must be between 1 and 38"),
    "CREATE TABLE too (d DECIMAL(38, 38))": ({}, "DECIMAL scale 38 must be between 0 and 37"),
    "CREATE TABLE too (d DECIMAL(4, 5))": ({}, "DECIMAL scale 5 must be between 0 and precision 4"),
    "CREATE TABLE too (b BYTEA)": ({}, 'syntax error at or near "BYTEA"'),
}


@pytest.fixture(scope="module")
def chars(warehouse: Warehouse) -> Iterator[Session]:
    session = warehouse.session("dev", "awsuser")
    session.execute("CREATE TEMP TABLE chars (c CHAR(5), v VARCHAR(5), b BOOLEAN)")
    session.execute("INSERT INTO chars VALUES ('abc      ', 'abc      ', TRUE)")
    yield session
    session.close()


@pytest.mark.parametrize(("expression", "value"), VALUES.items(), ids=VALUES)
def test_an_explicit_cast_cuts_whole_characters(run: Callable[..., Outcome], expression: str, value: str) -> None:
    assert run(f"SELECT {expression} AS r").rows == [(value,)]


@pytest.mark.parametrize(("sql", "case"), REFUSED.items(), ids=REFUSED)
def test_refused(chars: Session, sql: str, case: tuple[dict[str, str], str]) -> None:
    parameters, text = case
    with pytest.raises(SqlError) as raised:
        chars.execute(sql, parameters)
    assert text in raised.value.message


def test_surplus_blanks_are_cut(chars: Session) -> None:
    assert chars.execute("SELECT LEN(c), LEN(v) FROM chars").rows == [(3, 5)]


def test_a_boolean_is_refused_where_the_analysis_does_not_know_its_type(warehouse: Warehouse) -> None:
    with warehouse._engine.admin("dev") as connection, pytest.raises(Exception, match="cannot cast type boolean"):
        connection.execute("SELECT true::varchar")


def test_sizes_without_numbers(run: Callable[..., Outcome]) -> None:
    run("CREATE TEMP TABLE sizes (a CHAR(MAX), b VARCHAR(MAX), c VARCHAR, d CHAR, e BPCHAR, f TEXT, g NCHAR)")
    columns = run("SELECT * FROM sizes").columns
    assert [column.precision for column in columns] == [4096, 65535, 256, 1, 256, 256, 1]
