"""Physical design, keys and ALTER TABLE APPEND."""

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome

Run = Callable[..., Outcome]


@pytest.mark.parametrize(
    "definition",
    [
        "(a INT, b VARCHAR(10)) DISTSTYLE AUTO SORTKEY AUTO",
        "(a INT, b VARCHAR(10)) DISTSTYLE KEY DISTKEY (a) COMPOUND SORTKEY (a, b)",
        "(a INT DISTKEY SORTKEY, b VARCHAR(10) ENCODE zstd) DISTSTYLE KEY",
        "(a INT, b INT) DISTSTYLE ALL INTERLEAVED SORTKEY (a, b)",
        "(a INT, b INT) DISTSTYLE EVEN ENCODE AUTO BACKUP NO",
        "DISTSTYLE EVEN SORTKEY (a) AS SELECT 1 AS a, 2 AS b",
        "(a, b) INTERLEAVED SORTKEY (a) AS SELECT 1, 2",
    ],
)
def test_table_attributes(run: Run, definition: str) -> None:
    run(f"CREATE TABLE designed {definition}")
    assert [column.name for column in run("SELECT * FROM designed").columns] == ["a", "b"]
    run("DROP TABLE designed")


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        ("(a INT DISTKEY, b INT DISTKEY)", "only one DISTKEY"),
        ("(a INT) DISTSTYLE ALL DISTKEY (a)", "DISTKEY cannot be specified with DISTSTYLE ALL"),
        ("(a INT) DISTSTYLE KEY", "requires a DISTKEY"),
        ("(a INT) DISTSTYLE SOME", 'syntax error at or near "SOME"'),
        ("(a INT) SORTKEY", "SORTKEY requires a list"),
        ("(a INT) SORTKEY (a) SORTKEY (a)", "redundant options: SORTKEY"),
    ],
)
def test_table_attributes_refused(run: Run, definition: str, text: str) -> None:
    with pytest.raises(SqlError, match=text):
        run(f"CREATE TABLE refused {definition}")


@pytest.mark.parametrize(
    "action",
    [
        "ALTER DISTSTYLE ALL", "ALTER DISTSTYLE KEY DISTKEY a", "ALTER DISTKEY a", "ALTER DISTSTYLE AUTO",
        "ALTER SORTKEY (a)", "ALTER COMPOUND SORTKEY (a, b)", "ALTER SORTKEY AUTO", "ALTER SORTKEY NONE",
        "ALTER ENCODE AUTO", "ALTER COLUMN a ENCODE zstd", "ALTER SORTKEY (a), ALTER DISTSTYLE ALL",
        "ADD PRIMARY KEY (a)", "ADD CONSTRAINT u UNIQUE (a, b)", "ADD FOREIGN KEY (b) REFERENCES alt (a)",
    ],
)  # fmt: skip
def test_changes_without_effect(run: Run, action: str) -> None:
    run("CREATE TABLE alt (a INT NOT NULL, b INT)")
    run("INSERT INTO alt VALUES (1, 1), (1, 1)")
    assert not run(f"ALTER TABLE public.alt {action}").has_result
    run("INSERT INTO alt VALUES (1, 1)")
    run("DROP TABLE alt")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("alt ALTER DISTKEY c", 'column "c" named in key does not exist'),
        ("nosuch ALTER SORTKEY AUTO", 'relation "nosuch" does not exist'),
        ("alt ADD PRIMARY KEY (b)", "must be NOT NULL"),
        ("alt ADD UNIQUE (c)", "does not exist"),
    ],
)
def test_changes_refused(run: Run, change: str, text: str) -> None:
    run("CREATE TABLE IF NOT EXISTS alt (a INT NOT NULL, b INT)")
    with pytest.raises(SqlError, match=text):
        run(f"ALTER TABLE {change}")
    run("DROP TABLE alt")


def test_append(run: Run) -> None:
    run("CREATE TABLE app_t (a INT, b INT)")
    run("CREATE TABLE app_s (b INT, a INT)")
    run("CREATE TABLE app_x (a INT, b INT, c INT)")
    run("CREATE TABLE app_i (a INT, b VARCHAR(5))")
    run("INSERT INTO app_t VALUES (1, 1)")
    run("INSERT INTO app_s VALUES (20, 2)")
    run("ALTER TABLE app_t APPEND FROM app_s")
    assert run("SELECT a, b FROM app_t ORDER BY a").rows == [(1, 1), (2, 20)]
    assert run("SELECT COUNT(*) FROM app_s").rows == [(0,)]
    run("INSERT INTO app_x VALUES (3, 3, 3)")
    for source in ("app_x", "app_i"):
        with pytest.raises(SqlError, match="ALTER TABLE APPEND differ"):
            run(f"ALTER TABLE app_t APPEND FROM {source}")
    run("ALTER TABLE app_t APPEND FROM app_x IGNOREEXTRA")
    run("INSERT INTO app_s VALUES (4, 4)")
    run("ALTER TABLE app_x APPEND FROM app_s FILLTARGET")
    assert run("SELECT * FROM app_x").rows == [(4, 4, None)]
    run("BEGIN")
    with pytest.raises(SqlError, match="cannot run inside a transaction block"):
        run("ALTER TABLE app_t APPEND FROM app_s")
    run("ROLLBACK")
