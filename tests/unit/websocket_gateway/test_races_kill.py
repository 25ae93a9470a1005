"""A handler is killed before each of its calls to AWS, for ever or until it is tried again; the sweep does the rest."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.websocket_gateway.fake_clients import Client
from tests.unit.websocket_gateway.interleaving import one_after_the_other
from tests.unit.websocket_gateway.world import World


class Killed(BaseException):
    """Lambda ended the process."""


class Stage:
    """A world, a client that must have its answer in the end, and the handler that will be killed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = world.connect("me")
        self.other = world.connect("other")
        self.must: list[tuple[Client, str]] = []

    def asked(self, **more: Any) -> None:
        self.world.ask(self.client, **more)
        self.world.drain()
        self.must.append((self.client, "a"))

    def ended(self) -> dict[str, Any]:
        (statement,) = self.world.warehouse.running()
        return self.world.end(statement)


def first_question(stage: Stage) -> Callable[[], Any]:
    stage.world.stage.clients["new"] = Client("new")
    query = {"query": "daily", "month": "2015-01"}
    return lambda: stage.world.socket("CONNECT", "new", queryStringParameters=query)


def asks(stage: Stage) -> Callable[[], Any]:
    return lambda: stage.world.ask(stage.client)


def asks_for_a_cached_answer(stage: Stage) -> Callable[[], Any]:
    stage.asked()
    stage.world.finish()
    return lambda: stage.world.ask(stage.other)


def asks_again(stage: Stage) -> Callable[[], Any]:
    stage.asked(live=True)
    stage.world.finish()
    return lambda: stage.world.ask(stage.client, live=True)


def asks_for_a_fresh_answer(stage: Stage) -> Callable[[], Any]:
    stage.asked()
    stage.world.finish()
    return lambda: stage.world.ask(stage.other, fresh=True)


def joins(stage: Stage) -> Callable[[], Any]:
    stage.asked()
    return lambda: stage.world.ask(stage.other)


def cancels(stage: Stage) -> Callable[[], Any]:
    stage.world.ask(stage.client)
    return lambda: stage.world.say(stage.client, action="cancel", id="a")


def cancels_beside_another(stage: Stage) -> Callable[[], Any]:
    stage.asked()
    stage.world.ask(stage.other)
    return lambda: stage.world.say(stage.other, action="cancel", id="a")


def leaves(stage: Stage) -> Callable[[], Any]:
    stage.asked()
    for request in "abc":
        stage.world.ask(stage.other, request)
    stage.other.connected = False
    return lambda: stage.world.socket("DISCONNECT", "other")


def run_ends(stage: Stage) -> Callable[[], Any]:
    stage.asked()
    stage.world.ask(stage.other, live=True)
    stage.must.append((stage.other, "a"))
    event = stage.ended()
    return lambda: stage.world.deliver(event)


def run_ends_that_is_followed(stage: Stage) -> Callable[[], Any]:
    stage.asked(live=True)
    stage.world.new_data()
    event = stage.ended()
    return lambda: stage.world.deliver(event)


def run_is_cancelled_while_another_joins(stage: Stage) -> Callable[[], Any]:
    stage.world.ask(stage.other)
    stage.world.say(stage.other, action="cancel", id="a")
    stage.asked()
    (statement,) = stage.world.warehouse.statements.values()
    assert statement.status == "ABORTED"
    return lambda: stage.world.deliver(statement.event())


def cached_answer_is_delivered(stage: Stage) -> Callable[[], Any]:
    stage.world.ask(stage.other)
    stage.world.finish()
    stage.world.ask(stage.client)
    stage.must.append((stage.client, "a"))
    (event,) = stage.world.functions.waiting
    stage.world.functions.waiting.clear()
    return lambda: stage.world.deliver(event)


def client_is_gone(stage: Stage) -> Callable[[], Any]:
    stage.asked()
    stage.world.ask(stage.other, live=True)
    stage.other.connected = False
    stage.world.clock.now += 31
    event = stage.ended()
    return lambda: stage.world.deliver(event)


def data_changes(stage: Stage) -> Callable[[], Any]:
    stage.asked(live=True)
    stage.world.finish()
    return lambda: stage.world.new_data()


def sweep_finds_an_ended_run(stage: Stage) -> Callable[[], Any]:
    stage.asked()
    stage.ended()
    stage.world.clock.now += 60
    return lambda: stage.world.deliver({"action": "sweep"})


def sweep_ends_connections(stage: Stage) -> Callable[[], Any]:
    stage.world.ask(stage.other, live=True)
    stage.world.clock.now += 3 * 3600
    stage.asked = lambda: None  # type: ignore[method-assign]
    return lambda: stage.world.deliver({"action": "sweep"})


HANDLERS = [
    first_question, asks, asks_for_a_cached_answer, asks_for_a_fresh_answer, asks_again, joins, cancels,
    cancels_beside_another, leaves,
    run_ends, run_ends_that_is_followed, run_is_cancelled_while_another_joins, cached_answer_is_delivered,
    client_is_gone,
    data_changes, sweep_finds_an_ended_run, sweep_ends_connections,
]  # fmt: skip


def killed_before(world: World, call: int, work: Callable[[], Any]) -> bool:
    """Whether the handler came as far as this call."""
    made = 0

    def cut(*_: object) -> None:
        nonlocal made
        made += 1
        if made == call:
            raise Killed

    world.cut = cut
    try:
        work()
    except Killed:
        return True
    finally:
        world.cut = lambda *_: None
    return False


CASES = [
    pytest.param(handler, again, id=f"{handler.__name__}-{'tried_again' if again else 'for_ever'}")
    for handler in HANDLERS
    for again in (False, True)
    if not (again and handler is first_question)  # nothing tries $connect again
]


@pytest.mark.parametrize("at_once", [True, False], ids=["at_once", "at_last"])
@pytest.mark.parametrize(("handler", "again"), CASES)
def test_killed_before_each_call(
    handler: Callable[[Stage], Callable[[], Any]],
    again: bool,
    at_once: bool,
    make_world: Callable[..., World],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one_after_the_other(monkeypatch, lambda: at_once)
    call, killed = 0, True
    while killed:
        call += 1
        world = make_world()
        stage = Stage(world)
        work = handler(stage)
        killed = killed_before(world, call, work)
        if killed and again:
            world.clock.now += 60
            work()
        if not again:
            world.functions.waiting.clear()
            world.queue.waiting.clear()
        world.drain()
        for _ in range(3):
            for statement in world.warehouse.running():
                world.end(statement)
            world.sweep()
        for client, request in stage.must:
            if killed:
                client.open[request] = 0  # what was asked again may never have arrived
            if client.connected:
                assert len(client.answer(request)) == 5, (call, client)
                end = client.ends(request)[-1]
                assert not end["live"] or end["version"] == world.version(), call
        world.check_nothing_open()
        for name in [client.id for client in world.stage.clients.values() if not client.connected]:
            assert list(world.found(f"C#{name}")) == [], call
            assert [sk for _, sk, _ in world.found("Q#", f"W#{name}#")] == [], call
    assert call > 4
