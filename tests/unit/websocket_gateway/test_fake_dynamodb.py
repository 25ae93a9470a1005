"""The DynamoDB in memory answers as moto does, which knows reserved words, unused values and rules of expressions."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.unit.websocket_gateway.fake_dynamodb import FakeDynamo
from tests.unit.websocket_gateway.world import World
from websocket_gateway import parts, socket_handler


class Both:
    """Makes every call twice and compares."""

    def __init__(self, fake: FakeDynamo, real: Any) -> None:
        self._clients = (fake, real)
        self.compared = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            mine, theirs = (_outcome(getattr(client, name), request) for client in self._clients)
            assert _known(mine, request) == _known(theirs, request), (name, request)
            self.compared += 1
            if isinstance(mine, ClientError):
                raise mine
            return mine

        return call


def _outcome(method: Callable[..., Any], request: dict[str, Any]) -> Any:
    try:
        return method(**request)
    except ClientError as error:
        return error


def _known(outcome: Any, request: dict[str, Any]) -> Any:
    if isinstance(outcome, ClientError):
        reasons = [reason["Code"] for reason in outcome.response.get("CancellationReasons", [])]  # type: ignore[attr-defined]
        return outcome.response["Error"]["Code"], reasons
    if "Items" in outcome:
        # An index also projects its own keys, which nobody reads.
        indexed = ("pk", "sk") if "IndexName" in request else None
        return sorted(({name: item[name] for name in indexed or item} for item in outcome["Items"]), key=_sort_key)
    return [_sorted_sets(outcome[part]) for part in ("Item", "Attributes") if part in outcome]


def _sorted_sets(item: dict[str, Any]) -> dict[str, Any]:
    return {name: {"SS": sorted(value["SS"])} if "SS" in value else value for name, value in item.items()}


def _sort_key(item: dict[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


@pytest.fixture
def both(world: World, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    client = boto3.client("dynamodb")
    names = {"pk": "S", "sk": "S", "pending": "S", "since": "N", "live": "S"}
    keys = {"pending": ("pending", "since"), "live": ("live",)}
    client.create_table(
        TableName="gateway",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in names.items()],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": name, "KeyType": kind}
                    for name, kind in zip(parts, ("HASH", "RANGE"), strict=False)
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for index, parts in keys.items()
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for item in world.dynamo.items.values():
        client.put_item(TableName="gateway", Item=item)
    made = Both(world.dynamo, client)
    for module in (socket_handler, parts):
        monkeypatch.setattr(module, "default_dynamodb_client", lambda: made)
    return made


def test_every_call_of_the_gateway(both: Both, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = world.connect(), world.connect(), world.connect()
    world.ask(one)
    world.ask(two, live=True)
    world.ask(two, live=True)  # starts over
    world.ask(two, live=False)
    world.ask(two, live=True)
    world.ask(three, "other", "2015-02")
    assert world.ask(three, "other", "2015-03")["code"] == "bad_request"
    world.say(three, action="cancel", id="other")
    world.say(three, action="catalog")
    world.finish()
    world.new_data()
    world.new_data()
    world.ask(one, "again")
    world.sweep(10)
    world.finish()
    world.finish("FAILED")
    world.ask(three, "last", resume={"run": one.ends("again")[-1]["run"], "row": 3})
    world.drain()
    world.warehouse.trouble["execute_statement"] = [ValueError("killed")]
    with pytest.raises(ValueError, match="killed"):
        world.ask(three, "killed", "2015-05")
    world.sweep()
    world.warehouse.statements.clear()
    world.sweep()
    world.warehouse.trouble["execute_statement"] = []
    world.socket("DISCONNECT", two.id)
    one.connected = False
    world.sweep(8000)
    world.sweep()
    world.check_nothing_open()
    assert both.compared > 150


def test_tickets(both: Both, make_world: Callable[..., World]) -> None:
    from websocket_gateway.connections.identity import Identity
    from websocket_gateway.connections.tickets import Tickets
    from websocket_gateway.errors import ClientError as Refused
    from websocket_gateway.storage.table import Table

    tickets = Tickets(Table(both, "gateway"))  # type: ignore[arg-type]
    ticket = tickets.issue(Identity({"sub": "me"}))["ticket"]
    assert tickets.redeem(ticket).claims["sub"] == "me"
    with pytest.raises(Refused):
        tickets.redeem(ticket)
