"""What a client gets: rows in messages, bounds, what is too wide, what cannot be read."""

import json
from collections.abc import Callable

import pytest

from relay.errors import CallFailed
from tests.unit.websocket_gateway.fake_warehouse import refusal
from tests.unit.websocket_gateway.world import World
from websocket_gateway.protocol.limits import MAX_MESSAGE_BYTES


def test_rows_then_complete(world: World) -> None:
    client = world.connect()
    accepted = world.ask(client)
    world.finish()
    first, *_, complete = client.inbox
    assert first["columns"] == [{"name": "n", "type": "int8"}, {"name": "statement", "type": "varchar"}]
    assert [one["type"] for one in client.inbox] == ["rows", "rows", "rows", "complete"]
    assert ["columns" in one for one in client.inbox] == [True, False, False, False]
    assert complete == {
        "type": "complete",
        "id": "a",
        "run": accepted["run"],
        "version": 0,
        "rows": 5,
        "truncated": False,
        "elapsed_seconds": 1.5,
        "cached": False,
        "changed_at": None,
        "finished_at": "2025-06-15T15:06:40Z",
        "live": False,
    }


@pytest.mark.parametrize("rows", [0, 1, 2, 100_000])
def test_any_number_of_rows(world: World, rows: int) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_rows=1_000_000)
    world.warehouse.rows = lambda _: [[n, None] for n in range(rows)]
    world.warehouse.page = 1000
    client = world.connect()
    world.ask(client)
    world.finish()
    assert client.answer("a") == [[n, None] for n in range(rows)]
    assert client.inbox[0]["columns"][0] == {"name": "n", "type": "int8"}
    assert not client.ends("a")[0]["truncated"]


@pytest.mark.parametrize(("rows", "truncated"), [(6, False), (7, True), (5, False), (100, True)])
def test_max_rows(world: World, rows: int, truncated: bool) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_rows=6)
    world.warehouse.rows = lambda _: [[n, None] for n in range(rows)]
    client = world.connect()
    world.ask(client)
    world.finish()
    assert len(client.answer("a")) == min(rows, 6)
    assert client.ends("a")[0]["truncated"] is truncated


def test_a_row_wider_than_a_message(world: World) -> None:
    world.warehouse.rows = lambda _: [[1, "x"], [2, "y" * MAX_MESSAGE_BYTES], [3, "z"]]
    client = world.connect()
    world.ask(client)
    world.finish()
    assert [one["type"] for one in client.inbox] == ["rows", "error"]
    assert client.inbox[1]["code"] == "row_too_wide"
    assert "Row 1 " in client.inbox[1]["message"]
    world.check_nothing_open()


def test_resume(make_world: Callable[..., World]) -> None:
    world = make_world(VERSIONED="false")
    one, two = world.connect(), world.connect()
    accepted = world.ask(one)
    world.finish()
    world.clock.now += 60
    again = world.ask(two, resume={"run": accepted["run"], "row": 3})
    assert (again["run"], again["cached"]) == (accepted["run"], True)
    world.drain()
    assert [(one["first_row"], len(one["rows"])) for one in two.of("a") if one["type"] == "rows"] == [(3, 1), (4, 1)]
    assert "columns" in two.of("a")[0]
    assert two.ends("a")[0]["rows"] == 5


def test_resume_of_a_run_that_is_no_longer_the_latest(world: World) -> None:
    client = world.connect()
    accepted = world.ask(client)
    world.finish()
    world.new_data()
    again = world.ask(client, resume={"run": accepted["run"], "row": 3})
    assert again["run"] != accepted["run"]
    world.finish()
    assert len(client.answer("a")) == 5


def test_an_answer_that_is_no_longer_kept(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.finish()
    world.warehouse.statements.clear()
    world.ask(two)
    world.drain()
    assert len(two.answer("a")) == 5, "the gateway keeps it, whatever Redshift does"
    world.forget_answers()
    world.ask(two, "b")
    world.drain()
    assert len(world.warehouse.running()) == 1, "a new run answers"
    world.finish()
    assert len(two.answer("b")) == 5
    world.check_nothing_open()


def test_a_result_that_cannot_be_read_for_now(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.warehouse.trouble["get_statement_result"] = [refusal(400, "ThrottlingException")]
    (statement,) = world.warehouse.running()
    with pytest.raises(CallFailed):
        world.deliver(world.end(statement))
    world.sweep()
    assert len(client.answer("a")) == 5


def test_a_result_that_can_never_be_read(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.warehouse.trouble["get_statement_result"] = [refusal(400, "AccessDeniedException")] * 100
    world.end(world.warehouse.running()[0])
    for _ in range(15):
        world.clock.now += 60
        world.deliver({"action": "sweep"})
        while world.functions.waiting:
            try:
                world.deliver(world.functions.waiting.pop())
            except CallFailed:
                continue
    assert [one["code"] for one in client.ends("a")] == ["unavailable"]


def test_the_first_question_on_the_url(world: World) -> None:
    client = world.connect(queryStringParameters={"query": "daily", "month": "2015-01"})
    world.finish()
    assert [one["cached"] for one in client.inbox if one["type"] == "accepted"] == [False]
    assert len(client.answer("connect")) == 5
    wrong = world.connect(queryStringParameters={"query": "daily", "month": "2015-13"})
    world.drain()
    assert [(one["id"], one["code"]) for one in wrong.inbox] == [("connect", "bad_parameter")]


def test_a_message_cannot_be_an_event(world: World) -> None:
    """A client writes `$connect` or `POST /ticket` as its action; the type of the event is API Gateway's own word."""
    client = world.connect()
    for key in ("$connect", "$disconnect", "POST /ticket"):
        answer = world.socket("MESSAGE", client.id, {"action": key}, context={"routeKey": key})
        assert json.loads(answer["body"])["code"] == "bad_request"
    assert world.ask(client)["type"] == "accepted"
