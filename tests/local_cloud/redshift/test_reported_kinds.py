"""Each kind of difference from Redshift that users have reported, by a statement that shows it: reported_kinds.yaml.

A kind is an entry of one of four groups: wrong answers, statements that are accepted although Redshift refuses them,
refusals that blame the user, and parameters without a type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.session import Session
from local_cloud.redshift.warehouse import Warehouse

Run = Callable[..., Outcome]

KINDS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("reported_kinds.yaml").read_text(encoding="utf-8"))
BY_NAME = {
    f"{group} {kind['kind']}": kind for group in ("wrong", "accepted", "unclear", "untyped") for kind in KINDS[group]
}


@pytest.fixture(scope="module")
def tables(warehouse: Warehouse) -> Iterator[Session]:
    session = warehouse.session("dev", "awsuser")
    for sql in KINDS["setup"]:
        session.execute(sql)
    yield session
    session.close()


@pytest.mark.parametrize("kind", BY_NAME.values(), ids=BY_NAME)
def test_kind(tables: Session, kind: dict[str, Any]) -> None:
    values = kind.get("values", {})
    if "error" in kind:
        with pytest.raises(SqlError) as raised:
            tables.execute(kind["sql"], values)
        assert kind["error"] in raised.value.message
        return
    outcome = tables.execute(kind["sql"], values)
    if "rows" in kind:
        assert [list(row) for row in outcome.rows] == kind["rows"]
    if "names" in kind:
        assert [column.name for column in outcome.columns] == kind["names"]


def test_users_who_are_no_superusers_do_not_rename_schemas(warehouse: Warehouse) -> None:
    """Accepted 10."""
    warehouse.create_user("kinds_reader")
    session = warehouse.session("dev", "kinds_reader")
    with pytest.raises(SqlError, match="must be owner of schema public"):
        session.execute("ALTER SCHEMA public RENAME TO other")
    session.close()


def test_out_arguments(run: Run) -> None:
    """Unclear 2."""
    run("CREATE PROCEDURE kinds_out (a IN INT, b OUT INT) AS $$ BEGIN b := a + 1; END; $$ LANGUAGE plpgsql")
    assert run("CALL kinds_out(1)").rows == [(2,)]
