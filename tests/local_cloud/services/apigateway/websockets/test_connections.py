"""PostToConnection, GetConnection and DeleteConnection."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

KB = 1024


def test_posting_reading_and_closing_a_connection(api: Any) -> None:
    with api.open() as client:
        name = api.connection_id(client)
        assert name.endswith("=")
        text = "é" * 64 * KB
        api.connections.post_to_connection(ConnectionId=name, Data=text.encode())
        assert client.recv(timeout=10) == text
        described = api.connections.get_connection(ConnectionId=name)
        assert described["Identity"]["SourceIp"] == "127.0.0.1"
        assert "Python" in described["Identity"]["UserAgent"]
        assert described["ConnectedAt"] <= described["LastActiveAt"]
        api.connections.post_to_connection(ConnectionId=name, Data=b"the last")
        api.connections.delete_connection(ConnectionId=name)
        assert client.recv(timeout=10) == "the last"
        assert api.end_of(client) == 1000
    for call in ("post_to_connection", "get_connection", "delete_connection"):
        with pytest.raises(ClientError) as gone:
            getattr(api.connections, call)(ConnectionId=name, **({"Data": b"x"} if call.startswith("post") else {}))
        assert gone.value.response["Error"]["Code"] == "GoneException"
        assert gone.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410


def test_posting_needs_a_connection_and_a_bounded_message(api: Any) -> None:
    with api.open() as client:
        name = api.connection_id(client)
        with pytest.raises(ClientError, match="PayloadTooLargeException") as raised:
            api.connections.post_to_connection(ConnectionId=name, Data=b"x" * (128 * KB + 1))
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
        elsewhere = api.cloud.client("apigatewaymanagementapi", endpoint_url=api.management.replace("live", "other"))
        with pytest.raises(ClientError, match="GoneException"):
            elsewhere.post_to_connection(ConnectionId=name, Data=b"x")
    with pytest.raises(ClientError, match="Invalid connectionId: nobody"):
        api.connections.post_to_connection(ConnectionId="nobody", Data=b"x")


def test_a_connection_is_gone_until_connect_has_returned(api: Any) -> None:
    with api.open("record=post&sleep=0.5") as client:
        assert api.note(api.connection_id(client), "CONNECT")["post"] == "GoneException"
        client.send(json.dumps({"action": "quiet", "post": "now"}))
        assert client.recv(timeout=10) == "now"


def test_who_does_not_read_is_not_sent_more(api: Any) -> None:
    connections = api.connections

    def post_many(name: str) -> None:
        for _ in range(1000):
            connections.post_to_connection(ConnectionId=name, Data=b"x" * 128 * KB)

    with api.open(close_timeout=0.1) as client:
        with pytest.raises(ClientError, match="LimitExceededException") as raised:
            post_many(api.connection_id(client))
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
        with api.open() as other:
            assert api.ask(other, say="not held up") == "not held up"


@pytest.mark.parametrize(
    ("right", "answer"),
    [
        ("live/POST/@connections/*", "posted"),
        ("live/POST/@connections/{id}", "posted"),
        ("*", "posted"),
        ("live/DELETE/@connections/*", "AccessDeniedException"),
        ("other/POST/@connections/*", "AccessDeniedException"),
        ("live/POST/@connections/AAAAAAAAAAAAAAA=", "AccessDeniedException"),
        ("", "AccessDeniedException"),
    ],
)
def test_posting_needs_the_right_on_the_exact_arn(make_api: Callable[..., Any], right: str, answer: str) -> None:
    api = make_api(rights=())
    with api.open() as client:
        wanted = [right.format(id=api.connection_id(client))] if right else []
        api.cloud.allow(api.name, *api.rights(*wanted))
        client.send(json.dumps({"post": "to myself"}))
        heard = {str(client.recv(timeout=10)) for _ in range(2 if answer == "posted" else 1)}
    assert heard == ({"posted", "to myself"} if answer == "posted" else {answer})


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_is_killed_at_posting(make_api: Callable[..., Any], when: str) -> None:
    api = make_api()
    with api.open() as client:
        api.cloud.switch("kill", role=api.name, operation="execute-api:PostToConnection", when=when)
        client.send(json.dumps({"post": "heard?"}))
        heard = [str(client.recv(timeout=20)) for _ in range(1 if when == "before" else 2)]
        assert json.loads(heard.pop())["message"] == "Internal server error"
        assert heard == ([] if when == "before" else ["heard?"])
        (kill,) = api.cloud.switch("kill", "GET")["kills"]
        assert kill["fired"]
        api.cloud.switch("kill", "DELETE")
        client.send(json.dumps({"post": "again"}))
        assert {str(client.recv(timeout=20)) for _ in range(2)} == {"again", "posted"}
