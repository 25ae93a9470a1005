"""The system views with which tools begin."""

from collections.abc import Callable, Iterator

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.warehouse import Warehouse

Run = Callable[..., Outcome]
COLUMNS = {
    "svv_tables": "table_catalog, table_schema, table_name, table_type, remarks",
    "svv_columns": (
        "table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable,"
        " data_type, character_maximum_length, numeric_precision, numeric_precision_radix, numeric_scale,"
        " datetime_precision, interval_type, interval_precision, character_set_catalog, character_set_schema,"
        " character_set_name, collation_catalog, collation_schema, collation_name, domain_name, remarks"
    ),
    "svv_all_tables": "database_name, schema_name, table_name, table_type, table_acl, remarks",
    "svv_all_columns": (
        "database_name, schema_name, table_name, column_name, ordinal_position, column_default, is_nullable, data_type,"
        " character_maximum_length, numeric_precision, numeric_scale, remarks"
    ),
    "svv_all_schemas": (
        "database_name, schema_name, schema_owner, schema_type, schema_acl, source_database, schema_option"
    ),
    "svv_redshift_tables": "database_name, schema_name, table_name, table_type, table_acl, remarks, table_owner",
    "svv_redshift_schemas": "database_name, schema_name, schema_owner, schema_type, schema_acl, schema_option",
    "svv_redshift_databases": "database_name, database_owner, database_type, database_acl, database_options",
}


@pytest.fixture(autouse=True)
def tables(run: Run) -> Iterator[None]:
    run("CREATE TABLE svt_t (id INT NOT NULL, name VARCHAR(30) DEFAULT 'x', amount DECIMAL(8,2))")
    run("CREATE VIEW svt_v AS SELECT id, amount FROM svt_t")
    yield
    run("DROP TABLE svt_t CASCADE")


@pytest.mark.parametrize(("view", "columns"), COLUMNS.items(), ids=COLUMNS)
def test_columns(run: Run, view: str, columns: str) -> None:
    assert [column.name for column in run(f"SELECT {columns} FROM {view} LIMIT 0").columns] == columns.split(", ")


@pytest.mark.parametrize("view", ["svv_all_tables", "svv_redshift_tables"])
def test_tables(run: Run, view: str) -> None:
    found = run(f"SELECT schema_name, table_name, table_type FROM {view} ORDER BY table_name").rows
    assert found == [("public", "svt_t", "TABLE"), ("public", "svt_v", "VIEW")]


def test_columns_of_a_table(run: Run) -> None:
    run("COMMENT ON COLUMN svt_t.name IS 'a name'")
    found = run(
        "SELECT column_name, ordinal_position, is_nullable, data_type, character_maximum_length, numeric_precision,"
        " numeric_scale, remarks FROM svv_all_columns WHERE table_name = 'svt_t' ORDER BY ordinal_position"
    )
    assert found.rows == [
        ("id", 1, "NO", "integer", None, 32, 0, None),
        ("name", 2, "YES", "character varying", 30, None, None, "a name"),
        ("amount", 3, "YES", "numeric", None, 8, 2, None),
    ]
    assert run("SELECT COUNT(*) FROM svv_columns WHERE table_name = 'svt_v'").rows == [(2,)]


def test_schemas_and_databases(run: Run) -> None:
    run("CREATE SCHEMA sas_demo")
    found = run("SELECT schema_name, schema_type FROM svv_all_schemas ORDER BY schema_name").rows
    assert found == [("public", "local"), ("sas_demo", "local")]
    assert run("SELECT database_name FROM svv_redshift_databases").rows == [("dev",)]
    run("DROP SCHEMA sas_demo")


def test_users_see_what_they_may_read(run: Run, warehouse: Warehouse) -> None:
    warehouse.create_user("viewer")
    session = warehouse.session("dev", "viewer")
    assert session.execute("SELECT table_name FROM svv_all_tables").rows == []
    run("GRANT SELECT ON svt_t TO viewer")
    assert session.execute("SELECT table_name FROM svv_all_tables").rows == [("svt_t",)]
    session.close()


@pytest.mark.parametrize("view", ["stl_scan", "svl_query_report", "stv_blocklist", "svv_vacuum_progress"])
def test_other_views_are_refused_by_name(run: Run, view: str) -> None:
    with pytest.raises(SqlError) as refused:
        run(f"SELECT * FROM {view}")
    assert refused.value.message == f"ERROR: The system view {view.upper()} is not emulated"
