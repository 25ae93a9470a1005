"""SUPER values: navigation, unnesting, lax types, and what the Data API sees."""

from collections.abc import Callable, Iterator

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.session import Session
from local_cloud.redshift.warehouse import Warehouse

Run = Callable[[str], Outcome]
ORDERS = '{"z": 1, "items": [{"sku": "a", "n": 2}, {"sku": "b", "n": "two"}], "a": null}'


@pytest.fixture(scope="module")
def orders(warehouse: Warehouse) -> Iterator[Session]:
    session = warehouse.session("dev", "awsuser")
    session.execute("CREATE TABLE orders (id INT, data SUPER)")
    session.execute(f"INSERT INTO orders VALUES (1, JSON_PARSE('{ORDERS}')), (2, 'plain'), (3, 2.5), (4, NULL)")
    yield session
    session.close()


@pytest.fixture
def ask(orders: Session) -> Run:
    return orders.execute


def test_a_value_keeps_the_order_of_its_attributes(ask: Run) -> None:
    result = ask("SELECT data FROM orders ORDER BY id")
    compact = '{"z":1,"items":[{"sku":"a","n":2},{"sku":"b","n":"two"}],"a":null}'
    assert result.rows == [(compact,), ('"plain"',), ("2.5",), (None,)]
    assert [column.type for column in result.columns] == ["super"]


def test_navigation(ask: Run) -> None:
    result = ask(
        "SELECT o.data.items[1].sku, data.items[0].n + 1, o.data.missing[3].x, data.a FROM orders o WHERE id = 1"
    )
    assert result.rows == [('"b"', "3", None, None)]
    assert result.columns[0].name == "sku"


def test_unnesting(ask: Run) -> None:
    items = "SELECT i.sku::VARCHAR, place FROM orders o, o.data.items AS i AT place ORDER BY place"
    assert ask(items).rows == [("a", 0), ("b", 1)]


def test_other_types_give_null_or_no_row(ask: Run) -> None:
    assert ask("SELECT data.items[1].n::INT, data.items[1].n * 2 FROM orders WHERE id = 1").rows == [(None, None)]
    assert ask("SELECT id FROM orders WHERE data = 'plain'").rows == [(2,)]
    assert ask("SELECT id FROM orders WHERE data > 2").rows == [(3,)]


def test_grouping(ask: Run) -> None:
    result = ask("SELECT data.z, COUNT(*) FROM orders GROUP BY data.z ORDER BY 2")
    assert result.rows == [("1", 1), (None, 3)]


def test_a_column_of_a_table_is_no_attribute(ask: Run) -> None:
    with pytest.raises(SqlError, match="missing"):
        ask("SELECT orders.missing FROM orders")


def test_a_record_of_a_procedure_is_no_navigation(ask: Run) -> None:
    ask("CREATE TABLE copied (id INT)")
    ask(
        "CREATE PROCEDURE copy_ids() AS $$ DECLARE r RECORD; BEGIN FOR r IN SELECT id FROM orders LOOP"
        " INSERT INTO copied SELECT r.id FROM orders WHERE id = r.id; END LOOP; END; $$ LANGUAGE plpgsql"
    )
    ask("CALL copy_ids()")
    assert ask("SELECT COUNT(*) FROM copied").rows == [(4,)]
