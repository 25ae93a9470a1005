"""A warehouse in which PUBLIC creates nothing: the apply fails at once, and says what to grant."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.cloud import Cloud
from tests.e2e.hardened.account import Configuration, grants_in, remedy

TRIPS = {"V1__trips.sql": "CREATE TABLE trips (id INTEGER)"}
SALES = {"V1__sales.sql": "CREATE SCHEMA sales", "V2__orders.sql": "CREATE TABLE sales.orders (id INTEGER)"}


def owner(account: Cloud, database: str, table: str) -> str:
    found = account.query(f"SELECT tableowner FROM pg_tables WHERE tablename = '{table}'", database=database)
    return str(found[0]["tableowner"])


def test_without_create_on_public(account: Cloud, objects: Callable[..., Configuration]) -> None:
    configuration = objects("locked", "locked", TRIPS)
    error = configuration.failure()
    assert "permission denied for schema public" in error
    assert "grants_sql" in remedy(error)
    grants = grants_in(error)
    assert grants == ['GRANT USAGE, CREATE ON SCHEMA "public" TO "IAMR:locked-warehouse-objects";']
    assert configuration.terraform.outputs()["grants"].endswith("\n".join(grants))  # although the apply failed
    for grant in grants:
        account.query(grant, database="locked")
    assert configuration.apply()["applied"] == ["V1__trips.sql"]
    assert owner(account, "locked", "trips") == "IAMR:locked-warehouse-objects"


def test_an_own_schema(account: Cloud, objects: Callable[..., Configuration]) -> None:
    """The history must be somewhere that exists; the objects' schema is the first file's."""
    account.query("CREATE SCHEMA ops", database="own")
    configuration = objects("own", "own", SALES, history_table="ops.history")
    error = configuration.failure()
    assert "permission denied for schema ops" in error
    for grant in grants_in(error):
        account.query(grant, database="own")
    assert sorted(configuration.apply()["applied"]) == sorted(SALES)
    assert owner(account, "own", "orders") == "IAMR:own-warehouse-objects"
    assert owner(account, "own", "history") == "IAMR:own-warehouse-objects"


def test_an_own_schema_where_public_may_create(account: Cloud, objects: Callable[..., Configuration]) -> None:
    configuration = objects("open", "open", SALES)
    error = configuration.failure()
    assert "V1__sales.sql" in error
    assert "permission denied for database open" in error
    assert 'GRANT CREATE ON DATABASE "open" TO "IAMR:open-warehouse-objects";' in grants_in(error)
    for grant in grants_in(error):
        account.query(grant, database="open")
    assert sorted(configuration.apply()["applied"]) == sorted(SALES)
