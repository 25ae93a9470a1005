"""Late-binding views are bound when they are read, with the rights of their owner."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.warehouse import Warehouse

Run = Callable[..., Outcome]


@pytest.fixture
def view(run: Run) -> Iterator[None]:
    run("DROP TABLE IF EXISTS lbv_base")
    run("CREATE VIEW lbv AS SELECT * FROM public.lbv_base WITH NO SCHEMA BINDING")
    yield
    run("DROP VIEW lbv")
    run("DROP TABLE IF EXISTS lbv_base")


def base(run: Run) -> None:
    run("CREATE TABLE lbv_base (id INT, amount DECIMAL(10,2), code CHAR(3), s SUPER)")
    run("INSERT INTO lbv_base VALUES (1, 1.5, 'a', JSON_PARSE('{\"b\":2}'))")


@pytest.mark.usefixtures("view")
def test_the_table_may_come_later_change_and_go(run: Run) -> None:
    with pytest.raises(SqlError, match="does not exist"):
        run("SELECT * FROM lbv")
    base(run)
    outcome = run("SELECT * FROM lbv")
    assert outcome.rows == [(1, "1.50", "a  ", '{"b":2}')]
    assert [(column.type, column.precision, column.scale) for column in outcome.columns][1] == ("numeric", 10, 2)
    assert run("SELECT v.s.b, v.amount / 3 FROM lbv v JOIN public.lbv o ON o.id = v.id").rows == [
        ("2", "0.5000000000000")
    ]
    run("ALTER TABLE lbv_base RENAME COLUMN amount TO price")
    run("ALTER TABLE lbv_base ADD COLUMN more INT DEFAULT 7")
    outcome = run("SELECT * FROM lbv")
    assert [column.name for column in outcome.columns] == ["id", "price", "code", "s", "more"]
    run("DROP TABLE lbv_base")
    with pytest.raises(SqlError, match="does not exist"):
        run("SELECT * FROM lbv")


@pytest.mark.usefixtures("view")
def test_the_reader_needs_the_view_and_the_owner_the_table(run: Run, warehouse: Warehouse) -> None:
    base(run)
    warehouse.create_user("lbv_reader")
    reader = warehouse.session("dev", "lbv_reader")
    with pytest.raises(SqlError, match="permission denied for relation lbv"):
        reader.execute("SELECT id FROM lbv")
    run("GRANT SELECT ON lbv TO lbv_reader")
    assert reader.execute("SELECT id FROM lbv").rows == [(1,)]
    with pytest.raises(SqlError, match="permission denied for relation lbv_base"):
        reader.execute("SELECT id FROM lbv_base")
    run("ALTER TABLE lbv OWNER TO lbv_reader")
    with pytest.raises(SqlError, match="permission denied for relation lbv_base"):
        reader.execute("SELECT id FROM lbv")
    run("ALTER TABLE lbv OWNER TO awsuser")
    reader.close()


def test_named_columns_replacement_and_tools(run: Run) -> None:
    base(run)
    run("CREATE VIEW lbv_named (a, b) AS SELECT id, code FROM public.lbv_base WITH NO SCHEMA BINDING")
    assert run("SELECT b FROM lbv_named").rows == [("a  ",)]
    columns = "cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int)"
    listed = f"FROM PG_GET_LATE_BINDING_VIEW_COLS() {columns} WHERE view_name = 'lbv_named'"
    found = run(f"SELECT col_name, col_type {listed} ORDER BY col_num").rows
    assert found == [("a", "integer"), ("b", "character(3)")]
    run("CREATE OR REPLACE VIEW lbv_named AS SELECT 3 AS three FROM public.lbv_base WITH NO SCHEMA BINDING")
    assert run("SELECT * FROM lbv_named").rows == [(3,)]
    run("DROP VIEW lbv_named")
    run("DROP TABLE lbv_base")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("SELECT id FROM lbv_base", "All the relation names inside should be qualified"),
        ("SELECT id FROM no_schema.t", 'schema "no_schema" does not exist'),
        ("SELEC 1", 'syntax error at or near "SELEC"'),
    ],
)
def test_refused(run: Run, query: str, text: str) -> None:
    with pytest.raises(SqlError) as raised:
        run(f"CREATE VIEW lbv_no AS {query} WITH NO SCHEMA BINDING")
    assert text in raised.value.message
