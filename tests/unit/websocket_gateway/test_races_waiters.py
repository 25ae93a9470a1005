"""Conditional writes of connections, requests and tickets meet another handler between read and write."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.websocket_gateway.interleaving import Killed, Task, cut, one_after_the_other
from tests.unit.websocket_gateway.world import World
from websocket_gateway import socket_handler
from websocket_gateway.connections.identity import Identity
from websocket_gateway.errors import ClientError as Refused


def test_add_does_not_count_a_request_twice(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.ask(client, live=True)
    world.say(client, action="cancel", id="a")
    world.check_counts()
    world.ask(client, "b")
    world.check_counts()


def test_add_does_not_revive_a_connection(world: World) -> None:
    client = world.connect()
    world.before("dynamodb.batch_write_item", lambda: world.socket("DISCONNECT", client.id))
    assert world.ask(client)["code"] == "signed_out"
    assert [pk for pk, _, _ in world.found("")] == ["CATALOG"]


def test_add_during_a_disconnect_is_refused(world: World) -> None:
    client = world.connect()
    answers: list[Any] = []
    world.before("dynamodb.query", lambda: answers.append(world.ask(client)))
    world.socket("DISCONNECT", client.id)
    assert answers[0]["code"] == "signed_out"
    assert [pk for pk, _, _ in world.found("")] == ["CATALOG"]


def test_add_keeps_to_the_bound(make_world: Callable[..., World]) -> None:
    world = make_world(MAX_OPEN_REQUESTS="1")
    client = world.connect()
    world.before("dynamodb.batch_write_item", lambda: world.ask(client, "b"))
    assert world.ask(client, "a")["code"] == "too_many_requests"


def test_a_request_that_starts_over_may_be_gone(world: World) -> None:
    """Its answer comes between the look and the write: it is asked anew, not half revived."""
    client = world.connect()
    world.ask(client)
    world.before("dynamodb.batch_write_item", world.end_running(), "PutRequest")
    world.ask(client)
    world.drain()
    assert len(client.answer("a")) == 5
    world.check_nothing_open()


def test_a_live_request_that_starts_over_may_be_cancelled(world: World) -> None:
    """Else its waiter would be there without the request, and nobody could cancel it."""
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    world.before("dynamodb.batch_write_item", lambda: world.say(client, action="cancel", id="a"), "PutRequest")
    world.ask(client, live=True)
    world.check_counts()


def test_a_request_does_not_start_over_on_a_connection_that_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its waiter would stay when the request has been forgotten."""
    one_after_the_other(monkeypatch)
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    world.cut = cut
    asker = Task("ask", lambda: world.ask(client, live=True))
    asker.step_to("PutRequest")
    leaver = Task("disconnect", lambda: world.socket("DISCONNECT", client.id))
    leaver.step_to("DeleteRequest")
    asker.finish()
    leaver.finish()
    assert list(world.found("Q#", "W#")) == []


def test_remove_leaves_the_next_question_of_the_same_id_alone(world: World) -> None:
    """A cancel comes when the answer has just been delivered, and then the client asks anew."""
    client = world.connect()
    world.ask(client)
    old = world.end_running()
    asked: list[str] = []

    def ask_again() -> None:
        asked.append("again")
        world.ask(client)

    def answered() -> None:
        old()
        world.before("dynamodb.batch_write_item", ask_again)

    world.before("dynamodb.batch_write_item", answered, "Delete")
    world.say(client, action="cancel", id="a")
    world.cut = lambda *_: None
    if not asked:
        ask_again()
    world.drain()
    world.check_counts()
    assert len(client.answer("a")) == 5


def test_a_cancel_counts_once(world: World) -> None:
    """The answer is complete between the look of the cancel and its write."""
    client = world.connect()
    world.ask(client)
    world.ask(client, "b", "2015-02", live=True)
    for statement in world.warehouse.running():
        if statement.parameters["month"] == "2015-01-01":
            event = world.end(statement)
    world.before("dynamodb.batch_write_item", lambda: world.deliver(event), "Delete")
    world.say(client, action="cancel", id="a")
    world.finish()
    world.check_nothing_open()


def test_a_cancel_leaves_the_next_question_of_its_id_alone(world: World) -> None:
    client = world.connect()
    world.ask(client)
    old = world.end_running()

    def another() -> None:
        old()
        world.ask(client, "a", "2015-02")

    world.before("dynamodb.batch_write_item", another, "Delete")
    world.say(client, action="cancel", id="a")
    client.open["a"] = len(client.inbox)
    world.finish()
    assert len(client.answer("a")) == 5
    world.check_nothing_open()


def test_removing_a_waiter_does_not_revive_a_connection(world: World) -> None:
    client = world.connect()
    world.ask(client)
    event = world.end_running()
    world.before("dynamodb.batch_write_item", lambda: world.socket("DISCONNECT", client.id), "Delete")
    event()
    assert list(world.found("C#")) == []


def test_removing_a_waiter_does_not_revive_a_connection_that_ttl_deleted(world: World) -> None:
    client = world.connect()
    world.ask(client)
    del world.dynamo.items[f"C#{client.id}", "META"]
    world.finish()
    assert list(world.found("C#", "META")) == list(world.found("Q#", "W#")) == []


def test_a_second_disconnect_revives_nothing_even_if_it_is_killed(world: World) -> None:
    client = world.connect()
    world.socket("DISCONNECT", client.id)

    def killed() -> None:
        raise Killed

    world.before("dynamodb.query", killed)
    world.socket("DISCONNECT", client.id)
    assert list(world.found("C#")) == []


def test_a_ticket_is_worth_nothing_after_a_minute_even_if_it_is_still_there(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="JWT")
    tickets = socket_handler._routes().tickets
    ticket = tickets.issue(Identity({"sub": "me"}))["ticket"]
    world.clock.now += 60
    with pytest.raises(Refused):
        tickets.redeem(ticket)
