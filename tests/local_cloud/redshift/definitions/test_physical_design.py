"""The physical design and the keys of tables, as ALTER TABLE changes them and the catalog shows them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome

Run = Callable[..., Outcome]


def style(run: Run, table: str) -> list[tuple[object, ...]]:
    run(f"INSERT INTO {table} SELECT 1")
    return run(f"SELECT diststyle, sortkey1, sortkey_num FROM svv_table_info WHERE \"table\" = '{table}'").rows


def test_changes_are_shown(run: Run) -> None:
    run("CREATE TABLE design (a INT ENCODE zstd)")
    assert style(run, "design") == [("AUTO(ALL)", "AUTO(SORTKEY)", 0)]
    run("ALTER TABLE design ALTER DISTSTYLE KEY DISTKEY a, ALTER SORTKEY (a)")
    assert style(run, "design") == [("KEY(a)", "a", 1)]
    run("ALTER TABLE design RENAME COLUMN a TO b")
    assert style(run, "design") == [("KEY(b)", "b", 1)]
    run("ALTER TABLE design ALTER SORTKEY NONE")
    run("ALTER TABLE design ALTER DISTSTYLE EVEN")
    assert style(run, "design") == [("EVEN", "AUTO(SORTKEY)", 0)]
    run("ALTER TABLE design ALTER COLUMN b ENCODE lzo")
    assert run("SELECT TRIM(encoding) FROM pg_table_def WHERE tablename = 'design'").rows == [("lzo",)]


def test_ctas_like_and_procedures_keep_the_design(run: Run) -> None:
    run("CREATE TABLE design_c DISTKEY (1) SORTKEY (x) AS SELECT 1 AS x")
    run("CREATE TABLE design_l (LIKE design_c)")
    run("CREATE PROCEDURE design_p() AS $$ BEGIN CREATE TABLE design_d (x INT) DISTSTYLE ALL; END; $$ LANGUAGE plpgsql")
    run("CALL design_p()")
    assert [style(run, table)[0][0] for table in ("design_c", "design_l", "design_d")] == ["KEY(x)", "KEY(x)", "ALL"]


def test_keys_of_the_design_stay(run: Run) -> None:
    run("CREATE TABLE design_k (a INT DISTKEY, b INT SORTKEY, c INT)")
    for column in ("a", "b"):
        with pytest.raises(SqlError, match="cannot drop a column that is the distribution key or part of the sort key"):
            run(f"ALTER TABLE design_k DROP COLUMN {column}")
    run("ALTER TABLE design_k DROP COLUMN c")


def test_informational_keys_are_listed(run: Run) -> None:
    run("CREATE TABLE design_one (a INT PRIMARY KEY, b INT UNIQUE)")
    run("CREATE TABLE design_two (a INT REFERENCES design_one (a), CONSTRAINT mine UNIQUE (a))")
    constraints = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'design_two'::regclass"
    assert run(f"{constraints} ORDER BY 1").rows == [
        ("design_two_a_fkey", "FOREIGN KEY (a) REFERENCES design_one(a)"),
        ("mine", "UNIQUE (a)"),
    ]
    run("ALTER TABLE design_two DROP CONSTRAINT mine")
    shown = run("SHOW CONSTRAINTS FOREIGN KEYS FROM TABLE public.design_two").rows
    assert [row[1:4] + row[6:8] for row in shown] == [("public", "design_one", "a", "design_two", "a")]


def test_nineteen_digits_fit_into_64_bits(run: Run) -> None:
    run("CREATE TABLE design_n (d DECIMAL(19,18))")
    run("INSERT INTO design_n VALUES (9.223372036854775807)")
    with pytest.raises(SqlError, match="Numeric data overflow"):
        run("INSERT INTO design_n VALUES (9.3)")


def test_views_take_no_rows(run: Run) -> None:
    run("CREATE TABLE design_b (a INT)")
    run("CREATE VIEW design_v AS SELECT a FROM design_b")
    for change in ("INSERT INTO design_v VALUES (1)", "UPDATE design_v SET a = 1", "DELETE FROM design_v"):
        with pytest.raises(SqlError, match=r"cannot (insert into|update|delete from) a view"):
            run(change)
