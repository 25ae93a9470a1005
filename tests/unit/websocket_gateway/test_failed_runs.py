"""Runs that fail, are refused, take too long or are cancelled."""

import json

import pytest

from tests.unit.websocket_gateway.fake_warehouse import refusal
from tests.unit.websocket_gateway.world import World
from websocket_gateway.sweep import SweepFailed

SECRET = 'ERROR: relation "payroll" does not exist in SELECT salary'


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_a_failed_run_is_told_without_its_reason_and_asked_again(world: World, status: str) -> None:
    describe = world.warehouse.describe_statement
    world.warehouse.describe_statement = lambda **request: describe(**request) | {"Error": SECRET}  # type: ignore[method-assign]
    client = world.connect()
    first = world.ask(client)
    world.finish(status)
    (end,) = client.ends("a")
    assert (end["type"], end["run"]) == ("error", first["run"])
    assert end["code"] == {"FAILED": "query_failed", "ABORTED": "cancelled"}[status]
    again = world.ask(client)
    assert again["run"] != first["run"]
    world.finish()
    assert len(client.answer("a")) == 5
    everything = json.dumps(client.inbox)
    assert "payroll" not in everything
    assert "SELECT" not in everything


def test_a_statement_that_is_refused(world: World) -> None:
    world.warehouse.trouble["execute_statement"] = [refusal(400, "ValidationException")]
    client = world.connect()
    assert world.ask(client)["type"] == "accepted"
    world.drain()
    assert client.ends("a")[0]["code"] == "not_started"
    world.check_nothing_open()


def test_sql_that_is_too_long_ends_as_an_error(world: World) -> None:
    world.publish("daily", f"SELECT '{'x' * 100_001}', :month", {"month": {"type": "month"}})
    client = world.connect()
    world.ask(client)
    world.drain()
    assert client.ends("a")[0]["code"] == "not_started"


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ActiveStatementsExceededException", "InternalServerException"]
)
def test_a_statement_that_cannot_be_started_now_is_started_by_the_sweep(world: World, code: str) -> None:
    world.warehouse.trouble["execute_statement"] = [refusal(400, code)] * 3
    client = world.connect()
    world.ask(client)
    for _ in range(3):
        world.sweep()
    world.finish()
    assert len(client.answer("a")) == 5


def test_a_statement_that_can_never_be_started(world: World) -> None:
    world.warehouse.trouble["execute_statement"] = [refusal(400, "ThrottlingException")] * 100
    client = world.connect()
    world.ask(client)
    for _ in range(6):
        world.sweep()
    assert client.ends("a")[0]["code"] == "not_started"
    world.check_nothing_open()


def test_timeout(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.sweep(299)
    (statement,) = world.warehouse.statements.values()
    assert statement.status == "STARTED"
    world.sweep(10)
    assert statement.status == "ABORTED"
    world.deliver(statement.event())
    assert client.ends("a")[0]["code"] == "timeout"


def test_timeout_of_a_statement_that_cannot_be_cancelled(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.warehouse.trouble["cancel_statement"] = [refusal(400, "AccessDeniedException")] * 100
    for _ in range(9):
        world.sweep()
    assert client.ends("a")[0]["code"] == "timeout"


def test_cancel_stops_the_statement_when_nobody_else_waits(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.ask(two)
    (statement,) = world.warehouse.statements.values()
    assert world.say(one, action="cancel", id="a") == {"type": "cancelled", "id": "a"}
    assert statement.status == "STARTED"
    world.say(two, action="cancel", id="a")
    assert statement.status == "ABORTED"
    world.deliver(statement.event())
    assert one.inbox == two.inbox == []
    world.check_nothing_open()


def test_cancel_before_the_statement_is_there(world: World) -> None:
    client = world.connect()
    world.before("redshift-data.execute_statement", lambda: world.say(client, action="cancel", id="a"))
    world.ask(client)
    (statement,) = world.warehouse.statements.values()
    assert statement.status == "ABORTED"


def test_who_joins_a_cancelled_run_gets_one_of_their_own(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.before("redshift-data.cancel_statement", lambda: world.ask(two))
    world.say(one, action="cancel", id="a")
    (statement,) = world.warehouse.statements.values()
    world.deliver(statement.event())
    world.finish()
    assert len(two.answer("a")) == 5


def test_a_sweep_that_fails_for_one_looks_after_the_others(world: World) -> None:
    client = world.connect()
    world.ask(client, "a")
    world.ask(client, "b", "2015-02")
    for statement in world.warehouse.running():
        world.end(statement)
    world.warehouse.trouble["describe_statement"] = [refusal(400, "AccessDeniedException")]
    world.clock.now += 60
    with pytest.raises(SweepFailed):
        world.deliver({"action": "sweep"})
    world.drain()
    assert len(client.ends("a") + client.ends("b")) == 1
    world.sweep()
    assert len(client.ends("a") + client.ends("b")) == 2


def test_an_unheard_statement_is_asked_of_redshift(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.end(world.warehouse.running()[0])
    world.sweep(10)
    assert client.inbox == []  # its event may still come
    world.sweep(20)
    assert len(client.answer("a")) == 5


def test_a_new_table_meets_no_token_of_the_old(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.finish()
    catalog = world.dynamo.items["CATALOG", "daily"]
    world.dynamo.items.clear()
    world.dynamo.items["CATALOG", "daily"] = catalog
    world.clock.now += 5
    world.ask(world.connect())
    assert len(world.warehouse.statements) == 2
