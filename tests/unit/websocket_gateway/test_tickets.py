"""Who a connection belongs to, and how it gets in."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.websocket_gateway.world import World
from websocket_gateway import socket_handler
from websocket_gateway.connections.identity import Identity, from_authorizer, from_json, parse_expiry, to_json
from websocket_gateway.errors import ClientError


@pytest.mark.parametrize(("claim", "groups"), [
    (["a", "b c"], ("a", "b c")), (["read only", "admin"], ("read only", "admin")), ([], ()), (None, ()), ("a", ("a",)),
    ("read only admin", ("read only admin",)), ("[a b]", ("[a b]",)),
])  # fmt: skip
def test_groups_of_a_token(claim: Any, groups: tuple[str, ...]) -> None:
    assert Identity({"groups": claim}).groups("groups") == groups
    assert Identity({"other": claim}).groups("groups") == ()


@pytest.mark.parametrize(("claim", "groups"), [
    ("[a b]", ("a", "b")), ("[]", ()), ("[a]", ("a",)), ("a b", ("a", "b")), ("a, b", ("a", "b")), ("", ()), (None, ()),
    ("x\u00a0managers", ("x\u00a0managers",)), ("[a\nb]", ("a\nb",)), ("x\u2028y", ("x\u2028y",)),
])  # fmt: skip
def test_groups_in_a_text(claim: Any, groups: tuple[str, ...]) -> None:
    assert Identity({"groups": claim}).groups("groups", is_list_as_text=True) == groups
    assert Identity({"scope": claim}).groups("scope") == groups


@pytest.mark.parametrize(("given_", "end"), [
    (None, None), ("", None), (1750000000, 1750000000), ("1750000000", 1750000000), ("1.75e+09", 1750000000),
    ("1.750000001e9", 1750000001), (1.75e9, 1750000000), ("1750000000.7", 1750000000),
])  # fmt: skip
def test_the_end_of_a_token(given_: object, end: int | None) -> None:
    assert parse_expiry(given_) == end


@given(st.none() | st.text() | st.integers() | st.floats() | st.lists(st.integers(), max_size=1))
def test_an_end_that_cannot_be_read_opens_nothing(given_: object) -> None:
    try:
        end = parse_expiry(given_)
    except ClientError:
        return
    assert end is None or 0 <= end < 10**12


def test_an_authorizer_says_who_and_until_when() -> None:
    context = {
        "principalId": "me",
        "tenant": "x",
        "expires_at": "17",
        "integrationLatency": 3,
        "email": "me@example.com",
    }
    kept = frozenset({"tenant", "sub", "groups"})
    identity = from_authorizer(context, kept)
    assert identity == Identity({"tenant": "x", "sub": "me"}, 17, kept, identity.person)
    assert identity.person == from_authorizer({"principalId": "me"}, kept).person
    assert identity.person != from_authorizer({"principalId": "you"}, kept).person != ""
    assert from_json(to_json(identity)) == identity
    with pytest.raises(ClientError):
        from_authorizer({"tenant": "x"}, kept)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world(AUTHORIZATION="JWT")


def token(claims: dict[str, Any]) -> str:
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims, "x")
    )


def as_api_gateway_writes(value: Any) -> str:
    if isinstance(value, list):
        return f"[{' '.join(map(as_api_gateway_writes, value))}]"
    return value if isinstance(value, str) else json.dumps(value)


def post_ticket(world: World, claims: dict[str, Any], **headers: str) -> dict[str, Any]:
    """As API Gateway's HTTP API calls: payload format 2.0 has the route key in both places."""
    checked = {name: as_api_gateway_writes(value) for name, value in claims.items() if value is not None}
    event = {
        "version": "2.0",
        "routeKey": "POST /ticket",
        "headers": headers,
        "requestContext": {"routeKey": "POST /ticket", "authorizer": {"jwt": {"claims": checked, "scopes": None}}},
    }
    return socket_handler.handle(event, None)  # type: ignore[arg-type]


def get_ticket(world: World, **claims: Any) -> dict[str, Any]:
    claims = {"exp": 1_900_000_000} | claims
    return post_ticket(world, claims, authorization=f"Bearer {token(claims)}")


def enters(world: World, ticket: str, *, by_url: bool = False) -> int:
    event: dict[str, Any] = {"headers": {"Sec-WebSocket-Protocol": f"relay.v1,relay.ticket.{ticket}"}}
    if by_url:
        event = {"queryStringParameters": {"ticket": ticket}, "headers": None}
    return int(world.socket("CONNECT", "c", **event)["statusCode"])


@pytest.mark.parametrize("by_url", [True, False])
def test_a_ticket_works_once(world: World, by_url: bool) -> None:
    response = get_ticket(world, sub="me")
    assert response["headers"]["Cache-Control"] == "no-store"
    answer = json.loads(response["body"])
    assert answer["expires_in"] == 60
    assert answer["ticket"] not in str(world.dynamo.items)
    assert [enters(world, answer["ticket"], by_url=by_url) for _ in range(2)] == [200, 401]


def test_what_nobody_asks_for_is_not_stored(world: World) -> None:
    claims = {"sub": "me", "tenant": "x", "groups": ["a"], "email": "me@example.com", "name": "Ada"}
    ticket = json.loads(get_ticket(world, **claims)["body"])["ticket"]
    assert enters(world, ticket) == 200
    ((_, _, connection),) = world.found("C#c", "META")
    assert json.loads(connection["identity"]) == {
        "claims": {"sub": "me", "tenant": "x", "groups": ["a"]},
        "expires_at": 1_900_000_000,
        "kept": ["groups", "sub", "tenant"],
        "person": hashlib.sha256(b"me").hexdigest()[:12],
    }


