"""How a client of a WebSocket API gets in, or does not, as the developer guide describes it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect


def test_the_subprotocol_that_connect_answers_is_selected(api: Any) -> None:
    with api.open("protocol=relay.v1", subprotocols=["relay.ticket.abc", "relay.v1"]) as socket:
        assert socket.subprotocol == "relay.v1"
        assert "X-Other" not in socket.response.headers
        assert api.ask(socket, say="hello") == "hello"


def test_without_an_answered_subprotocol_none_is_selected(api: Any) -> None:
    with api.open(subprotocols=["relay.v1"]) as socket:
        assert socket.subprotocol is None


def test_no_extension_is_negotiated(api: Any) -> None:
    with api.open(compression="deflate") as socket:
        assert "Sec-WebSocket-Extensions" in socket.request.headers
        assert "Sec-WebSocket-Extensions" not in socket.response.headers


def test_the_event_of_connect(api: Any) -> None:
    query = "record=1&month=2015-01&month=2015-02&q=a%20b&empty="
    headers = {"X-Twice": "one"}
    with api.open(query, subprotocols=["a", "b"], origin="https://page.example", additional_headers=headers) as socket:
        connection = api.connection_id(socket)
    event = api.note(connection, "CONNECT")["event"]
    assert set(event) == {
        *("headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters"),
        *("requestContext", "isBase64Encoded"),
    }
    assert event["headers"]["Origin"] == "https://page.example"
    assert event["headers"]["Sec-WebSocket-Protocol"] == "a, b"
    assert event["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert not {"Connection", "Upgrade"} & set(event["headers"])
    assert event["multiValueHeaders"]["X-Twice"] == ["one"]
    assert event["queryStringParameters"] == {"record": "1", "month": "2015-02", "q": "a b", "empty": ""}
    assert event["multiValueQueryStringParameters"]["month"] == ["2015-01", "2015-02"]
    context = event["requestContext"]
    assert (context["routeKey"], context["eventType"], context["messageDirection"]) == ("$connect", "CONNECT", "IN")
    assert (context["apiId"], context["stage"], context["domainName"]) == (api.id, "live", "127.0.0.1")
    assert context["connectionId"] == connection
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert "Python" in context["identity"]["userAgent"]
    assert abs(context["connectedAt"] - time.time() * 1000) < 60_000


def test_a_page_on_this_machine_has_the_origin_that_it_has_on_aws(api: Any) -> None:
    port = api.cloud.facts["port"]
    here = f"http://d111page.cloudfront.localhost:{port}"
    foreign = f"http://d111page.cloudfront.localhost:{port}.example.com"
    for origin, seen in ((here, "https://d111page.cloudfront.net"), (foreign, foreign)):
        with api.open("record=1", origin=origin) as socket:
            connection = api.connection_id(socket)
        assert api.note(connection, "CONNECT")["event"]["headers"]["Origin"] == seen


def test_the_event_of_a_message(api: Any) -> None:
    with api.open() as socket:
        before, connection = time.time() * 1000, api.connection_id(socket)
        api.ask(socket, record=1, say="x")
        first = api.note(connection, "MESSAGE")["event"]
        api.ask(socket, record=1, say="x")
        second = api.note(connection, "MESSAGE")["event"]
    assert set(first) == {"requestContext", "body", "isBase64Encoded"}
    assert json.loads(first["body"]) == {"record": 1, "say": "x"}
    assert first["requestContext"]["routeKey"] == "$default"
    assert first["requestContext"]["eventType"] == "MESSAGE"
    assert first["requestContext"]["messageId"] != second["requestContext"]["messageId"]
    assert first["requestContext"]["requestId"] != second["requestContext"]["requestId"]
    for member in ("connectionId", "connectedAt"):
        assert first["requestContext"][member] == second["requestContext"][member]
    assert first["requestContext"]["connectedAt"] <= before


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("status=401", 401, "Unauthorized"),
        ("status=403", 403, "Forbidden"),
        ("status=500", 500, "Internal Server Error"),
        ("status=302", 500, "Found"),
        ("fail=1", 502, "Internal server error"),
        ("malformed=1", 502, "Internal server error"),
    ],
)
def test_connect_rejects(api: Any, query: str, status: int, message: str) -> None:
    refused, body = api.refusal(query)
    assert (refused, body["message"]) == (status, message)
    assert set(body) == {"message", "connectionId", "requestId"}


def test_an_unknown_stage_or_api_is_forbidden(api: Any) -> None:
    assert api.refusal(stage="other")[0] == 403
    with pytest.raises(InvalidStatus) as raised:
        connect(f"{api.endpoint[:-8]}00000000/live")
    assert raised.value.response.status_code == 403


def test_an_api_without_a_route_for_connect_lets_everybody_in(make_api: Callable[..., Any]) -> None:
    api = make_api("$default")
    with api.open("status=403") as socket:
        assert api.ask(socket, say="in") == "in"
