"""Who may connect: an allowed page with a fresh ticket, which a good token gets. All others are turned away."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from redshift_relay.gateway_client import SUBPROTOCOL, get_ticket
from tests.e2e.cloud import TIMEOUT_SECONDS, Cloud, until
from tests.e2e.gateway.bad_requests import answer_to, assert_harmless, end_of, nothing_started
from tests.e2e.gateway.gateways import Gateways, Stage
from tests.unit.websocket_gateway.asyncapi import check_of_client, check_of_server, check_reply

PAGE = "https://page.example.com"


def opens(stage: Stage, ticket: str | None = None, *, origin: str | None = None, query: str = "") -> int:
    """The status of the handshake."""
    offered: Any = [SUBPROTOCOL, *([f"relay.ticket.{ticket}"] if ticket is not None else [])]
    try:
        with connect(f"{stage.url}{query}", subprotocols=offered, origin=origin, proxy=None):  # type: ignore[arg-type]
            return 101
    except InvalidStatus as refused:
        body = json.loads(refused.response.body or b"{}")
        assert set(body) == {"message", "connectionId", "requestId"}, body
        check_of_server(body)
        return refused.response.status_code


def key_of(ticket: str) -> dict[str, Any]:
    return {"pk": {"S": f"T#{hashlib.sha256(ticket.encode()).hexdigest()}"}, "sk": {"S": "META"}}


def ticket_for(gateways: Gateways) -> str:
    return get_ticket(gateways.signed.outputs["ticket_url"], gateways.sign_in.token)


def connections(gateways: Gateways) -> set[str]:
    """Whoever is connected; others' connections may still be on their way out."""
    return {item["pk"]["S"] for item in gateways.signed.items("C#")}


def test_only_pages_of_allowed_origins_connect(gateways: Gateways) -> None:
    before = connections(gateways)
    for origin in ("https://evil.example", "http://page.example.com", f"{PAGE}.evil.example", "null", f"{PAGE}:444"):
        ticket = ticket_for(gateways)
        assert opens(gateways.signed, ticket, origin=origin) == 403, origin
        assert opens(gateways.signed, ticket, origin=PAGE) == 101  # a refused page has not used up the ticket
    until(lambda: connections(gateways) <= before, "the end of the connections")


@pytest.mark.parametrize("ticket", [None, "", "0" * 32, "x" * 32, "0" * 31, "../etc", "'OR'1'='1"])
def test_an_invented_ticket_or_none_opens_nothing(gateways: Gateways, ticket: str | None) -> None:
    before = gateways.signed.items("C#")
    with nothing_started(gateways.signed):
        if ticket is None or ticket.isalnum():
            assert opens(gateways.signed, ticket) == 401
        if ticket is not None:
            escaped = ticket.replace("/", "%2F").replace("'", "%27").replace("=", "%3D")
            assert opens(gateways.signed, query=f"?ticket={escaped}&query=one&n=1") == 401
    assert gateways.signed.items("C#") == before


def test_a_ticket_works_once_and_not_for_long(gateways: Gateways) -> None:
    ticket = ticket_for(gateways)
    assert [opens(gateways.signed, ticket), opens(gateways.signed, ticket)] == [101, 401]
    old = ticket_for(gateways)
    gateways.cloud.client("dynamodb").update_item(
        TableName=gateways.signed.outputs["table_name"],
        Key=key_of(old),
        UpdateExpression="SET expires_at = :past",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeValues={":past": {"N": str(int(time.time()) - 1)}},
    )
    assert opens(gateways.signed, old) == 401


def test_the_table_holds_no_ticket_and_no_token(gateways: Gateways) -> None:
    ticket = ticket_for(gateways)
    stored = json.dumps(gateways.signed.items())
    assert key_of(ticket)["pk"]["S"] in stored
    assert ticket not in stored
    assert gateways.sign_in.token not in stored
    assert gateways.sign_in.token.split(".")[2] not in stored


def tampered(token: str) -> str:
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    more = json.dumps({**claims, "username": "somebody else"}).encode()
    return f"{head}.{base64.urlsafe_b64encode(more).decode().rstrip('=')}.{signature}"


def unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none","kid":"x"}').decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


def token_of_another_client(gateways: Gateways) -> str:
    """A good token of the same issuer that was not made for the page."""
    pool = gateways.sign_in.issuer.rpartition("/")[2]
    other = gateways.cloud.client("cognito-idp").create_user_pool_client(
        UserPoolId=pool, ClientName="other", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )["UserPoolClient"]["ClientId"]
    return signed_in(gateways, other)