def test_a_claim_that_is_asked_for_since_takes_a_new_ticket(make_world: Callable[..., World]) -> None:
    """Who connected before an apply is not told that a claim is missing: nobody looked for it then."""
    old = make_world(AUTHORIZATION="CUSTOM", CLAIMS='["groups"]')
    me = {"authorizer": {"principalId": "me", "tenant": "x"}}
    client = old.connect(context=me)
    assert old.ask(client)["type"] == "accepted"
    new = make_world(AUTHORIZATION="CUSTOM", CLAIMS='["groups", "tenant"]')
    new.dynamo.items.update(old.dynamo.items)
    new.publish("daily", "SELECT :tenant, :month", {"tenant": {"type": "claim"}, "month": {"type": "month"}})
    assert new.ask(client, "b")["code"] == "signed_out"
    assert new.ask(new.connect("again", context=me))["type"] == "accepted"


@pytest.mark.parametrize("ticket", ["", "0" * 32, "0" * 31, "x" * 32, "0" * 32 + "\n", "../../etc", "#" * 32, "é" * 32])
def test_invented_tickets(world: World, ticket: str) -> None:
    assert enters(world, ticket, by_url=True) == 401
    assert list(world.found("C#")) == []


def test_an_expired_ticket(world: World) -> None:
    ticket = json.loads(get_ticket(world, sub="me")["body"])["ticket"]
    world.clock.now += 60
    assert enters(world, ticket) == 401


def test_a_connection_ends_with_its_token(world: World) -> None:
    end = int(world.clock.now) + 300
    ticket = json.loads(get_ticket(world, sub="me", exp=end)["body"])["ticket"]
    assert enters(world, ticket) == 200
    ((_, _, connection),) = world.found("C#c", "META")
    assert connection["ends_at"] == end


@pytest.mark.parametrize("exp", ["soon", "1900000000", None, True, -1, 1e300, [1900000000]])
def test_a_token_whose_end_cannot_be_read(world: World, exp: object) -> None:
    assert get_ticket(world, sub="me", exp=exp)["statusCode"] == 401


def test_groups_with_blanks_are_told_from_several_groups(world: World) -> None:
    world.publish("daily", "SELECT n WHERE m = :month", {"month": {"type": "month"}}, allowed_groups=["admin"])
    for groups, outcome in ((["read only admin"], "error"), (["read", "only", "admin"], "accepted")):
        ticket = json.loads(get_ticket(world, sub="me", groups=groups)["body"])["ticket"]
        client = world.connect(queryStringParameters={"ticket": ticket})
        assert world.ask(client)["type"] == outcome


@pytest.mark.parametrize(("tenant", "bound"), [(1_234_567, "1234567"), (2**60, str(2**60)), ("x", "x"), (True, "true")])
def test_a_claim_is_bound_exactly(world: World, tenant: object, bound: str) -> None:
    parameters = {"tenant": {"type": "claim"}, "month": {"type": "month"}}
    world.publish("daily", "SELECT :tenant, :month", parameters)
    ticket = json.loads(get_ticket(world, sub="me", tenant=tenant)["body"])["ticket"]
    world.ask(world.connect(queryStringParameters={"ticket": ticket}))
    (statement,) = world.warehouse.statements.values()
    assert statement.parameters["tenant"] == bound


@pytest.mark.parametrize("tenant", [1.5, 1e6, "a\0b", "\ud800", {"a": 1}, [["a"]], ["a", 1.5], ["\udfff"]])
def test_a_claim_that_is_not_exact_gets_no_ticket(world: World, tenant: object) -> None:
    answer = get_ticket(world, sub="me", tenant=tenant)
    assert (answer["statusCode"], "'tenant'" in answer["body"]) == (401, True)


def test_a_claim_that_is_null_is_not_the_tenant_null(world: World) -> None:
    parameters = {"tenant": {"type": "claim"}, "month": {"type": "month"}}
    world.publish("daily", "SELECT :tenant, :month", parameters)
    ticket = json.loads(get_ticket(world, sub="me", tenant=None)["body"])["ticket"]
    assert world.ask(world.connect(queryStringParameters={"ticket": ticket}))["code"] == "forbidden"


@pytest.mark.parametrize("header", [
    "", "Bearer", "Bearer x", "Bearer a.b", "Bearer a.!.c", "Bearer a.e30.c",
    f"Bearer {token({'sub': 'you', 'exp': 9e9})}",
    f"Bearer {token({'sub': 'me', 'exp': 9e9})},{token({'sub': 'you', 'exp': 9e9})}", f"Bearer a.{'W' * 40}.c",
])  # fmt: skip
def test_a_token_other_than_the_one_that_was_checked(world: World, header: str) -> None:
    claims = {"sub": "me", "exp": 9_000_000_000}
    assert post_ticket(world, claims, authorization=header)["statusCode"] == 401
    assert post_ticket(world, claims)["statusCode"] == 401
    assert post_ticket(world, claims, Authorization=f"Bearer {token(claims)}")["statusCode"] == 200


@pytest.mark.parametrize("tenant", ["1.234567e+06", "1e6", 1.5])
def test_a_number_that_lost_digits_is_refused_of_an_authorizer_too(tenant: object) -> None:
    with pytest.raises(ClientError, match="'tenant'"):
        from_authorizer({"principalId": "me", "tenant": tenant}, frozenset({"tenant"}))


def test_no_ticket(world: World) -> None:
    assert world.socket("CONNECT", "c")["statusCode"] == 401
