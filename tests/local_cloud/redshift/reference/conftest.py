"""The option that accepts the verdicts of a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_cloud.redshift.warehouse import Warehouse
from tests.local_cloud.redshift.reference.pages import pages
from tests.local_cloud.redshift.reference.status import Status, write_status

_OPTION = "--update-status"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(_OPTION, action="store_true", help="write the verdicts of this run to status.yaml")


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest) -> Iterator[Status | None]:
    """The verdicts of this run, written at its end; None unless they are to be written."""
    if not request.config.getoption(_OPTION, default=False):
        yield None
        return
    found: Status = {}
    yield found
    write_status(pages(), found)


@pytest.fixture
def empty(warehouse: Warehouse) -> Iterator[Warehouse]:
    """The warehouse, without the objects, databases and users of a page once its test has ended."""
    engine = warehouse._engine
    with engine.admin("dev") as connection:
        before = {str(name) for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    yield warehouse
    with engine.admin("dev") as connection:
        for (database,) in connection.execute(
            "SELECT quote_ident(datname) FROM pg_database WHERE NOT datistemplate AND datname !~ '^(dev|postgres)$'"
        ).fetchall():
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)".encode())
        for (schema,) in connection.execute(
            "SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|redshift$)'"
            " AND (nspname <> 'public' OR EXISTS (SELECT FROM pg_class WHERE relnamespace = pg_namespace.oid)"
            " OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = pg_namespace.oid))"
        ).fetchall():
            connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())
        connection.execute("ALTER DEFAULT PRIVILEGES FOR ROLE awsuser REVOKE ALL ON TABLES FROM PUBLIC")
        connection.execute("ALTER DEFAULT PRIVILEGES FOR ROLE awsuser GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
        connection.execute("CREATE SCHEMA IF NOT EXISTS public")
        connection.execute("GRANT ALL ON SCHEMA public TO PUBLIC")
        for (role,) in connection.execute("SELECT rolname FROM pg_roles").fetchall():
            if role not in before:
                connection.execute(f'DROP OWNED BY "{role}" CASCADE'.encode())
                connection.execute(f'DROP ROLE "{role}"'.encode())
