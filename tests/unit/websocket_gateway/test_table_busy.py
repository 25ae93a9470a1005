"""Calls to the table that others keep from it: tried again, and not for ever."""

import time
from io import BytesIO
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from tests.unit.websocket_gateway.fake_warehouse import refusal
from tests.unit.websocket_gateway.world import World
from websocket_gateway.connections.waiters import LEASE_SECONDS
from websocket_gateway.storage.keys import Key
from websocket_gateway.storage.table import ATTEMPTS, Table, TableBusy, default_dynamodb_client


class _Body(BytesIO):
    """An answer's body as urllib3 gives it."""

    def stream(self, **_: Any) -> Any:
        return iter(self.read, b"")


@pytest.mark.parametrize("operation", ["update_item", "put_item", "delete_item", "batch_write_item", "query"])
def test_a_call_that_is_throttled_is_tried_again(world: World, operation: str) -> None:
    refused: list[str] = []

    def cut(what: str, _request: Any) -> None:
        if what == f"dynamodb.{operation}" and len(refused) < 3:
            refused.append(what)
            raise refusal(400, "ThrottlingException")

    world.cut = cut
    client = world.connect()
    assert world.ask(client)["type"] == "accepted"
    world.finish()
    assert len(client.answer("a")) == 5
    world.socket("DISCONNECT", client.id)
    assert len(refused) == 3


def test_what_a_batch_could_not_write_is_written_again(world: World) -> None:
    write, refused = world.dynamo.batch_write_item, []

    def some(**request: Any) -> Any:
        ((name, writes),) = request["RequestItems"].items()
        if len(writes) > 1 and len(refused) < 3:
            refused.append(writes[1:])
            write(RequestItems={name: writes[:1]})
            return {"UnprocessedItems": {name: writes[1:]}}
        return write(**request)

    world.dynamo.batch_write_item = some  # type: ignore[method-assign]
    client = world.connect()
    assert world.ask(client)["type"] == "accepted"
    world.finish()
    assert len(client.answer("a")) == 5
    assert refused
    world.check_nothing_open()


def test_a_batch_that_is_never_written_is_not_hidden(world: World) -> None:
    world.dynamo.batch_write_item = lambda **request: {"UnprocessedItems": request["RequestItems"]}  # type: ignore[method-assign]
    client = world.connect()
    with pytest.raises(TableBusy):
        world.ask(client)


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"]
)
def test_a_table_that_is_throttled_is_asked_again(world: World, code: str) -> None:
    """By many connections at once: botocore's own quota of retries is soon used up."""
    refused: set[str] = set()

    def cut(what: str, _request: Any) -> None:
        if what.startswith("dynamodb.") and what not in refused:
            refused.add(what)
            raise refusal(400, code)

    world.cut = cut
    client = world.connect()
    assert world.ask(client)["type"] == "accepted"
    world.finish()
    assert len(client.answer("a")) == 5
    assert refused == {
        f"dynamodb.{name}" for name in ("put_item", "get_item", "update_item", "query", "batch_write_item")
    }


def test_what_goes_on_being_throttled_is_not_hidden(world: World) -> None:
    def cut(what: str, _request: Any) -> None:
        if what == "dynamodb.put_item":
            raise refusal(400, "ThrottlingException")

    world.cut = cut
    with pytest.raises(ClientError):
        world.connect()


def test_a_call_to_a_throttled_table_gives_up_before_a_lease_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's retries and the table's own are not multiplied."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    client = default_dynamodb_client.__wrapped__()
    asked: list[object] = []

    def refuse(request: Any, **_: Any) -> AWSResponse:
        asked.append(request)
        return AWSResponse(request.url, 400, {}, _Body(b'{"__type":"ThrottlingException"}'))

    client.meta.events.register("before-send.dynamodb", refuse)
    with pytest.raises(ClientError, match="ThrottlingException"):
        Table(client, "gateway").get(Key("a", "b"))
    assert len(asked) > ATTEMPTS
    assert sum(slept) < LEASE_SECONDS / 2
