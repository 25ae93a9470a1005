"""Precision and scale of DECIMAL in every operation: the type of the column as well as its values.

Sources: "Computations with numeric values" and the pages of the functions, Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from local_cloud.redshift.results import Outcome
from local_cloud.redshift.session import Session
from local_cloud.redshift.warehouse import Warehouse

_TABLE = "CREATE TEMP TABLE d (a DECIMAL(8,2), b DECIMAL(8,2), c DECIMAL(5,3), s SMALLINT, i INT, g BIGINT, f FLOAT)"
ANSWERS = {
    "a / b": ("numeric(17,9)", ["33.333333333", "6.250000000"]),
    "b / a": ("numeric(17,9)", ["0.030000000", "0.160000000"]),
    "a / c": ("numeric(14,5)", ["80.00000", "20.00000"]),
    "a + c": ("numeric(10,3)", ["101.250", "52.500"]),
    "c - a": ("numeric(10,3)", ["-98.750", "-47.500"]),
    "a * c": ("numeric(14,5)", ["125.00000", "125.00000"]),
    "a * s": ("numeric(14,2)", ["400.00", "150.00"]),
    "a * i": ("numeric(19,2)", ["400.00", "150.00"]),
    "a * g": ("numeric(28,2)", ["400.00", "150.00"]),
    "a / s": ("numeric(14,8)", ["25.00000000", "16.66666667"]),
    "a + s": ("numeric(9,2)", ["104.00", "53.00"]),
    "a - g": ("numeric(22,2)", ["96.00", "47.00"]),
    "a * f": ("float8", [50.0, 25.0]),
    "a::DECIMAL(38,10) / b::DECIMAL(38,10)": ("numeric(38,4)", ["33.3333", "6.2500"]),
    "a::DECIMAL(30,2) / (8 + 0.00)::DECIMAL(10,2)": ("numeric(38,8)", ["12.50000000", "6.25000000"]),
    "COALESCE(a, c)": ("numeric(9,3)", ["100.000", "50.000"]),
    "NVL(a, 0)": ("numeric(12,2)", ["100.00", "50.00"]),
    "CASE WHEN a > 60 THEN a ELSE c END": ("numeric(9,3)", ["100.000", "2.500"]),
    "DECODE(i, 3, a, c)": ("numeric(9,3)", ["1.250", "50.000"]),
    "NVL2(a, c, a)": ("numeric(9,3)", ["1.250", "2.500"]),
    "GREATEST(a, c)": ("numeric(9,3)", ["100.000", "50.000"]),
    "NULLIF(a, 50)": ("numeric(8,2)", ["100.00", None]),
    "(a)": ("numeric(8,2)", ["100.00", "50.00"]),
    "-a": ("numeric(8,2)", ["-100.00", "-50.00"]),
    "i / 2": ("int4", [2, 1]),
    "s + g": ("int8", [8, 6]),
    "MAX(a) OVER ()": ("numeric(8,2)", ["100.00", "100.00"]),
    "SUM(a) OVER () / 2": ("numeric(38,4)", ["75.0000", "75.0000"]),
    "(a * 1.236)::DECIMAL(8,2)": ("numeric(8,2)", ["123.60", "61.80"]),
    "(a * 1.23678)::DECIMAL(9,2)": ("numeric(9,2)", ["123.67", "61.83"]),  # not rounded: selected from a table
}
QUERIES = {
    "SELECT SUM(a) FROM d": ("numeric(38,2)", ["150.00"]),
    "SELECT AVG(c) FROM d": ("numeric(38,3)", ["1.875"]),
    "SELECT AVG(x) FROM (SELECT 1.00 AS x UNION ALL SELECT 2.00 UNION ALL SELECT 4.00) t": ("numeric(38,2)", ["2.33"]),
    "SELECT AVG(x) FROM (SELECT -1.00 AS x UNION ALL SELECT -1.00 UNION ALL SELECT 0.00) t": (
        "numeric(38,2)",
        ["-0.66"],
    ),
    "SELECT AVG(DISTINCT b) FROM d": ("numeric(38,2)", ["5.50"]),
    "SELECT AVG(a) FROM d WHERE a < 0": ("numeric(38,2)", [None]),
    "SELECT AVG(a) OVER () FROM d LIMIT 1": ("numeric(38,2)", ["75.00"]),
    "SELECT SUM(a) FROM d GROUP BY s HAVING AVG(a) > 60": ("numeric(38,2)", ["100.00"]),
    "SELECT NVL(SUM(a), 0) FROM d WHERE a < 0": ("numeric(38,2)", ["0.00"]),
    "SELECT SUM(a) / SUM(b) FROM d": ("numeric(38,4)", ["13.6364"]),
    "SELECT a FROM d UNION SELECT c FROM d ORDER BY 1": ("numeric(9,3)", ["1.250", "2.500", "50.000", "100.000"]),
    "SELECT a FROM d UNION ALL SELECT 1 ORDER BY 1": ("numeric(12,2)", ["1.00", "50.00", "100.00"]),
    "SELECT a FROM d EXCEPT SELECT c FROM d ORDER BY 1": ("numeric(9,3)", ["50.000", "100.000"]),
    "WITH x AS (SELECT a / b AS q FROM d) SELECT MAX(q) FROM x": ("numeric(17,9)", ["33.333333333"]),
    "SELECT q FROM (SELECT a / c AS q FROM d) AS x ORDER BY 1": ("numeric(14,5)", ["20.00000", "80.00000"]),
    "SELECT x.q FROM (SELECT a / c FROM d) AS x (q) ORDER BY 1": ("numeric(14,5)", ["20.00000", "80.00000"]),
    "SELECT (SELECT MAX(a) FROM d) / 3": ("numeric(19,13)", ["33.3333333333333"]),
    "SELECT 1.5 / 4": ("numeric(13,12)", ["0.375000000000"]),
    "SELECT CAST(109.652 AS DECIMAL(4,1))": ("numeric(4,1)", ["109.7"]),
}


@pytest.fixture(scope="module")
def decimals(warehouse: Warehouse) -> Iterator[Session]:
    session = warehouse.session("dev", "awsuser")
    session.execute(_TABLE)
    session.execute("INSERT INTO d VALUES (100, 3, 1.250, 4, 4, 4, 0.5), (50, 8, 2.5, 3, 3, 3, 0.5)")
    yield session
    session.close()


def _check(outcome: Outcome, kind: str, values: list[object]) -> None:
    column = outcome.columns[0]
    shown = f"{column.type}({column.precision},{column.scale})" if column.type == "numeric" else column.type
    assert (shown, [row[0] for row in outcome.rows]) == (kind, values)


@pytest.mark.parametrize(("expression", "answer"), ANSWERS.items(), ids=ANSWERS)
def test_expression(decimals: Session, expression: str, answer: tuple[str, list[object]]) -> None:
    _check(decimals.execute(f"SELECT {expression} FROM d ORDER BY d.i DESC"), *answer)


@pytest.mark.parametrize(("query", "answer"), QUERIES.items(), ids=QUERIES)
def test_query(decimals: Session, query: str, answer: tuple[str, list[object]]) -> None:
    _check(decimals.execute(query), *answer)


def test_a_table_made_of_a_query_has_the_types_of_the_query(decimals: Session) -> None:
    decimals.execute("CREATE TEMP TABLE made AS SELECT a / b AS q, SUM(a) OVER () AS s FROM d")
    columns = decimals.execute("SELECT * FROM made").columns
    assert [(column.precision, column.scale) for column in columns] == [(17, 9), (38, 2)]


def test_a_view_has_the_types_of_its_query(run: Callable[..., Outcome]) -> None:
    run("CREATE VIEW halves AS SELECT 1.00::DECIMAL(8,2) / 2::DECIMAL(8,2) AS half")
    _check(run("SELECT half FROM halves"), "numeric(17,9)", ["0.500000000"])
    run("DROP VIEW halves")


def test_a_dynamic_statement_of_a_procedure_knows_the_types_of_temporary_tables(decimals: Session) -> None:
    decimals.execute(
        "CREATE OR REPLACE PROCEDURE divide() AS $$ BEGIN"
        " EXECUTE 'CREATE TEMP TABLE divided AS SELECT a / b AS q FROM d'; END; $$ LANGUAGE plpgsql"
    )
    decimals.execute("CALL divide()")
    _check(decimals.execute("SELECT q FROM divided ORDER BY 1"), "numeric(17,9)", ["6.250000000", "33.333333333"])


def test_a_procedure_knows_the_types_of_the_tables_that_it_makes(decimals: Session) -> None:
    decimals.execute(
        "CREATE OR REPLACE PROCEDURE divides() AS $$ BEGIN CREATE TEMP TABLE made_1 (x DECIMAL(8,2), y DECIMAL(8,2));"
        " INSERT INTO made_1 VALUES (1, 3); CREATE TEMP TABLE made_2 AS SELECT x / y AS z FROM made_1;"
        " CREATE TEMP TABLE made_3 AS SELECT z * 2 AS p, p + 1 AS q FROM made_2; END; $$ LANGUAGE plpgsql"
    )
    decimals.execute("CALL divides()")
    assert decimals.execute("SELECT p, q FROM made_3").rows == [("0.666666666", "1.666666666")]


def test_an_overflow_of_an_explicit_cast(decimals: Session) -> None:
    with pytest.raises(Exception, match="Numeric data overflow \\(result precision\\)"):
        decimals.execute("SELECT (a * 1000)::DECIMAL(7,3) FROM d")
