"""Who is signed in decides: a claim binds a parameter that no client can send, and groups open queries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from websockets.sync.client import connect

from redshift_relay.gateway_client import SUBPROTOCOL, GatewayClient, GatewayError, get_ticket
from tests.e2e.cloud import TIMEOUT_SECONDS, until
from tests.e2e.gateway.bad_requests import nothing_started
from tests.e2e.gateway.gateways import Gateways
from tests.e2e.gateway.queries import ORDERS, QUERIES

PASSWORD = "Long-enough-1!"


@dataclass(frozen=True)
class Users:
    """Access tokens of two tenants; one of them is a manager."""

    ann: str
    bob: str


@pytest.fixture(scope="module")
def users(gateways: Gateways) -> Iterator[Users]:
    """Two users of the gateway's own pool, and their rows."""
    gateways.cloud.query(f"CREATE TABLE {ORDERS} (owner VARCHAR(50), item VARCHAR(50))")
    gateways.cloud.query(f"INSERT INTO {ORDERS} VALUES ('ann', 'apples'), ('ann', 'axes'), ('bob', 'bread')")
    for stage in (gateways.open, gateways.signed):
        gateways.cloud.query(f'GRANT SELECT ON {ORDERS} TO "{stage.outputs["database_user"]}"')
    cognito, pool = gateways.cloud.client("cognito-idp"), gateways.sign_in.issuer.rpartition("/")[2]
    cognito.create_group(UserPoolId=pool, GroupName="managers")
    tokens = {}
    for name in ("ann", "bob"):
        cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
        if name == "bob":
            for group in ("managers", "analysts"):
                cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=group)
        tokens[name] = cognito.initiate_auth(
            ClientId=gateways.sign_in.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]["AccessToken"]
    yield Users(**tokens)
    gateways.cloud.query(f"DROP TABLE {ORDERS}")


def items(gateway: GatewayClient, **params: object) -> list[str]:
    return [str(row[0]) for row in next(gateway.ask("my_orders", params)).rows]


def test_each_tenant_sees_its_own_rows(gateways: Gateways, users: Users) -> None:
    """The same question of two tenants is two questions, with a statement each."""
    before = {found["Id"] for found in gateways.signed.statements()}
    with gateways.signed.connected(users.ann) as ann, gateways.signed.connected(users.bob) as bob:
        assert items(ann) == ["apples", "axes"]
        assert items(bob) == ["bread"]
    started = [found for found in gateways.signed.statements() if found["Id"] not in before]
    assert len(started) == 2
    assert len({found["StatementName"].rsplit("/", 1)[1].split(".")[0] for found in started}) == 2
    # Another connection of the same tenant asks the same question, whose answer is cached.
    with gateways.signed.connected(users.ann) as again:
        cached = next(again.ask("my_orders"))
        assert (cached.rows, cached.complete["cached"]) == ([["apples"], ["axes"]], True)
    assert len(gateways.signed.statements()) == len(before) + 2


def test_a_client_cannot_send_a_claim(gateways: Gateways, users: Users) -> None:
    """Neither as a parameter, nor on the URL, nor within another value."""
    with gateways.signed.connected(users.ann) as ann, nothing_started(gateways.signed):
        for sent in ("bob", "ann", None):
            with pytest.raises(GatewayError, match=r"bad_parameter: tenant: unknown parameter\. my_orders takes but"):
                items(ann, tenant=sent)
    ticket = get_ticket(gateways.signed.outputs["ticket_url"], users.ann)
    offered = [SUBPROTOCOL, f"relay.ticket.{ticket}"]
    url = f"{gateways.signed.url}?query=my_orders&tenant=bob"
    with nothing_started(gateways.signed), connect(url, subprotocols=offered, proxy=None) as socket:  # type: ignore[arg-type]
        answer = json.loads(socket.recv(TIMEOUT_SECONDS))
        assert (answer["type"], answer["code"]) == ("error", "bad_parameter")
    with gateways.signed.connected(users.ann) as ann:
        assert items(ann, but="x' OR owner = 'bob") == ["apples", "axes"]
        assert items(ann, but="apples") == ["axes"]


def test_without_the_claim_there_is_no_answer(gateways: Gateways, users: Users) -> None:
    """A gateway that lets anybody in knows no tenant."""
    refused = pytest.raises(GatewayError, match="forbidden: Your token lacks the claim 'username'")
    with gateways.open.connected() as nobody, nothing_started(gateways.open), refused:
        items(nobody)


def catalog(gateway: GatewayClient) -> dict[str, list[str]]:
    """The parameters of each query that the client may ask."""
    gateway.send(action="catalog")
    message = gateway.receive(TIMEOUT_SECONDS)
    return {query["query"]: [one["name"] for one in query["parameters"]] for query in message["queries"]}


def test_a_query_of_a_group_is_for_the_group(gateways: Gateways, users: Users) -> None:
    """Whoever is not in it does not see it, and may not ask it."""
    with gateways.signed.connected(users.ann) as ann, gateways.signed.connected(users.bob) as bob:
        assert "all_orders" not in catalog(ann)
        assert "all_orders" in catalog(bob)
        with (
            nothing_started(gateways.signed),
            pytest.raises(GatewayError, match="forbidden: all_orders: your token lists none"),
        ):
            next(ann.ask("all_orders"))
        rows = [["ann", "apples"], ["ann", "axes"], ["bob", "bread"]]
        assert next(bob.ask("all_orders")).rows == rows
        with pytest.raises(GatewayError, match="forbidden"):  # though its answer is cached by now
            next(ann.ask("all_orders"))


def test_the_catalog_tells_no_claim_and_no_sql(gateways: Gateways, users: Users) -> None:
    with gateways.signed.connected(users.bob) as bob:
        found = catalog(bob)
        assert found["my_orders"] == ["but"]
        assert set(found) == set(QUERIES)
        bob.send(action="catalog")
        assert "SELECT" not in bob.socket.recv(TIMEOUT_SECONDS)


def test_a_live_answer_of_one_tenant_does_not_reach_the_other(gateways: Gateways, users: Users) -> None:
    with gateways.signed.connected(users.ann) as ann, gateways.signed.connected(users.bob) as bob:
        mine, theirs = ann.ask("my_orders", {"but": "bread"}, live=True), bob.ask("my_orders", live=True)
        assert next(mine).rows == [["apples"], ["axes"]]
        assert next(theirs).rows == [["bread"]]
        gateways.cloud.query(f"INSERT INTO {ORDERS} VALUES ('bob', 'butter')")
        version = gateways.signed.data_changed()
        assert [next(mine).rows, next(theirs).rows] == [[["apples"], ["axes"]], [["bread"], ["butter"]]]
        ids = until(lambda: questions(gateways, version), "both questions at the new version")
        assert len(ids) == 2


def questions(gateways: Gateways, version: int) -> set[str] | None:
    found = {
        item["pk"]["S"]
        for item in gateways.signed.items("Q#")
        if item["sk"]["S"] == "META" and "my_orders" in item["definition"]["S"] and item["version"]["N"] == str(version)
    }
    return found if len(found) == 2 else None
