"""SQL that PostgreSQL runs and Redshift refuses, depending on what is around it."""

from __future__ import annotations

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.translate import translate

_FRAME = "require a frame clause"
_MERGE = "MERGE INTO t USING s ON t.id = s.id "
_BOTH = "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.id)"
REFUSED = {
    "SELECT SUM(x) OVER (ORDER BY y) FROM t": _FRAME,
    "SELECT COUNT(*) OVER (ORDER BY y) FROM t": _FRAME,
    "SELECT MAX(x) OVER (PARTITION BY z ORDER BY y) FROM t": _FRAME,
    "SELECT FIRST_VALUE(x) OVER (ORDER BY y) FROM t": _FRAME,
    "SELECT LAST_VALUE(x) OVER (ORDER BY y) FROM t": _FRAME,
    "SELECT NTH_VALUE(x, 2) OVER (ORDER BY y) FROM t": _FRAME,
    "SELECT SUM(x) OVER w FROM t WINDOW w AS (ORDER BY y)": _FRAME,
    "SELECT SUM(x) OVER (ORDER BY y RANGE UNBOUNDED PRECEDING) FROM t": "RANGE clause of window functions",
    "SELECT RANK() OVER (ORDER BY y ROWS UNBOUNDED PRECEDING) FROM t": "rank does not support a frame",
    "SELECT LAG(x, 1, 0) OVER (ORDER BY y) FROM t": "Default parameter not be supported for window function lag",
    "SELECT LEAD(x, 1, 0) OVER (ORDER BY y) FROM t": "Default parameter not be supported for window function lead",
    "SELECT RANK() OVER (ORDER BY 'y') FROM t": "constant expressions are not supported in order by clauses",
    "SELECT a IS TRUE FROM t": "Not implemented",
    "SELECT a IS NOT FALSE AS b FROM t": "Not implemented",
    "SELECT CONCAT('a', 'b', 'c')": "function concat with 3 arguments does not exist",
    "SELECT a FROM t WHERE a IS DISTINCT FROM 1": "IS DISTINCT FROM is not Redshift SQL",
    "SELECT a FROM t WHERE a > ANY (SELECT b FROM s)": "another operator than = is not Redshift SQL",
    "SELECT a FROM t WHERE a > ALL (SELECT b FROM s)": "another operator than <> is not Redshift SQL",
    "SELECT a FROM t INTERSECT ALL SELECT b FROM s": "INTERSECT ALL is not Redshift SQL",
    "SELECT a FROM t MINUS ALL SELECT b FROM s": "EXCEPT ALL is not Redshift SQL",
    "(SELECT a FROM t LIMIT 1) UNION SELECT b FROM s": "LIMIT may not be used within input to set operations",
    "SELECT a FROM (VALUES (1), (2)) t (a)": "VALUES as a relation is not Redshift SQL",
    "INSERT INTO t VALUES ((SELECT 1)), ((SELECT 2))": "can't use subqueries in multi-row VALUES",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r": "requires a list of columns",
    "CREATE TABLE t (tag INT)": 'syntax error at or near "tag"',
    "CREATE TABLE t (a INT, percent INT)": 'syntax error at or near "percent"',
    "CREATE TABLE system (a INT)": 'syntax error at or near "system"',
    "CREATE VIEW open AS SELECT 1 AS a": 'syntax error at or near "open"',
    "SELECT raw FROM t": 'syntax error at or near "raw"',
    "SELECT a FROM t AS top": 'syntax error at or near "top"',
    "INSERT INTO t (identity) VALUES (1)": 'syntax error at or near "identity"',
    "ALTER TABLE t ADD COLUMN a INT, ADD COLUMN b INT": "one column at a time",
    "ALTER TABLE t ADD COLUMN IF NOT EXISTS a INT": "ADD COLUMN IF NOT EXISTS is not Redshift SQL",
    "ALTER TABLE t DROP COLUMN IF EXISTS a": "DROP COLUMN IF EXISTS is not Redshift SQL",
    "ALTER TABLE t ADD COLUMN a INT NOT NULL": "must have a non-null default expression",
    "ALTER TABLE t ADD COLUMN a INT UNIQUE": "does not support UNIQUE",
    "ALTER TABLE t ADD COLUMN a INT PRIMARY KEY": "does not support PRIMARY KEY",
    "ALTER TABLE t ADD COLUMN a INT IDENTITY(1,1)": "does not support IDENTITY",
    "ALTER TABLE t ALTER COLUMN a TYPE BIGINT": "only the size of a VARCHAR can change",
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL": "is not Redshift SQL",
    "ALTER TABLE t ALTER COLUMN a SET DEFAULT 4": "is not Redshift SQL",
    f"MERGE INTO t x USING s ON x.id = s.id {_BOTH}": "an alias of the target table",
    f"MERGE INTO t USING (SELECT * FROM u) s ON t.id = s.id {_BOTH}": "a subquery as its source",
    f"MERGE INTO t USING t ON t.id = t.id {_BOTH}": "the target table as its source",
    f"{_MERGE} WHEN MATCHED AND s.id > 1 THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.id)": "a condition",
    f"{_MERGE} WHEN NOT MATCHED BY SOURCE THEN DELETE": "WHEN NOT MATCHED BY SOURCE",
    f"{_MERGE} WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN INSERT VALUES (s.id)": "DO NOTHING",
    f"{_MERGE} WHEN MATCHED THEN DELETE": "MERGE requires WHEN MATCHED",
    f"{_MERGE} WHEN NOT MATCHED THEN INSERT VALUES (s.id)": "MERGE requires WHEN MATCHED",
    f"{_MERGE} WHEN MATCHED THEN UPDATE SET t.n = s.n WHEN NOT MATCHED THEN INSERT VALUES (s.id)": "a table name",
}
ALLOWED = [
    "SELECT SUM(x) OVER (PARTITION BY y), RANK() OVER (ORDER BY y), ROW_NUMBER() OVER (ORDER BY y) FROM t",
    "SELECT SUM(x) OVER (ORDER BY y ROWS UNBOUNDED PRECEDING), LAG(x, 1) OVER (ORDER BY y) FROM t",
    "SELECT a FROM t WHERE b IS TRUE OR b IS NOT FALSE",
    "SELECT a FROM t WHERE a = ANY (SELECT b FROM s) AND a <> ALL (SELECT c FROM s)",
    "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r",
    'CREATE TABLE t ("tag" INT, start INT, connect INT, name INT, type INT, value INT, year INT)',
    "SELECT 1 AS percent, t.tag, oid, current_user, user, sysdate FROM t",
    "ALTER TABLE t ADD COLUMN a INT DEFAULT 1 NOT NULL",
    "ALTER TABLE t ALTER COLUMN a TYPE VARCHAR(90)",
    f"{_MERGE} WHEN MATCHED THEN UPDATE SET n = s.n WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)",
]


@pytest.mark.parametrize(("sql", "text"), REFUSED.items(), ids=REFUSED)
def test_refused(sql: str, text: str) -> None:
    with pytest.raises(SqlError) as raised:
        translate(sql)
    assert text in raised.value.message


@pytest.mark.parametrize("sql", ALLOWED)
def test_allowed(sql: str) -> None:
    assert translate(sql).sql
