"""The handlers truly in parallel, in threads: conditional writes alone keep them apart."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.unit.websocket_gateway.fake_clients import Client
from tests.unit.websocket_gateway.world import World
from websocket_gateway.connections.identity import Identity
from websocket_gateway.delivery import management_api, pass_delivery


def together(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs them at once and returns what they return; raises what one of them raises."""
    barrier, results, errors = threading.Barrier(len(works)), [None] * len(works), []

    def run(number: int) -> None:
        try:
            barrier.wait(10)
            results[number] = works[number]()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return results


def work_off(world: World) -> None:
    """A worker takes messages while there are some."""
    while world.queue.waiting:
        try:
            message = world.queue.waiting.pop()
        except IndexError:
            return
        world.work(message)


@pytest.fixture
def busy(world: World) -> World:
    """Each call to AWS takes a moment, never the same."""
    pause = time.sleep
    world.cut = lambda *_: pause(random.random() * 0.002)  # noqa: S311
    return world


def test_200_askers_one_statement(busy: World) -> None:
    clients = [busy.connect() for _ in range(200)]
    answers = together([lambda client=client: busy.ask(client) for client in clients])  # type: ignore[misc]
    assert {answer["type"] for answer in answers} == {"accepted"}
    assert len({answer["run"] for answer in answers}) == 1
    (statement,) = busy.warehouse.statements.values()
    busy.deliver(busy.end(statement))
    for client in clients:
        assert len(client.answer("a")) == 5
        assert len(client.ends("a")) == 1
    busy.check_nothing_open()


def test_every_event_twice_at_once(busy: World) -> None:
    clients = [busy.connect() for _ in range(40)]
    for number, client in enumerate(clients):
        busy.ask(client, live=number % 2 == 0)
    for version in range(3):
        (statement,) = busy.warehouse.running()
        event = busy.end(statement)
        together([lambda: busy.deliver(event)] * 4)  # noqa: B023
        assert busy.warehouse.running() == []
        for client in clients[::2]:
            assert [end["version"] for end in client.ends("a")] == list(range(version + 1))
        busy.new_data()
    for client in clients:
        assert len(client.answer("a")) == 5
    for client in clients[1::2]:
        assert len(client.ends("a")) == 1


def test_the_completion_comes_before_the_asker_has_returned(world: World) -> None:
    client = world.connect()
    execute = world.warehouse.execute_statement

    def quick(**request: Any) -> Any:
        answer = execute(**request)
        world.deliver(world.end(world.warehouse.statements[answer["Id"]]))
        return answer

    world.warehouse.execute_statement = quick  # type: ignore[method-assign]
    assert world.ask(client)["type"] == "accepted"
    assert len(client.answer("a")) == 5
    assert world.meta()["state"] == "FINISHED"
    world.check_nothing_open()


def test_askers_while_the_run_ends(busy: World) -> None:
    clients = [busy.connect() for _ in range(30)]
    busy.ask(clients[0])
    (statement,) = busy.warehouse.running()
    event = busy.end(statement)
    together([lambda: busy.deliver(event)] + [lambda c=c: busy.ask(c) for c in clients[1:]])  # type: ignore[misc]
    busy.finish()
    busy.drain()
    for client in clients:
        assert len(client.answer("a")) == 5
        assert len(client.ends("a")) == 1
    assert busy.warehouse.most_at_once == 1
    busy.check_nothing_open()


