"""Bounds on what one person uses: connections, and new statements a minute. They lock out nobody else."""

from collections.abc import Callable

import pytest

from tests.unit.websocket_gateway.fake_clients import Client
from tests.unit.websocket_gateway.world import World


@pytest.fixture
def bounded(make_world: Callable[..., World]) -> World:
    world = make_world(
        AUTHORIZATION="CUSTOM", MAX_CONNECTIONS_PER_PERSON="3", MAX_STARTS_PER_PERSON="4", MAX_RUNNING_PER_PERSON=""
    )
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "text", "max_length": 20}})
    return world


def connect(world: World, person: str) -> Client:
    world.clock.now += 0.5
    return world.connect(context={"authorizer": {"principalId": person}})


def test_the_newest_connection_closes_the_oldest(bounded: World) -> None:
    other = connect(bounded, "other")
    mine = [connect(bounded, "me") for _ in range(5)]
    bounded.clock.now += 1
    bounded.drain()
    assert [client.connected for client in mine] == [False, False, True, True, True]
    assert other.connected
    assert len(list(bounded.found("C#", "META"))) == 4
    assert bounded.ask(mine[4])["type"] == "accepted"


def test_what_waits_on_a_closed_connection_is_cancelled(bounded: World) -> None:
    first = connect(bounded, "me")
    bounded.ask(first, live=True)
    for _ in range(3):
        bounded.clock.now += 1
        connect(bounded, "me")
    bounded.drain()
    assert bounded.warehouse.running() == []
    assert list(bounded.found("Q#", "W#")) == []


def test_a_connection_that_ends_makes_room(bounded: World) -> None:
    mine = [connect(bounded, "me") for _ in range(3)]
    mine[1].connected = False
    bounded.socket("DISCONNECT", mine[1].id)
    bounded.socket("DISCONNECT", mine[1].id)
    connect(bounded, "me")
    bounded.drain()
    assert [client.connected for client in mine] == [True, False, True]


def test_a_disconnect_does_not_revive_a_person(bounded: World) -> None:
    client = connect(bounded, "me")
    for key in [key for key in bounded.dynamo.items if key[0].startswith("U#")]:
        del bounded.dynamo.items[key]
    bounded.socket("DISCONNECT", client.id)
    assert list(bounded.found("U#")) == []


def test_new_statements_a_minute(bounded: World) -> None:
    me, again, other = (connect(bounded, person) for person in ("me", "me", "other"))
    answers = [bounded.ask((me, again)[n % 2], f"r{n}", f"month {n}") for n in range(6)]
    assert [answer.get("code", "accepted") for answer in answers] == ["accepted"] * 4 + ["too_many_starts"] * 2
    assert len(bounded.warehouse.running()) == len(bounded.slots()) == 4
    assert bounded.ask(other, "a", "month 9")["type"] == "accepted"
    bounded.check_counts()
    bounded.clock.now += 60
    assert bounded.ask(me, "later", "month 7")["type"] == "accepted"


def test_what_others_have_started_costs_nothing(bounded: World) -> None:
    me, other = connect(bounded, "me"), connect(bounded, "other")
    for n in range(4):
        bounded.ask(other, f"r{n}", f"month {n}")
    bounded.finish()
    for n in range(4):
        assert bounded.ask(me, f"r{n}", f"month {n}")["cached"] is True
        assert bounded.ask(me, f"s{n}", f"new {n}")["cached"] is False


def test_a_claim_that_is_lost_costs_nothing(bounded: World) -> None:
    me, other = connect(bounded, "me"), connect(bounded, "other")
    for n in range(3):
        bounded.before("dynamodb.update_item", lambda n=n: bounded.ask(other, f"o{n}", f"month {n}"), "'#definition'")  # type: ignore[misc]
        assert bounded.ask(me, f"r{n}", f"month {n}")["type"] == "accepted"
    for n in range(4):
        assert bounded.ask(me, f"mine{n}", f"mine {n}")["type"] == "accepted", n


def test_without_a_sign_in_nobody_is_told_apart(make_world: Callable[..., World]) -> None:
    world = make_world(MAX_CONNECTIONS_PER_PERSON="1", MAX_STARTS_PER_PERSON="1")
    clients = [world.connect() for _ in range(3)]
    for n, client in enumerate(clients):
        assert world.ask(client, "a", f"2015-0{n + 1}")["type"] == "accepted"
    world.drain()
    assert all(client.connected for client in clients)
    assert list(world.found("U#")) == []
