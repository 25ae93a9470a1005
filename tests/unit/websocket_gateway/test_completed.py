"""Waiters are leased and rows fetched while the end of a run is noted: what that must not cost."""

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from relay.errors import CallFailed
from relay.names import StatementName
from tests.unit.websocket_gateway.fake_warehouse import refusal
from tests.unit.websocket_gateway.world import World
from websocket_gateway import deliver_handler
from websocket_gateway.questions.run import Run


def test_a_query_that_is_gone_answers_once_more_and_is_dismissed_then(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.new_data()  # while the run is in flight: another is wanted
    del world.dynamo.items["CATALOG", "daily"]
    world.finish()
    kinds = [one.get("code", one["type"]) for one in client.of("a")]
    assert kinds == ["rows", "rows", "rows", "complete", "query_changed"]


def test_the_next_run_does_not_wait_for_the_rows_of_this_one(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.new_data()  # while the run is in flight: another is wanted
    running: list[int] = []
    world.before("management.post_to_connection", lambda: running.append(len(world.warehouse.running())))
    world.deliver(world.end(world.warehouse.running()[0]))
    assert running == [1]


def test_who_asked_meanwhile_is_handed_on_when_the_time_is_up(world: World) -> None:
    """Stored after the waiters were read and before the end of the run was noted."""
    one, two = world.connect(), world.connect()
    world.ask(one)
    event = world.end(world.warehouse.running()[0])
    asked, left = threading.Event(), [300_000]
    begun: list[bool] = []
    query, update, post = world.dynamo.query, world.dynamo.update_item, world.stage.post_to_connection

    def ask_after(**request: Any) -> Any:
        found = query(**request)
        if not begun and request["ExpressionAttributeValues"].get(":prefix") == {"S": "W#"}:
            begun.append(True)
            world.ask(two)
            asked.set()
        return found

    def note_later(**request: Any) -> Any:
        if ":ended" in request.get("ExpressionAttributeValues", {}):
            assert asked.wait(60)
        return update(**request)

    def post_slowly(**request: Any) -> None:
        post(**request)
        if b'"complete"' in request["Data"]:
            left[0] = 15_000

    world.dynamo.query, world.dynamo.update_item = ask_after, note_later  # type: ignore[method-assign]
    world.stage.post_to_connection = post_slowly  # type: ignore[method-assign]
    world.deliver(event, time_left=lambda: left[0])
    world.drain()
    assert len(two.answer("a")) == 5


def test_who_asked_meanwhile_is_served_although_the_others_have_left(world: World) -> None:
    """Stored after the waiters were read and before the end of the run was noted."""
    one, two = world.connect(), world.connect()
    world.ask(one)
    event = world.end(world.warehouse.running()[0])
    asked = threading.Event()
    begun: list[bool] = []
    query, update = world.dynamo.query, world.dynamo.update_item

    def ask_after(**request: Any) -> Any:
        found = query(**request)
        if not begun and request["ExpressionAttributeValues"].get(":prefix") == {"S": "W#"}:
            begun.append(True)
            world.ask(two)
            world.say(one, action="cancel", id="a")
            asked.set()
        return found

    def note_later(**request: Any) -> Any:
        if ":ended" in request.get("ExpressionAttributeValues", {}):
            assert asked.wait(60)
        return update(**request)

    world.dynamo.query, world.dynamo.update_item = ask_after, note_later  # type: ignore[method-assign]
    world.deliver(event)
    assert len(two.answer("a")) == 5


def test_what_goes_wrong_before_the_first_row_gives_the_waiters_back(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.new_data()
    event = world.end(world.warehouse.running()[0])

    def fail() -> None:
        raise refusal(500, "InternalServerError")

    world.before("dynamodb.get_item", fail, "VERSION")
    with pytest.raises(ClientError):
        world.deliver(event)
    world.clock.now += 1  # Lambda's retry, long before a lease is over
    world.deliver(event)
    assert client.ends("a")


def test_an_answer_ends_even_if_nobody_says_how_long_it_took(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.warehouse.trouble["describe_statement"] = [refusal(400, "ThrottlingException")]
    world.finish()
    assert len(client.answer("a")) == 5


def test_a_permission_that_is_missing_is_told(world: World) -> None:
    world.ask(world.connect())
    world.warehouse.trouble["describe_statement"] = [refusal(400, "AccessDeniedException")]
    with pytest.raises(CallFailed, match="AccessDeniedException"):
        world.finish()


def test_a_pass_that_cannot_note_whom_it_left_out_is_not_done(world: World) -> None:
    world.warehouse.page = 100
    clients = [world.connect("unlucky"), world.connect("lucky")]
    for client in clients:
        world.ask(client)
    event = world.end(world.warehouse.running()[0])
    update = world.dynamo.update_item

    def fail(**request: Any) -> Any:
        if "unlucky" in str(request["Key"]):
            raise refusal(500, "InternalServerError")
        return update(**request)

    world.stage.trouble = lambda name: 403 if name == "unlucky" else 0
    world.dynamo.update_item = fail  # type: ignore[method-assign]
    with pytest.raises(ClientError):
        world.deliver(event)
    assert [len(client.ends("a")) for client in clients] == [0, 1]
    received = len(clients[1].inbox)
    world.stage.trouble = lambda _: 0
    world.dynamo.update_item = update  # type: ignore[method-assign]
    world.deliver(event)  # Lambda's retry
    assert [len(client.answer("a")) for client in clients] == [5, 5]
    assert len(clients[1].inbox) == received, "who had it was removed"
    world.check_nothing_open()


def test_a_late_event_of_an_earlier_run_keeps_no_waiter(world: World) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_age_seconds=0)
    left, other = world.connect(), world.connect()
    world.ask(left)
    (first,) = world.warehouse.running()
    world.end(first)
    name = StatementName.parse(first.name)
    assert name
    run = Run.parse(name.key)
    assert run
    deliver_handler._parts().questions.mark_ended(run, "FINISHED", first.id)  # and killed before anything was delivered
    world.clock.now += 1
    world.ask(other)
    (second,) = world.warehouse.running()
    world.deliver(first.event())
    world.deliver(world.end(second))
    world.drain()
    assert [len(client.answer("a")) for client in (left, other)] == [5, 5]


def test_each_is_served_to_the_end_whoever_is_still_to_begin(world: World) -> None:
    """A client whose message takes long keeps the answer from no other."""
    world.warehouse.page = 100
    served, waiting = world.connect("served"), world.connect("waiting")
    for client in (served, waiting):
        world.ask(client)
    event = world.end(world.warehouse.running()[0])
    complete = threading.Event()
    post = world.stage.post_to_connection

    def tell(**request: Any) -> None:
        if request["ConnectionId"] == "waiting":
            assert complete.wait(60)
        post(**request)
        if b'"complete"' in request["Data"]:
            complete.set()

    world.stage.post_to_connection = tell  # type: ignore[method-assign]
    world.deliver(event)
    assert [len(client.answer("a")) for client in (served, waiting)] == [5, 5]


def test_whose_turn_does_not_come_in_time_is_left_to_the_next_invocation(world: World) -> None:
    world.warehouse.page = 100
    clients = [world.connect() for _ in range(50)]
    for client in clients:
        world.ask(client)
    left = iter([300_000] * 20 + [15_000] * 1000)
    world.deliver(world.end(world.warehouse.running()[0]), time_left=lambda: next(left))
    assert 0 < sum(bool(client.ends("a")) for client in clients) < 50
    world.drain()
    assert [len(client.ends("a")) for client in clients] == [1] * 50


def test_a_lease_whose_answer_was_lost_is_a_lease(world: World) -> None:
    """botocore sends a request again when no answer came, although it was carried out."""
    client, other = world.connect(), world.connect()
    world.ask(other)
    world.finish()
    world.ask(client)  # a cached answer
    update = world.dynamo.update_item

    def twice(**request: Any) -> Any:
        if ":until" in request.get("ExpressionAttributeValues", {}):
            update(**request)
        return update(**request)

    world.dynamo.update_item = twice  # type: ignore[method-assign]
    world.drain()
    assert len(client.answer("a")) == 5


def test_no_page_is_fetched_that_nobody_gets(world: World) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_rows=3)
    world.warehouse.rows = lambda _: [[n, None] for n in range(100)]
    fetched: list[object] = []
    fetch = world.warehouse.get_statement_result

    def count(**request: Any) -> Any:
        fetched.append(request)
        return fetch(**request)

    world.warehouse.get_statement_result = count  # type: ignore[method-assign]
    client = world.connect()
    world.ask(client)
    world.finish()
    assert client.ends("a")[0]["truncated"]
    assert len(fetched) == 2  # of two rows each
