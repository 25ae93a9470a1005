"""An answer to very many: ranges of waiters, delivered by workers."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.websocket_gateway.fake_clients import Client
from tests.unit.websocket_gateway.interleaving import Killed
from tests.unit.websocket_gateway.world import World
from websocket_gateway.delivery import pass_delivery


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pass_delivery, "WAITERS_PER_RANGE", 4)
    monkeypatch.setattr(pass_delivery, "SLICE", 2)


def crowd(world: World, count: int = 11, **more: Any) -> list[Client]:
    clients = [world.connect(f"c{n:02}") for n in range(count)]
    for client in clients:
        world.ask(client, **more)
    return clients


def check(world: World, clients: list[Client], versions: list[int] | None = None) -> None:
    for client in clients:
        assert len(client.answer("a")) == 5
        if versions:
            assert [end["version"] for end in client.ends("a")] == versions
    world.check_nothing_open()


def test_a_large_pass_goes_to_workers(world: World) -> None:
    clients = crowd(world)
    world.end_running()()
    assert [message["number"] for message in world.queue.waiting] == [0, 1, 2]
    assert not any(client.inbox for client in clients), "the answer is kept before anybody gets it"
    world.drain()
    check(world, clients)
    assert world.meta()["passed"] == world.meta()["attempt"]


def test_a_message_that_comes_twice_finds_its_range_done(world: World) -> None:
    clients = crowd(world, live=True)
    world.end_running()()
    for message in list(world.queue.waiting):
        world.work(message)
    received = [len(client.inbox) for client in clients]
    world.drain()
    assert [len(client.inbox) for client in clients] == received
    check(world, clients, [0])


def test_a_message_that_comes_after_the_next_version_changes_nothing(world: World) -> None:
    clients = crowd(world, live=True)
    world.end_running()()
    (late, *_) = world.queue.waiting
    world.drain()
    world.new_data()
    world.finish()
    world.work(late)
    check(world, clients, [0, 1])


def test_versions_that_come_faster_than_a_pass_are_skipped(world: World) -> None:
    clients = crowd(world, live=True)
    world.end_running()()
    first = world.queue.waiting.pop(0)
    world.work(first)
    for _ in range(3):
        world.new_data()
        for statement in world.warehouse.running():
            world.deliver(world.end(statement))
    assert [end["version"] for client in clients[:4] for end in client.ends("a")] == [0] * 4
    world.drain()
    check(world, clients, [0, 3])


@pytest.mark.parametrize("call", range(1, 40))
def test_a_worker_is_killed_anywhere(world: World, call: int) -> None:
    clients = crowd(world, live=True)
    world.end_running()()
    message, made = world.queue.waiting.pop(1), 0

    def cut(*_: object) -> None:
        nonlocal made
        made += 1
        if made == call:
            raise Killed

    world.cut = cut
    with contextlib.suppress(Killed):
        world.work(message)
    world.cut = lambda *_: None
    world.drain()
    world.sweep()
    world.sweep()
    check(world, clients, [0])


@pytest.mark.parametrize("call", range(1, 30))
def test_who_splits_a_pass_is_killed_anywhere(world: World, call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.unit.websocket_gateway.interleaving import one_after_the_other

    one_after_the_other(monkeypatch)
    clients = crowd(world, live=True)
    event, made = world.end_running(), 0

    def cut(*_: object) -> None:
        nonlocal made
        made += 1
        if made == call:
            raise Killed

    world.cut = cut
    with contextlib.suppress(Killed):
        event()
    world.cut = lambda *_: None
    for _ in range(3):
        world.sweep()
    check(world, clients, [0])


def test_messages_that_are_lost_are_sent_again(world: World) -> None:
    clients = crowd(world)
    world.end_running()()
    world.queue.waiting.clear()
    world.sweep()
    check(world, clients)


def test_a_stalled_worker_sends_nothing_more_when_another_has_its_range(world: World) -> None:
    clients = crowd(world, live=True)
    world.end_running()()
    message = world.queue.waiting[0]
    stalled: list[int] = []

    def stall() -> None:
        world.clock.now += 60
        world.drain()
        world.new_data()
        world.finish()
        stalled.extend(len(client.inbox) for client in clients)

    # Within its first slice: the clients of the second get nothing of it.
    world.before("management.post_to_connection", lambda: world.before("management.post_to_connection", stall))
    world.work(message)
    assert stalled
    assert [len(client.inbox) for client in clients][2:] == stalled[2:]
    world.drain()
    check(world, clients)
    for client in clients[2:]:
        assert [end["version"] for end in client.ends("a")] == [0, 1]


@pytest.mark.parametrize("what", ["cancels", "leaves", "starts over", "joins"])
def test_a_client_moves_while_its_range_is_leased(world: World, what: str) -> None:
    clients = crowd(world, live=True)
    world.end_running()()
    one, others = clients[1], [client for client in clients if client is not clients[1]]

    def move() -> None:
        if what == "cancels":
            world.say(one, action="cancel", id="a")
        elif what == "leaves":
            one.connected = False
            world.socket("DISCONNECT", one.id)
        elif what == "starts over":
            world.ask(one, live=True)
        else:
            world.ask(one, "b", live=True)

    world.before("management.post_to_connection", move)
    world.drain()
    check(world, others, [0])
    waiters = [sk for _, sk, _ in world.found("Q#", f"W#{one.id}#")]
    assert len(waiters) == {"cancels": 0, "leaves": 0, "starts over": 1, "joins": 2}[what]
    if what == "starts over":
        assert len(one.answer("a")) == 5
    if what == "joins":
        assert len(one.answer("b")) == 5


def test_a_slow_client_holds_up_no_worker(world: World) -> None:
    clients = crowd(world, live=True)
    late: list[str] = []
    world.stage.trouble = lambda name: 429 if name == "c05" and len(late) < 400 and not late.append(name) else 0  # type: ignore[func-returns-value]
    world.finish()
    assert [len(client.ends("a")) for client in clients] == [int(n != 5) for n in range(11)]
    late.extend(["enough"] * 400)
    world.sweep()
    check(world, clients, [0])


def test_a_worker_whose_time_is_up_hands_over(world: World) -> None:
    clients = crowd(world)
    world.end_running()()
    message = world.queue.waiting.pop(0)
    left = iter([60_000] * 3 + [10_000] * 100)
    world.work(message, time_left=lambda: next(left))
    world.drain()
    check(world, clients)


def test_an_answer_with_a_missing_object_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("websocket_gateway.answers.answer_store.MAX_ITEM_BYTES", 0)
    clients = crowd(world)
    world.end_running()()
    assert len(world.bucket.objects) == 1
    world.bucket.objects.clear()
    world.drain()
    check(world, clients)


def test_errors_reach_everybody(world: World) -> None:
    clients = crowd(world)
    world.finish("FAILED")
    assert [[end["code"] for end in client.ends("a")] for client in clients] == [["query_failed"]] * 11
    world.check_nothing_open()


def test_workers_in_parallel(make_world: Callable[..., World]) -> None:
    from tests.unit.websocket_gateway.test_races_parallel import together

    world = make_world()
    clients = crowd(world, 40, live=True)
    for version in range(3):
        event = world.end(world.warehouse.running()[0])
        together([lambda: world.deliver(event)] * 3)  # noqa: B023
        messages = list(world.queue.waiting)
        world.queue.waiting.clear()
        together([lambda one=one: world.work(one) for one in messages] * 2)  # type: ignore[misc]
        world.drain()
        check(world, clients, list(range(version + 1)))
        world.new_data()
