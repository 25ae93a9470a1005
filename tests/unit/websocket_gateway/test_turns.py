"""Everybody's turn after a change of the data: ten questions a message, one chain at a time, and nobody is left out."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.websocket_gateway.fake_clients import Client
from tests.unit.websocket_gateway.fake_warehouse import refusal
from tests.unit.websocket_gateway.interleaving import Killed
from tests.unit.websocket_gateway.world import World

MONTHS = {"month": {"type": "text", "max_length": 20}}


def watchers(world: World, count: int) -> list[Client]:
    """Clients that watch a question each, with the answer of version 0."""
    world.publish("daily", "SELECT n FROM t WHERE m = :month", MONTHS)
    clients = [world.connect() for _ in range(count)]
    for n, client in enumerate(clients):
        world.ask(client, "a", f"month {n}", live=True)
        world.finish()
    return clients


def change(world: World) -> None:
    """Data changes; the messages stay where they are."""
    world.deliver({"detail-type": "Anything", "source": "dbt", "time": "2025-01-01T00:00:00Z"})


def turn(world: World) -> dict[str, Any]:
    (message,) = (one for one in world.queue.waiting if one["action"] == "turn")
    return message


def test_a_message_starts_ten_questions_and_sends_the_next(world: World) -> None:
    clients = watchers(world, 25)
    change(world)
    visited = []
    while world.queue.waiting:
        before = len(world.warehouse.running())
        world.work(world.queue.waiting.pop(0))
        visited.append(len(world.warehouse.running()) - before)
    assert (sum(visited), max(visited)) == (25, 10)
    world.finish()
    assert {client.ends("a")[-1]["version"] for client in clients} == {1}
    assert not [name for _, _, item in world.found("TURN") for name in item if name == "chain"]


def test_a_change_meanwhile_is_one_more_round(world: World) -> None:
    clients = watchers(world, 25)
    change(world)
    world.work(world.queue.waiting.pop(0))
    for _ in range(5):
        change(world)
    assert turn(world)["step"] == 1, "no second chain"
    world.take_turns()
    world.finish()
    world.finish()
    assert {client.ends("a")[-1]["version"] for client in clients} == {6}


def test_a_change_that_comes_while_the_chain_ends_is_followed(world: World) -> None:
    clients = watchers(world, 3)
    change(world)
    world.before("dynamodb.update_item", lambda: change(world), "#wanted <= #target")
    world.take_turns()
    world.finish()
    world.finish()
    assert {client.ends("a")[-1]["version"] for client in clients} == {2}


def test_a_message_that_comes_twice_makes_no_second_chain(world: World) -> None:
    watchers(world, 25)
    change(world)
    message = turn(world)
    world.queue.waiting.clear()
    world.work(message)
    world.work(message)
    assert turn(world)["step"] == 1


def test_two_copies_of_a_message_at_once_make_no_second_chain(world: World) -> None:
    watchers(world, 25)
    change(world)
    message = turn(world)
    world.queue.waiting.clear()
    world.before("dynamodb.update_item", lambda: world.work(message), "'#step'")
    world.work(message)
    assert turn(world)["step"] == 1


@pytest.mark.parametrize("call", range(1, 60, 3))
def test_a_chain_whose_function_is_killed_is_taken_up_by_the_sweep(world: World, call: int) -> None:
    clients = watchers(world, 12)
    change(world)
    message, made = turn(world), 0
    world.queue.waiting.clear()

    def cut(*_: object) -> None:
        nonlocal made
        made += 1
        if made == call:
            raise Killed

    world.cut = cut
    try:
        world.work(message)
    except Killed:
        world.queue.waiting.clear()
    world.cut = lambda *_: None
    for _ in range(4):
        world.sweep()
        world.finish()
    assert {client.ends("a")[-1]["version"] for client in clients} == {1}


def test_a_question_that_finds_no_slot_waits_for_its_turn(make_world: Callable[..., World]) -> None:
    world = make_world(MAX_RUNNING_STATEMENTS="4")
    clients = watchers(world, 12)
    change(world)
    world.take_turns()
    assert len(world.warehouse.running()) == 4
    (delayed,) = world.queue.delayed
    assert delayed["action"] == "turn"
    for _ in range(4):
        world.finish()
        world.queue.waiting, world.queue.delayed = world.queue.delayed, []
        world.take_turns()
    world.finish()
    assert {client.ends("a")[-1]["version"] for client in clients} == {1}


def test_the_sources_of_a_query_refresh_it(world: World) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", MONTHS, refreshed_by=["trips"])
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    world.new_data("zones")
    world.finish()
    assert world.ask(client, "b")["cached"] is True
    world.new_data("trips")
    world.finish()
    world.new_data("zones")
    world.new_data()
    world.finish()
    assert [end["version"] for end in client.ends("a")] == [0, 2, 4]


def test_without_sources_every_event_refreshes_a_query(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    for source in ("trips", "zones", "trips"):
        world.new_data(source)
        world.finish()
    assert [end["version"] for end in client.ends("a")] == [0, 1, 2, 3]


def test_the_version_is_read_once_a_second(world: World) -> None:
    client, reads = world.connect(), []
    world.cut = lambda what, request: reads.append(what) if "VERSION" in str(request) else None
    for n in range(9):
        world.ask(client, f"r{n}", "2015-01")
    assert len(reads) == 1
    world.clock.now += 1
    world.ask(client, "later")
    assert len(reads) == 2


def started_of(world: World, count: int) -> int:
    """How many of so many live questions a change of the data starts, with AWS's quotas: 30 ExecuteStatement a second
    and 200 active statements; each takes 5 s. A load starts its own statement every 20 s, and is never refused."""
    clients = watchers(world, count)
    calls: list[float] = []
    loads = [world.clock.now]
    ends: dict[str, float] = {}
    began = len(world.warehouse.statements)

    def check(operation: str) -> None:
        if operation != "execute_statement":
            return
        recent = [at for at in calls if world.clock.now - at < 1]
        if len(recent) >= 30:
            raise refusal(400, "ThrottlingException")
        if len(world.warehouse.running()) >= 200:
            raise refusal(400, "ActiveStatementsExceededException")
        calls[:] = [*recent, world.clock.now]

    world.warehouse.check = check  # type: ignore[method-assign]
    change(world)
    while world.queue.waiting or world.queue.delayed or world.warehouse.running():
        world.clock.now += 1
        if world.clock.now - loads[-1] >= 20:
            loads.append(world.clock.now)
            world.warehouse.check("execute_statement")
        for statement in world.warehouse.running():
            if ends.setdefault(statement.id, world.clock.now + 5) <= world.clock.now:
                world.deliver(world.end(statement))
        world.queue.waiting, world.queue.delayed = world.queue.waiting + world.queue.delayed, []
        for message in list(world.queue.waiting):
            world.queue.waiting.remove(message)
            world.work(message)
    world.drain()
    assert len(loads) > 1
    assert all(client.ends("a")[-1]["version"] == 1 for client in clients)
    return len(world.warehouse.statements) - began


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_all_live_questions_are_started(world: World, count: int) -> None:
    assert started_of(world, count) == count
