"""Conditional writes of passes, ranges and waiters meet another deliverer between read and write."""

from typing import Any

import pytest

from tests.unit.websocket_gateway.fake_clients import Client
from tests.unit.websocket_gateway.interleaving import Task, cut, one_after_the_other
from tests.unit.websocket_gateway.world import World
from websocket_gateway.delivery import pass_delivery


def question(world: World) -> str:
    return str(world.meta()["pk"]).removeprefix("Q#")


def deliver(world: World) -> None:
    world.deliver({"action": "deliver", "question": question(world)})


def crowd(world: World, monkeypatch: pytest.MonkeyPatch, count: int = 6) -> list[Client]:
    """So many that their pass is split into ranges of two."""
    monkeypatch.setattr(pass_delivery, "WAITERS_PER_RANGE", 2)
    monkeypatch.setattr(pass_delivery, "SLICE", 1)
    clients = [world.connect(f"c{n}") for n in range(count)]
    for client in clients:
        world.ask(client, live=True)
    return clients


def ended_without_pass(world: World) -> Client:
    """A client whose run has ended, found by the sweep: no pass has begun."""
    world.warehouse.page = 100
    client = world.connect()
    world.ask(client, live=True)
    (statement,) = world.warehouse.running()
    world.end(statement)
    world.clock.now += 60
    world.deliver({"action": "sweep"})
    world.functions.waiting.clear()
    world.queue.waiting.clear()
    assert world.meta()["state"] == "FINISHED"
    return client


def check(world: World, clients: list[Client], versions: list[int]) -> None:
    for client in clients:
        assert [end["version"] for end in client.ends("a")] == versions
        assert len(client.answer("a")) == 5
    world.check_nothing_open()


def test_take_one_deliverer_at_a_time(world: World) -> None:
    client = ended_without_pass(world)
    world.before("management.post_to_connection", lambda: deliver(world))
    deliver(world)
    assert len(client.inbox) == 2  # rows, and the end that rides with them
    check(world, [client], [0])


def test_take_not_while_another_has_it_since_the_look(world: World) -> None:
    client = ended_without_pass(world)

    def begun_by_another() -> None:
        world.before("management.post_to_connection", lambda: None)
        deliver(world)

    world.before("dynamodb.update_item", begun_by_another, "#passed < :attempt")
    deliver(world)
    assert len(client.inbox) == 2
    check(world, [client], [0])


