"""Redshift's own functions and its arithmetic, where PostgreSQL has none or answers otherwise."""

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome

Run = Callable[..., Outcome]

ANSWERS: dict[str, object] = {
    # DATEDIFF counts boundaries
    "DATEDIFF(minute, '2015-01-01 00:00:59'::timestamp, '2015-01-01 00:01:00'::timestamp)": 1,
    "DATEDIFF(minutes, '2015-01-01 00:01:00'::timestamp, '2015-01-01 00:00:59'::timestamp)": -1,
    "DATEDIFF(h, '2015-01-01 00:59:59', '2015-01-01 01:00:00')": 1,
    "DATEDIFF(day, '2015-01-01 23:59:59', '2015-01-02')": 1,
    "DATEDIFF('qtr', '2014-12-31'::date, '2015-01-01'::date)": 1,
    "DATEDIFF(mon, '2015-01-31'::date, '2015-02-01'::date)": 1,
    "DATEDIFF(yr, '2014-12-31'::date, '2015-01-01'::timestamp)": 1,
    "DATEDIFF(week, '2009-01-01', '2009-12-31')": 52,
    "DATEDIFF(ms, '2015-01-01 00:00:00', '2015-01-01 00:00:01.5')": 1500,
    "DATEADD(month, 1, '2015-01-31'::date)": "2015-02-28 00:00:00",
    "DATEADD('d', -1, '2015-01-01')": "2014-12-31 00:00:00",
    "DATEADD(qtr, 1, '2015-01-01'::timestamp)": "2015-04-01 00:00:00",
    "ADD_MONTHS('2015-02-28'::date, 1)": "2015-03-31 00:00:00",
    "ADD_MONTHS('2015-02-27'::date, 1)": "2015-03-27 00:00:00",
    "LAST_DAY('2016-02-10')": "2016-02-29",
    "MONTHS_BETWEEN('2015-03-31'::date, '2015-02-28'::date)": 1.0,
    "NEXT_DAY('2015-01-25', 'Tuesday')": "2015-01-27",
    "DATE_TRUNC('mon', '2015-01-25'::date)": "2015-01-01 00:00:00",
    "DATE_PART(w, '2015-01-25'::date)": 4.0,
    "DATE_PART('dow', '2015-01-25'::timestamp)": 0.0,
    "EXTRACT(month FROM '2015-01-25'::timestamp)": 1,
    "TRUNC('2015-01-25 10:00:00'::timestamp)": "2015-01-25",
    "TO_DATE('January2015', 'MonthYYYY')": "2015-01-01",
    "TO_DATE('September 2019', 'Month YYYY')": "2019-09-01",
    "TO_DATE('25 Jan 2015', 'DD Mon YYYY')": "2015-01-25",
    "TO_DATE('2015-02-30', 'YYYY-MM-DD')": "2015-03-02",
    "TO_CHAR('2015-01-25'::date, 'YYYY-MM')": "2015-01",
    "CONVERT_TIMEZONE('America/New_York', '2015-01-01 12:00:00'::timestamp)": "2015-01-01 07:00:00",
    "DATEDIFF(day, GETDATE(), SYSDATE)": 0,
    "FROM_VARBYTE(TO_VARBYTE('00FF', 'hex'), 'hex')": "00ff",
    "FROM_VARBYTE(TO_VARBYTE('é', 'utf8'), 'utf8')": "é",
    # numbers
    "7 / 2": 3,
    "-7 / 2": -3,
    "SUM(x::bigint) / 60.0 FROM (SELECT 100 AS x) t": "1.6667",
    "SUM(x) / 60.0 FROM (SELECT 100 AS x) t": "1.6667",
    "SUM(x) / 60 FROM (SELECT 100::bigint AS x) t": 1,
    "SUM(x) / 2 FROM (SELECT 1.5::float4 AS x) t": 0.75,
    "AVG(x) FROM (SELECT 1 AS x UNION ALL SELECT 2) t": 1,
    "AVG(x) FROM (SELECT -1::bigint AS x UNION ALL SELECT -2) t": -1,
    "AVG(x) FROM (SELECT 1::decimal(5,2) AS x UNION ALL SELECT 2) t": "1.50",
    "AVG(x) FROM (SELECT 1 AS x WHERE 1 = 0) t": None,
    "SUM(x) FROM (SELECT 1::float4 AS x WHERE 1 = 0) t": None,
    "ROUND(2.345::float8, 2)": 2.35,
    "ROUND(2.345, 2)": "2.35",
    "TRUNC(2.349::float8, 2)": 2.34,
    "APPROXIMATE COUNT(DISTINCT x) FROM (SELECT 1 AS x UNION ALL SELECT 1) t": 1,
    "CONVERT(INT, '12')": 12,
    "STRTOL('ff', 16)": 255,
    # values and text
    "NVL(NULL, 3)": 3,
    "ISNULL(NULL, 3)": 3,
    "NULLIF(3, 3)": None,
    "NVL2(NULL, 1, 2)": 2,
    "DECODE(2, 1, 'one', 2, 'two', 'many')": "two",
    "LEN('abc')": 3,
    "CHARINDEX('b', 'abc')": 2,
    "SPLIT_PART('a|b|c', '|', 2)": "b",
    "REGEXP_SUBSTR('abc123', '[0-9]+')": "123",
    "REGEXP_SUBSTR('abc', '[0-9]+')": "",
    "REGEXP_COUNT('a1b2', '[0-9]')": 2,
    "REGEXP_REPLACE('a1b2', '[0-9]', 'x')": "axbx",
    "MD5('a')": "0cc175b9c0f1b6a831c399e269772661",
    "SHA2('a', 256)": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    "JSON_EXTRACT_PATH_TEXT('{\"a\": {\"b\": 1}}', 'a', 'b')": "1",
    "'a' || 'b'": "ab",
}