def expired_token(gateways: Gateways) -> str:
    """A token of the page's own client that lived for a second."""
    cognito, pool = gateways.cloud.client("cognito-idp"), gateways.sign_in.issuer.rpartition("/")[2]
    client = {"UserPoolId": pool, "ClientId": gateways.sign_in.client_id}
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    units = {"AccessToken": "seconds"}
    cognito.update_user_pool_client(**client, ExplicitAuthFlows=flows, AccessTokenValidity=1, TokenValidityUnits=units)
    try:
        token = signed_in(gateways, gateways.sign_in.client_id)
    finally:
        cognito.update_user_pool_client(
            **client, ExplicitAuthFlows=flows, AccessTokenValidity=3600, TokenValidityUnits=units
        )
    end = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["exp"]
    until(lambda: time.time() > end, "the end of the token")
    return token


def signed_in(gateways: Gateways, client: str) -> str:
    """The access token of a user made for this."""
    cognito, pool = gateways.cloud.client("cognito-idp"), gateways.sign_in.issuer.rpartition("/")[2]
    name, password = f"guest-{time.time_ns()}", "Long-enough-1!"
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
    given = {"USERNAME": name, "PASSWORD": password}
    result = cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given)
    return str(result["AuthenticationResult"]["AccessToken"])


TOKENS: dict[str, Callable[[Gateways], str]] = {
    "none": lambda gateways: "",
    "no token": lambda gateways: "a.b.c",
    "tampered": lambda gateways: tampered(gateways.sign_in.token),
    "unsigned": lambda gateways: unsigned(gateways.sign_in.token),
    "for another client": token_of_another_client,
    "expired": expired_token,
}


@pytest.mark.parametrize("kind", TOKENS)
def test_a_bad_token_gets_no_ticket(gateways: Gateways, kind: str) -> None:
    ticket_for(gateways)  # a good one does
    token, tickets = TOKENS[kind](gateways), gateways.signed.items("T#")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(gateways.signed.outputs["ticket_url"], method="POST", headers=headers)  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310
    assert refused.value.code == 401
    assert json.loads(refused.value.read()) == {"message": "Unauthorized"}
    assert gateways.signed.items("T#") == tickets


def test_a_connection_ends_with_its_sign_in(gateways: Gateways) -> None:
    """It ends with the token; from then on nothing is asked on it, and the sweep closes it."""
    stage, before = gateways.signed, {item["pk"]["S"] for item in gateways.signed.items("C#")}
    with stage.connected(gateways.sign_in.token) as gateway:
        (connection,) = [item for item in stage.items("C#") if item["pk"]["S"] not in before]
        claims = json.loads(base64.urlsafe_b64decode(gateways.sign_in.token.split(".")[1] + "=="))
        assert int(connection["ends_at"]["N"]) == claims["exp"]
        past = {"N": str(int(time.time()) - 1)}
        gateways.cloud.client("dynamodb").update_item(
            TableName=stage.outputs["table_name"],
            Key={"pk": connection["pk"], "sk": connection["sk"]},
            UpdateExpression="SET ends_at = :past, since = :past",
            ExpressionAttributeValues={":past": past},
        )
        with nothing_started(stage):
            for message in (
                {"action": "query", "id": "x", "query": "one", "params": {"n": 1}},
                {"action": "catalog"},
            ):
                answer = answer_to(gateway, json.dumps(message))
                check_of_client(message)
                check_reply(message, answer)
                assert (answer["type"], answer["code"]) == ("error", "signed_out")
                assert_harmless(answer)
        assert stage.sweep()["connections"] >= 1
        assert end_of(gateway.socket) == 1000
    assert stage.item(connection["pk"]["S"], "META") is None


def test_no_ticket_no_token_in_any_log(gateways: Gateways, cloud: Cloud) -> None:
    ticket = ticket_for(gateways)
    assert opens(gateways.signed, query=f"?ticket={ticket}") == 101
    logs = cloud.client("logs")
    groups = {**gateways.signed.outputs["log_group_names"], **gateways.signed.outputs["access_log_group_names"]}
    for group in groups.values():
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            for event in page["events"]:
                assert ticket not in event["message"], group
                assert gateways.sign_in.token.split(".")[2] not in event["message"], group
