"""Queries are checked at apply: each is explained as the gateway's user, and what cannot run is told by its name."""

from typing import Any

import pytest

from tests.unit.websocket_gateway.fake_warehouse import refusal
from tests.unit.websocket_gateway.world import World
from websocket_gateway.catalog.query import Query
from websocket_gateway.query_check import QueriesFailed, explain


def query(sql: str, **parameters: dict[str, Any]) -> Query:
    bounds = {"max_rows": 1, "timeout_seconds": 1, "max_age_seconds": None, "min_refresh_seconds": 0}
    return Query.from_definition("q", {"sql": sql, "description": "", "parameters": parameters} | bounds)


@pytest.mark.parametrize(("parameter", "literal"), [
    ({"type": "month"}, "'2015-01-01'"), ({"type": "month", "minimum": "2020-02"}, "'2020-02-01'"),
    ({"type": "date"}, "'2015-01-31'"), ({"type": "integer", "maximum": "-3"}, "'-3'"), ({"type": "number"}, "'1'"),
    ({"type": "number", "default": "2.50"}, "'2.5'"), ({"type": "choice", "choices": ["it's"]}, "'it''s'"),
    ({"type": "text"}, "NULL"), ({"type": "text", "default": "x"}, "'x'"), ({"type": "claim"}, "NULL"),
])  # fmt: skip
def test_values(parameter: dict[str, Any], literal: str) -> None:
    assert explain(query("SELECT :p", p=parameter)) == f"EXPLAIN SELECT {literal}"


def test_only_parameters_are_replaced() -> None:
    sql = """SELECT ':p', "a:p", 'it''s :p', b::int -- :p\n/* :p\n:p */ FROM t WHERE c = :p AND d = :p"""
    assert explain(query(sql, p={"type": "integer"})) == (
        """EXPLAIN SELECT ':p', "a:p", 'it''s :p', b::int -- :p\n/* :p\n:p */ FROM t WHERE c = '1' AND d = '1'"""
    )


@pytest.fixture
def checked(world: World, pauses: list[float]) -> World:
    """Statements end at once; those of a table `missing` fail."""
    describe = world.warehouse.describe_statement

    def described(**request: Any) -> Any:
        statement = world.warehouse.statements[request["Id"]]
        missing = "missing" in statement.sql
        statement.status = "FAILED" if missing else "FINISHED"
        return describe(**request) | ({"Error": 'ERROR: column "x" does not exist'} if missing else {})

    world.warehouse.describe_statement = described  # type: ignore[method-assign]
    return world


def test_all_queries_are_explained(checked: World) -> None:
    for n in range(25):
        checked.publish(f"q{n}", f"SELECT {n}")
    names = checked.deliver({"action": "check_queries"})["checked"]
    assert sorted(names) == sorted(["daily", *(f"q{n}" for n in range(25))])
    assert all(one.sql.startswith("EXPLAIN SELECT") for one in checked.warehouse.statements.values())
    assert not any("/query/" in one.name for one in checked.warehouse.statements.values())


def test_every_query_that_cannot_run_is_told_with_its_reason(checked: World) -> None:
    for name in ("one", "two"):
        checked.publish(name, "SELECT x FROM missing")
    with pytest.raises(QueriesFailed) as failed:
        checked.deliver({"action": "check_queries"})
    assert str(failed.value).splitlines()[:2] == [
        'queries.one: ERROR: column "x" does not exist',
        'queries.two: ERROR: column "x" does not exist',
    ]


@pytest.mark.parametrize(("reason", "told"), [("permission denied for relation trips", True), ("syntax error", False)])
def test_a_missing_permission_is_told_with_what_to_grant(checked: World, reason: str, told: bool) -> None:
    grant = 'GRANT SELECT ON sales.trips TO "reader";'
    describe = checked.warehouse.describe_statement
    checked.warehouse.describe_statement = lambda **request: describe(**request) | {  # type: ignore[method-assign]
        "Status": "FAILED", "Error": f"ERROR: {reason}"
    }  # fmt: skip
    with pytest.raises(QueriesFailed) as failed:
        checked.deliver({"action": "check_queries", "grants": [grant]})
    assert (grant in str(failed.value)) == told


def test_a_policy_that_iam_does_not_know_yet_is_waited_for(checked: World) -> None:
    checked.warehouse.trouble["execute_statement"] = [refusal(400, "AccessDeniedException")] * 2
    assert checked.deliver({"action": "check_queries"}) == {"checked": ["daily"]}


def test_a_check_that_does_not_end(world: World, pauses: list[float]) -> None:
    with pytest.raises(QueriesFailed, match=r"queries.daily: statement .* has not ended: STARTED"):
        world.deliver({"action": "check_queries"}, time_left=lambda: 9_000)
