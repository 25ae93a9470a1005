"""Clients that are slow, gone or refused, and answers that take longer than an invocation."""

from typing import Any

import pytest

from tests.unit.websocket_gateway.world import World


def test_a_client_that_leaves_within_an_answer(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.ask(two)
    world.clock.now += 60

    def leave() -> None:
        one.connected = False

    world.before("management.post_to_connection", leave)
    world.finish()
    assert len(two.answer("a")) == 5
    assert list(world.found(f"C#{one.id}")) == []
    world.check_nothing_open()


def test_410_while_connecting_is_not_gone(world: World) -> None:
    client = world.connect()
    world.ask(client)
    refusals = iter([410] * 4)
    world.stage.trouble = lambda _: next(refusals, 0)
    world.finish()
    assert len(client.answer("a")) == 5


def test_403_for_one_is_loud_and_holds_up_nobody(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.ask(two)
    world.stage.trouble = lambda name: 403 if name == one.id else 0
    (statement,) = world.warehouse.running()
    event = world.end(statement)
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError, match="Forbidden"):
        world.deliver(event)
    assert len(two.answer("a")) == 5
    world.stage.trouble = lambda _: 0
    world.sweep()
    assert len(one.answer("a")) == 5


def test_an_invocation_whose_time_is_up_hands_over(world: World) -> None:
    world.warehouse.rows = lambda _: [[n, "x" * 1000] for n in range(1000)]
    world.warehouse.page = 100
    client = world.connect()
    world.ask(client)
    left = iter([200_000] * 4 + [10_000] * 100)
    (statement,) = world.warehouse.running()
    world.deliver(world.end(statement), time_left=lambda: next(left))
    had = len(client.inbox)
    assert client.ends("a") == []
    world.drain()
    assert len(client.answer("a")) == 1000
    assert client.inbox[had]["first_row"] > 0


def test_a_long_answer_is_sent_again_where_its_deliverer_died(world: World) -> None:
    """A pass notes its progress by waiters, not by rows: a client drops the rows that it has."""
    world.warehouse.rows = lambda _: [[n, "x" * 1000] for n in range(1000)]
    world.warehouse.page = 100
    client = world.connect()
    world.ask(client)

    class Killed(BaseException):
        pass

    def cut(what: str, _: Any) -> None:
        if what == "management.post_to_connection":
            world.clock.now += 6
            if len(client.inbox) == 7:
                raise Killed

    world.cut = cut
    (statement,) = world.warehouse.running()
    with pytest.raises(Killed):
        world.deliver(world.end(statement))
    world.cut = lambda *_: None
    world.sweep()
    assert client.inbox[7]["first_row"] == 0
    assert len(client.answer("a")) == 1000
    world.check_nothing_open()


def test_a_slow_client_alone_has_more_time(world: World) -> None:
    world.warehouse.rows = lambda _: [[n, "x" * 1000] for n in range(2000)]
    world.warehouse.page = 100
    client = world.connect()
    world.ask(client)
    turns = iter(range(10_000))
    world.stage.trouble = lambda _: 429 if next(turns) % 5 else 0
    world.finish()
    assert len(client.answer("a")) == 2000
    assert len(client.ends("a")) == 1