def test_take_not_what_another_is_delivering(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one_after_the_other(monkeypatch)
    client = ended_without_pass(world)
    world.cut = cut
    late = Task("late", lambda: deliver(world))
    late.step_to("#passed < :attempt")
    first = Task("first", lambda: deliver(world))
    first.step_to("'ConnectionId'")
    late.finish()
    first.finish()
    world.cut = lambda *_: None
    assert len(client.inbox) == 2
    check(world, [client], [0])


def test_an_event_that_comes_again_later_does_not_make_the_answer_younger(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    event = world.end_running()
    event()
    ended = world.meta()["ended"]
    world.clock.now += 100
    event()
    assert world.meta()["ended"] == ended
    check(world, [client], [0])


def test_the_last_worker_of_a_pass_does_not_end_the_next_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stalled before it ended its pass; the sweep did, and the next pass is with the workers."""
    clients = crowd(world, monkeypatch)
    world.end_running()()
    *others, last = world.queue.waiting
    for message in others:
        world.work(message)
    world.queue.waiting.clear()

    def stall() -> None:
        deliver(world)  # as the sweep would
        world.new_data()
        (statement,) = world.warehouse.running()
        world.deliver(world.end(statement))
        assert world.meta()["pass_owner"] == "split"

    world.before("dynamodb.update_item", stall, "'#passed_version'")
    world.work(last)
    assert world.meta()["pass_owner"] == "split"
    world.drain()
    check(world, clients, [0, 1])


def test_take_not_what_another_has_begun_and_not_ended(world: World) -> None:
    client = ended_without_pass(world)
    seen: list[int] = []

    def other() -> None:
        # It stops before it has sent anything, with the pass leased.
        world.before("management.post_to_connection", lambda: seen.append(1))
        world.stage.trouble = lambda _: 403
        with pytest.raises(Exception, match="Forbidden"):
            deliver(world)
        world.stage.trouble = lambda _: 0

    other()
    assert seen
    world.sweep()
    check(world, [client], [0])


def test_take_not_a_run_that_has_been_followed_since_the_look(world: World) -> None:
    client, other = ended_without_pass(world), world.connect()
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_age_seconds=0)
    world.clock.now += 1
    world.before("dynamodb.update_item", lambda: world.ask(other), "#passed < :attempt")
    deliver(world)
    assert world.meta()["state"] == "RUNNING"
    assert "pass_attempt" not in world.meta()
    world.finish()
    check(world, [client, other], [0])


def test_a_split_pass_is_left_to_its_workers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = crowd(world, monkeypatch)
    world.end_running()()
    world.clock.now += 60
    deliver(world)
    assert not any(client.inbox for client in clients)
    assert len(world.queue.waiting) == 3, "its ranges are not cut again"
    world.drain()
    check(world, clients, [0])


def test_who_stalled_does_not_split_the_pass_of_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = crowd(world, monkeypatch)
    event = world.end_running()

    def stall() -> None:
        world.clock.now += 60
        world.sweep(0)
        world.new_data()
        world.finish()
        world.before("dynamodb.update_item", lambda: None)

    world.before("dynamodb.update_item", stall, "':split': {'S': 'split'}, ':owner'")
    event()
    world.drain()
    world.sweep()
    check(world, clients, [0, 1])


def test_who_stalled_does_not_end_the_pass_of_another(world: World) -> None:
    """Its slice took a minute; another begins the pass over the next run, and has not delivered it yet."""
    one = world.connect()
    world.ask(one, live=True)
    event = world.end_running()

    def stall() -> None:
        world.clock.now += 60
        world.sweep(0)
        world.new_data()
        world.stage.trouble = lambda _: 403
        statement = world.warehouse.running()[0]
        with pytest.raises(Exception, match="Forbidden"):
            world.deliver(world.end(statement))
        world.stage.trouble = lambda _: 0

    world.before("dynamodb.update_item", stall, "'#passed_version'")
    event()
    world.sweep()
    world.sweep()
    assert [end["version"] for end in one.ends("a")] == [0, 1]
    world.check_nothing_open()


def test_the_end_of_a_pass_leaves_the_next_run_to_the_sweep(world: World) -> None:
    """Its event is lost: without `pending` nobody would look after it."""
    client = world.connect()
    world.ask(client, live=True)
    world.new_data()
    world.end_running()()
    (statement,) = world.warehouse.running()
    world.end(statement)
    world.sweep()
    check(world, [client], [0, 1])


def test_confirm_does_not_revive_what_was_cancelled(world: World) -> None:
    client = world.connect()
    world.before("dynamodb.update_item", lambda: world.say(client, action="cancel", id="a"), "REMOVE #pending")
    world.ask(client)
    assert list(world.found("Q#", "W#")) == []


def test_confirm_leaves_a_waiter_alone_that_was_put_aside_meanwhile(world: World) -> None:
    client = world.connect()

    def slow() -> None:
        world.stage.trouble = lambda _: 429
        world.end_running()()
        world.stage.trouble = lambda _: 0

    world.before("dynamodb.update_item", slow, "REMOVE #pending")
    world.ask(client)
    world.sweep()
    check(world, [client], [0])


def test_who_got_a_newer_answer_by_itself_is_not_put_aside_for_an_older(world: World) -> None:
    """Else passes would leave it out for ever."""
    client = world.connect()
    world.ask(client, live=True)
    event = world.end_running()

    def newer() -> None:
        world.stage.trouble = lambda _: 0
        world.new_data()
        world.finish()
        ((_, sort_key, _),) = world.found("Q#", "W#")
        world.deliver({"action": "deliver_to", "question": question(world), "waiters": [sort_key]})
        world.clock.now += 60

    world.stage.trouble = lambda _: 429
    world.before("dynamodb.update_item", newer, "'#resume_row'")
    event()
    world.sweep()
    world.new_data()
    world.finish()
    assert [end["version"] for end in client.ends("a")][-1] == 2
    world.check_nothing_open()


def cached(world: World, **more: Any) -> tuple[Client, dict[str, Any]]:
    """A client that waits for a cached answer, and the invocation that delivers it."""
    other, client = world.connect(), world.connect()
    world.warehouse.page = 2
    world.ask(other)
    world.finish()
    world.forget_answers()  # so that it takes several messages
    assert world.ask(client, **more)["cached"] is True
    (event,) = world.functions.waiting
    world.functions.waiting.clear()
    return client, event


def test_an_invocation_that_comes_twice_serves_once(world: World) -> None:
    client, event = cached(world, live=True)
    world.before("management.post_to_connection", lambda: world.deliver(event))
    world.deliver(event)
    assert len(client.of("a")) == 4
    check(world, [client], [0])


def test_who_stalled_does_not_give_back_the_waiter_of_another(world: World) -> None:
    client, event = cached(world)
    refused = iter([429] * 200)

    def another() -> None:
        world.stage.trouble = lambda _: 0
        world.clock.now += 60
        # It is in the middle of the answer when the first one gives up.
        world.before("management.post_to_connection", lambda: None)
        world.deliver(event)

    world.stage.trouble = lambda _: next(refused, 0)
    world.before("dynamodb.update_item", another, "'#resume_row'")
    world.deliver(event)
    check(world, [client], [0])


def test_a_waiter_that_is_being_served_is_not_left_to_the_pass(world: World) -> None:
    """A second invocation sees the next run in flight, while the first one sends the answer of this one."""
    client, event = cached(world, live=True)

    def next_run() -> None:
        world.new_data()
        world.deliver(event)
        world.finish()

    world.before("management.post_to_connection", next_run)
    world.deliver(event)
    world.drain()
    world.sweep()
    versions = [one["version"] for one in client.of("a")]
    assert versions == sorted(versions)
    assert client.ends("a")[-1]["version"] == 1
    world.check_nothing_open()


def test_a_waiter_that_was_cancelled_is_not_left_to_the_pass(world: World) -> None:
    client, event = cached(world, live=True)
    other = world.connect()
    world.ask(other, live=True)
    world.new_data()
    world.before("dynamodb.update_item", lambda: world.say(client, action="cancel", id="a"), "REMOVE #own")
    world.deliver(event)
    assert [sk for _, sk, _ in world.found("Q#", f"W#{client.id}#")] == []


def test_a_range_has_one_worker_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = crowd(world, monkeypatch)
    world.end_running()()
    message = world.queue.waiting[0]
    world.before("management.post_to_connection", lambda: world.work(message))
    world.work(message)
    assert [len(client.inbox) for client in clients[:2]] == [4, 4]
    world.drain()
    check(world, clients, [0])


def test_a_worker_that_stalled_does_not_end_the_range_of_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = crowd(world, monkeypatch)
    world.end_running()()
    message = world.queue.waiting[0]

    def stall() -> None:
        world.clock.now += 60
        world.stage.trouble = lambda _: 403
        with pytest.raises(Exception, match="Forbidden"):
            world.work(message)  # has it, and has sent nothing
        world.stage.trouble = lambda _: 0

    world.before("dynamodb.delete_item", stall)
    world.work(message)
    world.drain()
    world.sweep()
    world.sweep()
    check(world, clients, [0])
