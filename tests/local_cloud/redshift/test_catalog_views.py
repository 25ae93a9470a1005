"""Nothing of the catalog shows the engine: its schema, its superuser, its roles, its version."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome

Run = Callable[..., Outcome]

HIDDEN = {
    "SELECT nspname FROM pg_namespace": "redshift",
    "SELECT nspname FROM pg_catalog.pg_namespace": "redshift",
    "SELECT schema_name FROM information_schema.schemata": "redshift",
    "SELECT table_schema FROM information_schema.tables": "redshift",
    "SELECT table_schema FROM information_schema.columns": "redshift",
    "SELECT routine_schema FROM information_schema.routines": "redshift",
    "SELECT relname FROM pg_class": "load_errors",
    "SELECT proname FROM pg_proc": "decimal_divide",
    "SELECT schemaname FROM pg_tables": "redshift",
    "SELECT tableowner FROM pg_tables": "postgres",
    "SELECT viewowner FROM pg_views": "postgres",
    "SELECT usename FROM pg_user": "postgres",
    "SELECT groname FROM pg_group": "pg_read_server_files",
    "SELECT datname FROM pg_database": "postgres",
}


@pytest.mark.parametrize(("sql", "name"), HIDDEN.items(), ids=HIDDEN)
def test_hidden(run: Run, sql: str, name: str) -> None:
    names = {row[0] for row in run(sql).rows}
    assert name not in names


def test_what_others_made_is_shown(run: Run) -> None:
    run("CREATE TABLE seen (a INT)")
    run("CREATE GROUP watchers")
    assert run("SELECT table_schema FROM information_schema.tables WHERE table_name = 'seen'").rows == [("public",)]
    assert run("SELECT relname FROM pg_catalog.pg_class WHERE relname = 'seen'").rows == [("seen",)]
    assert run("SELECT groname FROM pg_group").rows == [("watchers",)]
    run("DROP TABLE seen")
    run("DROP GROUP watchers")


def test_a_column_of_the_catalog_comes_from_pg_catalog(run: Run) -> None:
    column = run("SELECT relname FROM pg_class LIMIT 1").columns[0]
    assert (column.schema, column.table) == ("pg_catalog", "pg_class")


@pytest.mark.parametrize("name", ["pg_roles", "pg_authid", "pg_catalog.pg_matviews"])
def test_relations_of_later_versions_do_not_exist(run: Run, name: str) -> None:
    with pytest.raises(SqlError, match="does not exist"):
        run(f"SELECT * FROM {name}")


def test_version(run: Run) -> None:
    version = str(run("SELECT version()").rows[0][0])
    assert version.startswith("PostgreSQL 8.0.2 on i686-pc-linux-gnu")
    assert ", Redshift 1.0." in version