def test_1000_version_events_make_two_runs(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    busy.cut = lambda *_: None
    client = busy.connect()
    busy.ask(client, live=True)
    busy.finish()
    together([lambda: [busy.new_data() for _ in range(125)]] * 8)
    busy.finish()
    busy.finish()
    assert busy.version() == 1000
    assert len(busy.warehouse.statements) == 1 + 2
    versions = [end["version"] for end in client.ends("a")]
    assert versions == sorted(set(versions))
    assert versions[-1] == 1000


def test_open_requests_keep_to_the_bound(make_world: Callable[..., World]) -> None:
    """Of many at once some are refused too many; in peace each finds its place."""
    world = make_world(MAX_OPEN_REQUESTS="5")
    client = world.connect()
    answers = together([lambda n=n: world.ask(client, f"r{n}") for n in range(20)])  # type: ignore[misc]
    accepted = [answer["id"] for answer in answers if answer["type"] == "accepted"]
    assert len(accepted) <= 5
    assert {answer["code"] for answer in answers if answer["type"] == "error"} == {"too_many_requests"}
    more = [world.ask(client, f"s{n}") for n in range(6)]
    accepted += [answer["id"] for answer in more if answer["type"] == "accepted"]
    assert len(accepted) == 5
    (statement,) = world.warehouse.running()
    event = world.end(statement)
    together([lambda: world.deliver(event)] * 3 + [lambda: world.say(client, action="cancel", id=accepted[0])] * 3)
    world.check_nothing_open()


def test_a_ticket_opens_one_connection(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="JWT")
    from websocket_gateway import socket_handler

    ticket = socket_handler._routes().tickets.issue(Identity({"sub": "me"}))["ticket"]
    offer = {"Sec-WebSocket-Protocol": f"relay.v1, relay.ticket.{ticket}"}
    answers = together([lambda n=n: world.socket("CONNECT", f"c{n}", headers=offer) for n in range(20)])  # type: ignore[misc]
    assert sorted(answer["statusCode"] for answer in answers) == [200] + [401] * 19


@pytest.mark.parametrize("seed", range(20))
def test_all_at_once(make_world: Callable[..., World], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With odd seeds, every pass is split, and several workers deliver its ranges."""
    rng = random.Random(seed)  # noqa: S311
    if seed % 2:
        monkeypatch.setattr(pass_delivery, "WAITERS_PER_RANGE", 3)
        monkeypatch.setattr(pass_delivery, "SLICE", 2)
    world = make_world(MAX_OPEN_REQUESTS="100")
    pause = time.sleep
    world.cut = lambda *_: pause(rng.random() * 0.001)
    clients = [world.connect() for _ in range(8)]
    sure: list[tuple[Client, str]] = []

    def works(client: Client) -> Callable[[], None]:
        cancels, asks = rng.sample("abcdef", 2), rng.choices((True, False), k=6)

        def work() -> None:
            for request, live in zip("abcdef", asks, strict=True):
                world.ask(client, request, live=live)
                if request in cancels:
                    world.say(client, action="cancel", id=request)
                else:
                    sure.append((client, request))

        return work

    def ends() -> None:
        for _ in range(10):
            for statement in world.warehouse.running():
                world.deliver(world.end(statement))
            while world.functions.waiting:
                try:
                    event = world.functions.waiting.pop()
                except IndexError:
                    break
                world.deliver(event)
            work_off(world)

    def leaves() -> None:
        clients[0].connected = False
        world.socket("DISCONNECT", clients[0].id)

    workers = [lambda: [work_off(world) for _ in range(20)]] * 3
    changes = [lambda: [world.change() for _ in range(3)]]
    together([works(client) for client in clients] + [ends, ends, leaves] + changes + workers)
    for _ in range(3):
        for statement in world.warehouse.running():
            world.end(statement)
        world.sweep()
    for client, request in sure:
        if client.connected:
            assert len(client.answer(request)) == 5
            end = client.ends(request)[-1]
            assert not end["live"] or end["version"] == world.version()
    assert world.warehouse.most_at_once == 1
    world.check_nothing_open()


def test_a_slow_client_holds_up_nobody(world: World) -> None:
    clients = [world.connect() for _ in range(3)]
    for client in clients:
        world.ask(client)
    late: list[str] = []
    world.stage.trouble = lambda name: 429 if name == "c1" and len(late) < 400 and not late.append(name) else 0  # type: ignore[func-returns-value]
    began = world.clock.now
    world.finish()
    assert [len(client.ends("a")) for client in clients] == [1, 0, 1]
    assert world.clock.now - began < management_api.SEND_TIMEOUT_SECONDS + 2
    late.extend(["enough"] * 400)
    world.sweep()
    assert len(clients[1].answer("a")) == 5
