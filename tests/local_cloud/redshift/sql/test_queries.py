"""Queries that PostgreSQL cannot run as they are: lateral aliases, QUALIFY, EXCLUDE, GROUP BY ALL, names of columns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.session import Session
from local_cloud.redshift.warehouse import Warehouse

SETUP = [
    "CREATE TEMP TABLE q (n INT, v VARCHAR(9), w VARCHAR(9))",
    "INSERT INTO q VALUES (1, 'a', 'a  '), (2, 'b', 'c'), (3, 'b', NULL)",
    "CREATE TEMP TABLE dup (n INT, v VARCHAR(9))",
    "INSERT INTO dup VALUES (1, 'x')",
]
ANSWERS: dict[str, tuple[list[str], list[tuple[object, ...]]]] = {
    # Lateral aliases
    "SELECT n * 2 AS p, p + 1 AS r, r * p FROM q WHERE n = 1": (["p", "r", "?column?"], [(2, 3, 6)]),
    "SELECT n + 9 AS n, n AS m FROM q WHERE q.n = 1": (["n", "m"], [(10, 1)]),  # a column wins
    "SELECT COUNT(*) AS c, c * 2 AS d FROM q": (["c", "d"], [(3, 6)]),
    "SELECT 2 AS a, a + 1 AS b": (["a", "b"], [(2, 3)]),
    "SELECT n * 2 AS p FROM q WHERE p > 4": (["p"], [(6,)]),
    "WITH x AS (SELECT n + 1 AS m FROM q) SELECT m * 2 AS p, p + 1 AS r FROM x ORDER BY 1 LIMIT 1": (
        ["p", "r"],
        [(4, 5)],
    ),
    "SELECT ROW_NUMBER() OVER (ORDER BY n) AS r, r * 2 AS s FROM q ORDER BY 1 LIMIT 1": (["r", "s"], [(1, 2)]),
    # QUALIFY
    "SELECT * FROM q s QUALIFY ROW_NUMBER() OVER (ORDER BY n) = 1": (["n", "v", "w"], [(1, "a", "a  ")]),
    "SELECT s.* FROM q s QUALIFY ROW_NUMBER() OVER (ORDER BY n DESC) = 1": (["n", "v", "w"], [(3, "b", None)]),
    "SELECT n, RANK() OVER (ORDER BY n DESC) AS r FROM q s QUALIFY r = 1": (["n", "r"], [(3, 1)]),
    "SELECT v, COUNT(*) FROM q WHERE n > 0 GROUP BY v QUALIFY RANK() OVER (ORDER BY COUNT(*) DESC) = 1": (
        ["v", "count"],
        [("b", 2)],
    ),
    "SELECT v FROM q s QUALIFY COUNT(*) OVER (PARTITION BY v) = 2 ORDER BY n DESC LIMIT 1": (["v"], [("b",)]),
    "SELECT DISTINCT v FROM q s QUALIFY COUNT(*) OVER (PARTITION BY v) = 2": (["v"], [("b",)]),
    "SELECT * FROM q a JOIN dup b ON a.n = b.n QUALIFY ROW_NUMBER() OVER (ORDER BY a.n) = 1": (
        ["n", "v", "w", "n", "v"],
        [(1, "a", "a  ", 1, "x")],
    ),
    "SELECT COUNT(*) FROM (SELECT * FROM q s QUALIFY ROW_NUMBER() OVER (ORDER BY n) < 3) t": (["count"], [(2,)]),
    # The other forms
    "SELECT * EXCLUDE (v, w) FROM q ORDER BY n LIMIT 1": (["n"], [(1,)]),
    "SELECT v, SUM(n) FROM q GROUP BY ALL ORDER BY 1": (["v", "sum"], [("a", 1), ("b", 5)]),
    "SELECT * FROM q JOIN dup USING (n)": (["n", "v", "w", "v"], [(1, "a", "a  ", "x")]),
    "SELECT n * 2 AS p, p + 1 AS r FROM generate_series(1, 1) n": (["p", "r"], [(2, 3)]),
    "SELECT DISTINCT n / 2.0 FROM q ORDER BY n / 2.0 LIMIT 1": (["?column?"], [("0.5000",)]),
    # The outer join operator
    "SELECT q.n, dup.v FROM q, dup WHERE q.n = dup.n(+) AND q.n < 3 ORDER BY 1": (["n", "v"], [(1, "x"), (2, None)]),
    "SELECT * FROM dup, q WHERE q.n = dup.n(+) AND w = 'c'": (["n", "v", "n", "v", "w"], [(None, None, 2, "b", "c")]),
    "SELECT COUNT(*) FROM q a, q b WHERE a.n(+) = b.n AND a.v(+) = 'a'": (["count"], [(3,)]),
    # CONNECT BY
    "SELECT n, v, LEVEL FROM q START WITH n = 1 CONNECT BY PRIOR n + 1 = n ORDER BY 1": (
        ["n", "v", "level"],
        [(1, "a", 1), (2, "b", 2), (3, "b", 3)],
    ),
    "SELECT * FROM q WHERE level = 2 START WITH n = 1 CONNECT BY PRIOR n = n - 1": (["n", "v", "w"], [(2, "b", "c")]),
    "SELECT COUNT(*) FROM q x CONNECT BY PRIOR x.n = x.n - 1": (["count"], [(6,)]),
    # Trailing blanks
    "SELECT n FROM q WHERE v = w": (["n"], [(1,)]),
    "SELECT n FROM q WHERE w IN ('a', 'z')": (["n"], [(1,)]),
    "SELECT n FROM q WHERE w <> 'a'": (["n"], [(2,)]),
    "SELECT n FROM q WHERE w > 'a' AND w <= 'c  '": (["n"], [(2,)]),
    "SELECT a.n FROM q a JOIN q b ON a.v = b.w": (["n"], [(1,)]),
    "SELECT DECODE(w, 'a', 1, 2) AS d FROM q ORDER BY n": (["d"], [(1,), (2,), (2,)]),
    "SELECT NULLIF(w, 'a') FROM q WHERE n = 1": (["w"], [(None,)]),
    "SELECT CASE w WHEN 'a' THEN 1 END FROM q WHERE n = 1": (["case"], [(1,)]),
    "SELECT COUNT(DISTINCT x) FROM (SELECT v AS x FROM q UNION ALL SELECT w FROM q) t": (["count"], [(3,)]),
    "SELECT COUNT(*) FROM (SELECT v FROM q UNION SELECT w FROM q) t": (["count"], [(4,)]),
    "SELECT x, COUNT(*) FROM (SELECT v AS x FROM q UNION ALL SELECT w FROM q) t GROUP BY x ORDER BY 2 DESC, 1": (
        ["x", "count"],
        [("a", 2), ("b", 2), ("c", 1), (None, 1)],
    ),
    "SELECT LEN(w), w LIKE 'a', w LIKE 'a  ' FROM q WHERE n = 1": (
        ["len", "?column?", "?column?"],
        [(3, False, True)],
    ),
    # Names
    "SELECT DATEDIFF(day, '2020-01-01', '2020-01-03'), DATEADD(day, 1, '2020-01-01')": (
        ["date_diff", "date_add"],
        [(2, "2020-01-02 00:00:00")],
    ),
    "SELECT EXTRACT(year FROM DATE '2020-01-01'), DATE_PART(year, DATE '2020-01-01')": (
        ["date_part", "pgdate_part"],
        [(2020, 2020.0)],
    ),
    "SELECT LISTAGG(n, ',') WITHIN GROUP (ORDER BY n), NVL(MAX(n), 0), SUM(n) / 2 FROM q": (
        ["listagg", "coalesce", "?column?"],
        [("1,2,3", 3, 3)],
    ),
    "SELECT NVL2(n, 1, 2), DECODE(n, 1, 5, 6), (SELECT MAX(n) FROM q), n::BIGINT FROM q WHERE n = 1": (
        ["case", "case", "max", "n"],
        [(1, 5, 3, 1)],
    ),
    "SELECT CAST(2008 AS CHAR(4)), 1.5 / 2, LOWER('A')": (
        ["bpchar", "?column?", "lower"],
        [("2008", "0.750000000000", "a")],
    ),
}


@pytest.fixture(scope="module")
def queries(warehouse: Warehouse) -> Iterator[Session]:
    session = warehouse.session("dev", "awsuser")
    for sql in SETUP:
        session.execute(sql)
    yield session
    session.close()


@pytest.mark.parametrize(("sql", "answer"), ANSWERS.items(), ids=ANSWERS)
def test_answer(queries: Session, sql: str, answer: tuple[list[str], list[tuple[object, ...]]]) -> None:
    outcome = queries.execute(sql)
    assert ([column.name for column in outcome.columns], outcome.rows) == answer


def test_qualify_in_an_insert(queries: Session) -> None:
    queries.execute("CREATE TEMP TABLE best (n INT, v VARCHAR(9), w VARCHAR(9))")
    queries.execute("INSERT INTO best SELECT * FROM q s QUALIFY ROW_NUMBER() OVER (ORDER BY n DESC) = 1")
    assert queries.execute("SELECT n FROM best").rows == [(3,)]


def test_qualify_straight_after_from_requires_an_alias(queries: Session) -> None:
    with pytest.raises(SqlError, match="requires an alias"):
        queries.execute("SELECT * FROM q QUALIFY ROW_NUMBER() OVER (ORDER BY n) = 1")


def test_having_knows_no_alias(queries: Session) -> None:
    with pytest.raises(SqlError, match='column "s" does not exist'):
        queries.execute("SELECT v, SUM(n) AS s FROM q GROUP BY v HAVING s > 1")


def test_a_view_keeps_the_names(queries: Session) -> None:
    queries.execute("CREATE VIEW named AS SELECT DATEDIFF(day, '2020-01-01', '2020-01-03')")
    assert queries.execute("SELECT date_diff FROM named").rows == [(2,)]
    queries.execute("DROP VIEW named")


def test_equality_of_texts_is_hashable(warehouse: Warehouse) -> None:
    """Joins and groups of large tables need it."""
    with warehouse._engine.admin("dev") as connection:
        connection.execute("SET enable_mergejoin = off; SET enable_nestloop = off")
        connection.execute(
            "CREATE TEMP TABLE h AS SELECT i::text::varchar AS v FROM generate_series(1, 2000) i; ANALYZE h"
        )
        plan = connection.execute("EXPLAIN SELECT a.v, count(*) FROM h a JOIN h b ON a.v = b.v GROUP BY a.v").fetchall()
    text = "\n".join(str(row[0]) for row in plan)
    assert "Hash Join" in text
    assert "HashAggregate" in text


REFUSED = {
    "SELECT 1 AS a FROM q, dup WHERE q.n = dup.n(+) OR q.n = 1": "not allowed in operand of OR or IN",
    "SELECT 1 AS a FROM q, dup, q x WHERE q.n = dup.n(+) AND x.n = dup.n(+)": "at most one other table",
    "SELECT 1 AS a FROM q, dup WHERE q.n = dup.n * 1(+)": "the operator follows a column",
    "SELECT 1 AS a FROM q JOIN q x ON q.n = x.n, dup WHERE q.n = dup.n(+)": "cannot be combined",
    "SELECT 1 AS a FROM q START WITH n = 1 CONNECT BY n = 2": "requires a condition with PRIOR",
}


@pytest.mark.parametrize(("sql", "text"), REFUSED.items(), ids=REFUSED)
def test_refused(queries: Session, sql: str, text: str) -> None:
    with pytest.raises(SqlError) as raised:
        queries.execute(sql)
    assert text in raised.value.message
