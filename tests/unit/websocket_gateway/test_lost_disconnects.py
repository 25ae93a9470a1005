"""Connections that are no longer there, and whose $disconnect never came."""

from typing import Any

import pytest

from tests.unit.websocket_gateway.world import World


def test_a_connection_whose_disconnect_was_lost_is_removed(world: World) -> None:
    here, gone = world.connect(), world.connect()
    world.ask(here)
    world.ask(gone, month="2015-02")
    gone.connected = False
    world.sweep(61)
    assert [pk for pk, _, _ in world.found("C#", "META")] == [f"C#{here.id}"]
    (statement,) = world.warehouse.running()
    assert statement.parameters["month"] == "2015-01-01"
    world.finish()
    assert len(here.answer("a")) == 5


def test_an_open_connection_is_asked_for_every_ten_minutes(world: World) -> None:
    client, asked = world.connect(), []

    def cut(call: str, request: Any) -> None:
        if call == "management.get_connection":
            asked.append(request)

    world.cut = cut
    for _ in range(21):
        world.sweep(60)
    assert len(asked) == 3
    assert client.connected
    client.connected = False
    for _ in range(10):
        world.sweep(60)
    world.check_nothing_open()
    assert list(world.found("C#")) == []


def test_a_check_does_not_bring_back_what_was_removed(world: World) -> None:
    client = world.connect()
    world.before("dynamodb.update_item", lambda: world.socket("DISCONNECT", client.id), "SET #since = :due")
    world.sweep(61)
    assert list(world.found("C#")) == []


def test_a_connect_that_fails_leaves_nothing(world: World) -> None:
    def refuse(call: str, _request: Any) -> None:
        if call == "lambda.invoke":
            raise OSError("no answer")

    world.cut = refuse
    with pytest.raises(OSError, match="no answer"):
        world.socket("CONNECT", "c", queryStringParameters={"query": "daily", "month": "x"})
    world.cut = lambda *_: None
    assert list(world.found("C#")) == []
