"""Who may connect and ask: tokens, tenants, groups, origins, a catalog that changes."""

from collections.abc import Callable

import pytest

from tests.unit.websocket_gateway.world import World


def test_the_end_of_a_token_ends_the_connection(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="CUSTOM")
    end = int(world.clock.now) + 600
    context = {"authorizer": {"principalId": "me", "expires_at": f"{end:.9e}"}}
    client = world.connect(context=context)
    world.ask(client, live=True)
    world.finish()
    assert len(client.ends("a")) == 1
    world.clock.now += 600
    world.new_data()
    world.finish()
    assert len(client.ends("a")) == 1  # no row after the end, even if the sweep has not come yet
    assert world.ask(client, "b")["code"] == "signed_out"
    world.sweep(1)
    assert not client.connected
    assert list(world.found("C#")) == list(world.found("Q#", "W#")) == []


TENANT = {"tenant": {"type": "claim"}, "month": {"type": "month"}}


def test_two_tenants(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="CUSTOM")
    world.publish("daily", "SELECT n FROM t WHERE tenant = :tenant AND m = :month", TENANT)
    world.warehouse.rows = lambda statement: [[1, statement.parameters["tenant"]]]
    one, two, three = (world.connect(context={"authorizer": {"principalId": name, "tenant": name}}) for name in "xyx")
    runs = [world.ask(client)["run"] for client in (one, two, three)]
    assert runs[0] == runs[2] != runs[1]
    world.finish()
    assert [client.answer("a") for client in (one, two, three)] == [[[1, "x"]], [[1, "y"]], [[1, "x"]]]
    answer = world.say(one, action="query", id="z", query="daily", params={"month": "2015-01", "tenant": "y"})
    assert answer["code"] == "bad_parameter"
    resumed = world.ask(one, "b", resume={"run": runs[1], "row": 0})
    assert resumed["run"] == runs[0]
    nobody = world.connect(context={"authorizer": {"principalId": "z"}})
    assert world.ask(nobody)["code"] == "forbidden"


def test_custom_without_an_authorizer_lets_nobody_in(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="CUSTOM")
    assert world.socket("CONNECT", "c")["statusCode"] == 401
    assert list(world.found("C#")) == []


def test_what_the_authorizer_reads_from_the_url_is_no_parameter(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="CUSTOM", URL_CREDENTIALS='["ticket", "token"]')
    url = {"token": "secret", "query": "daily", "month": "2015-01"}
    client = world.connect(context={"authorizer": {"principalId": "me"}}, queryStringParameters=url)
    world.finish()
    assert len(client.answer("connect")) == 5
    assert "secret" not in str(world.dynamo.items)


def test_groups(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="CUSTOM")
    world.publish("daily", "SELECT n WHERE m = :month", {"month": {"type": "month"}}, allowed_groups=["finance"])
    inside = world.connect(context={"authorizer": {"principalId": "me", "groups": "[staff finance]"}})
    outside = world.connect(context={"authorizer": {"principalId": "you", "groups": "[staff]"}})
    assert world.ask(inside)["type"] == "accepted"
    assert world.ask(outside)["code"] == "forbidden"
    assert [len(world.say(one, action="catalog")["queries"]) for one in (inside, outside)] == [1, 0]


@pytest.mark.parametrize("change", ["removed", "sql", "groups", "claim"])
def test_the_catalog_changes_while_live_waiters_wait(world: World, change: str) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    if change == "removed":
        del world.dynamo.items["CATALOG", "daily"]
    elif change == "sql":
        world.publish("daily", "SELECT less FROM t WHERE m = :month", {"month": {"type": "month"}})
    elif change == "groups":
        world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, allowed_groups=["x"])
    else:
        parameters = {"month": {"type": "month"}, "tenant": {"type": "claim"}}
        world.publish("daily", "SELECT n FROM t WHERE m = :month", parameters)
    world.new_data()
    assert world.warehouse.running() == []
    assert [one.get("code") for one in client.ends("a")] == [None, "query_changed"]
    world.check_nothing_open()


def test_a_description_may_change(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, description="better")
    world.new_data()
    assert len(world.warehouse.running()) == 1


def test_foreign_origins(make_world: Callable[..., World]) -> None:
    world = make_world(ALLOWED_ORIGINS='["https://ours.example"]')
    for origin, status in (("https://ours.example", 200), ("https://theirs.example", 403), ("null", 403)):
        assert world.socket("CONNECT", "c", headers={"Origin": origin})["statusCode"] == status


def test_the_subprotocol_is_echoed_and_a_ticket_never(world: World) -> None:
    offer = {"Sec-WebSocket-Protocol": "relay.v1, relay.ticket.0123"}
    assert world.socket("CONNECT", "c", headers=offer)["headers"] == {"Sec-WebSocket-Protocol": "relay.v1"}
    assert world.socket("CONNECT", "d", headers={"Sec-WebSocket-Protocol": "relay.ticket.0123"})["headers"] == {}