@pytest.mark.parametrize(("expression", "answer"), ANSWERS.items(), ids=ANSWERS)
def test_answer(run: Run, expression: str, answer: object) -> None:
    [(value,)] = run(f"SELECT {expression}").rows
    assert value == answer
    assert type(value) is type(answer)


def test_aggregates_of_ordered_values(run: Run) -> None:
    run("CREATE TABLE ordered (g INT, x INT)")
    run("INSERT INTO ordered VALUES (1, 6), (1, 1), (1, 2), (1, 2), (2, NULL)")
    query = (
        "SELECT g, MEDIAN(x), PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x),"
        " PERCENTILE_DISC(0.9) WITHIN GROUP (ORDER BY x) FROM ordered GROUP BY g ORDER BY g"
    )
    assert run(query).rows == [(1, "2.0", "2.0", 6), (2, None, None, None)]
    lists = "LISTAGG(x, ',') WITHIN GROUP (ORDER BY x DESC), LISTAGG(DISTINCT x) WITHIN GROUP (ORDER BY x DESC)"
    assert run(f"SELECT {lists} FROM ordered").rows == [("6,2,2,1", "621")]


def test_nulls_are_ignored_in_a_window(run: Run) -> None:
    run("CREATE TABLE gaps (id INT, x INT)")
    run("INSERT INTO gaps VALUES (1, NULL), (2, 20), (3, NULL), (4, 40), (5, NULL)")
    query = (
        "SELECT LAG(x) IGNORE NULLS OVER (ORDER BY id), LEAD(x, 2) IGNORE NULLS OVER (ORDER BY id),"
        " LAST_VALUE(x IGNORE NULLS) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) FROM gaps ORDER BY id"
    )
    assert run(query).rows == [(None, 40, None), (None, None, 20), (20, None, 20), (20, None, 40), (40, None, 40)]


def test_float4_sums_in_double_precision(run: Run) -> None:
    """In PostgreSQL a sum of REAL is REAL: 16777216 + 1 would be lost."""
    query = "SELECT SUM(x), AVG(x) FROM (SELECT 16777216::float4 AS x UNION ALL SELECT 1 UNION ALL SELECT 1) t"
    assert run(query).rows == [(16777218.0, 16777218.0 / 3)]


def test_types_of_results(run: Run) -> None:
    result = run(
        "SELECT 1::smallint AS a, 1 AS b, 1::bigint AS c, 1::float4 AS d, 1::float AS e, 1.50::decimal(9,2) AS f,"
        " 'x'::varchar(7) AS g, 'y'::char(3) AS h, true AS i, '2015-01-25'::date AS j,"
        " '2015-01-25 00:13:06'::timestamp AS k, '2015-01-25 00:13:06+00'::timestamptz AS l, NULL::int AS m"
    )
    assert [c.type for c in result.columns] == [
        "int2", "int4", "int8", "float4", "float8", "numeric", "varchar", "bpchar", "bool", "date", "timestamp",
        "timestamptz", "int4",
    ]  # fmt: skip
    assert result.rows == [
        (
            1,
            1,
            1,
            1.0,
            1.0,
            "1.50",
            "x",
            "y  ",
            True,
            "2015-01-25",
            "2015-01-25 00:13:06",
            "2015-01-25 00:13:06+00",
            None,
        )
    ]
    decimal, varchar = result.columns[5], result.columns[6]
    assert (decimal.precision, decimal.scale, varchar.length) == (9, 2, 7)


def test_columns_know_their_table(run: Run) -> None:
    run("CREATE TABLE origin (a INT NOT NULL, b INT)")
    a, b, c = run("SELECT a, b, a + 1 AS c FROM origin").columns
    assert (a.table, a.schema, a.nullable) == ("origin", "public", False)
    assert (b.nullable, c.table, c.nullable) == (True, "", True)


def test_qualify_and_top(run: Run) -> None:
    rows = "(SELECT 1 AS g, 5 AS v UNION ALL SELECT 1, 9 UNION ALL SELECT 2, 3) t"
    assert run(
        f"SELECT g, v FROM {rows} QUALIFY ROW_NUMBER() OVER (PARTITION BY g ORDER BY v DESC) = 1 ORDER BY g"
    ).rows == [
        (1, 9),
        (2, 3),
    ]
    assert run(f"SELECT TOP 1 v FROM {rows} ORDER BY v").rows == [(3,)]


def test_identity_counts_and_takes_no_value(run: Run) -> None:
    run("CREATE TABLE numbered (id BIGINT IDENTITY(0, 2), a INT)")
    assert run("INSERT INTO numbered (a) VALUES (1), (2)").affected == 2
    assert run("SELECT id FROM numbered ORDER BY id").rows == [(0,), (2,)]
    with pytest.raises(SqlError):
        run("INSERT INTO numbered (id, a) VALUES (9, 9)")


def test_keys_are_informational(run: Run) -> None:
    run("CREATE TABLE keyed (a INT PRIMARY KEY, b INT UNIQUE)")
    run("INSERT INTO keyed VALUES (1, 1), (1, 1)")
    with pytest.raises(SqlError, match="null value in column"):
        run("INSERT INTO keyed VALUES (NULL, 1)")
    run("DELETE keyed WHERE a = 1")
    assert run("SELECT COUNT(*) FROM keyed").rows == [(0,)]
