"""Redshift's text in, PostgreSQL's text out."""

import pytest

from local_cloud.redshift.sql.context import Context
from local_cloud.redshift.translate import translate

PAIRS = {
    "CREATE TABLE t (a INT ENCODE zstd DISTKEY, b VARCHAR(20) NOT NULL SORTKEY) DISTSTYLE KEY BACKUP NO": (
        "CREATE TABLE t (a INT, b VARCHAR(20) NOT NULL)"
    ),
    "CREATE TABLE t (a INT, b FLOAT, c FLOAT4, d REAL, e VARCHAR, f TEXT, g DECIMAL, h VARCHAR(MAX))": (
        "CREATE TABLE t (a INT, b DOUBLE PRECISION, c REAL, d REAL, e VARCHAR(256), f VARCHAR(256), g DECIMAL(18, 0), "
        "h VARCHAR(65535))"
    ),
    "CREATE TABLE t (a VARBYTE(16), b VARBINARY)": "CREATE TABLE t (a BYTEA, b BYTEA)",
    "CREATE TABLE t (a INT PRIMARY KEY, b INT UNIQUE, c INT REFERENCES u (x), FOREIGN KEY (b) REFERENCES u (y))": (
        "CREATE TABLE t (a INT NOT NULL, b INT, c INT)"
    ),
    "CREATE TABLE t (a INT, b INT, CONSTRAINT k PRIMARY KEY (a, b)) COMPOUND SORTKEY (a, b)": (
        "CREATE TABLE t (a INT NOT NULL, b INT NOT NULL)"
    ),
    "CREATE TABLE t DISTKEY (a) SORTKEY (a) AS SELECT 1 AS a": "CREATE TABLE t AS SELECT 1 AS a",
    "CREATE MATERIALIZED VIEW v BACKUP NO DISTSTYLE EVEN SORTKEY (m) AUTO REFRESH YES AS SELECT 1 AS m": (
        "CREATE MATERIALIZED VIEW v AS SELECT 1 AS m"
    ),
    'SELECT "Total" FROM "T"': 'SELECT "total" FROM "t"',
    "DELETE t WHERE a = 1": "DELETE FROM t WHERE a = 1",
    "SELECT TOP 3 a FROM t": "SELECT a FROM t LIMIT 3",
    "SELECT DATEDIFF(mins, a, b) FROM t": "SELECT DATEDIFF('minute', a, b) AS \"date_diff\" FROM t",
    "SELECT DATEDIFF('mins', a, b) FROM t": "SELECT DATEDIFF('minute', a, b) AS \"date_diff\" FROM t",
    "SELECT DATE_TRUNC('mon', a) FROM t": "SELECT DATE_TRUNC('month', a) FROM t",
    "SELECT EXTRACT(yr FROM a) FROM t": "SELECT EXTRACT_PART('year', a) AS \"date_part\" FROM t",
    "SELECT NVL(a, 0), NVL2(a, 1, 2) FROM t": (
        'SELECT COALESCE(a, 0), CASE WHEN NOT a IS NULL THEN 1 ELSE 2 END AS "case" FROM t'
    ),
    "SELECT APPROXIMATE COUNT(DISTINCT a) FROM t": "SELECT COUNT(DISTINCT a) FROM t",
    "SELECT LISTAGG(a, ',') WITHIN GROUP (ORDER BY b) FROM t": (
        "SELECT LISTAGG(CAST(a AS TEXT), ',' ORDER BY b) FROM t"
    ),
    "LOCK a, b": "LOCK TABLE a, b IN ACCESS EXCLUSIVE MODE",
    "SELECT a -- a comment\nFROM t /* and one more */": "SELECT a FROM t",
}


@pytest.mark.parametrize(("redshift", "postgres"), PAIRS.items(), ids=PAIRS)
def test_translation(redshift: str, postgres: str) -> None:
    assert translate(redshift).sql == postgres


def test_named_parameters_become_literals_and_casts_stay() -> None:
    sql = "SELECT :b::date, ':x', a::int FROM t WHERE c = :a AND d > :b"
    translation = translate(sql, Context(parameters={"a": "it's", "b": "2024-01-01"}))
    assert translation.parameters == ("b", "a")
    assert translation.sql == (
        "SELECT CAST('2024-01-01' AS DATE), ':x', CAST(a AS INT) FROM t WHERE c = 'it''s' AND d > '2024-01-01'"
    )
