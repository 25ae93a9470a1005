"""What a client hears for its messages, the bounds of these, and how connections end."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed


def test_a_failing_route_says_nothing_of_its_failure(api: Any) -> None:
    with api.open() as socket:
        for wrong in ({"fail": True}, {"malformed": True}, {"status": "none"}, {"say": {"a": 1}}):
            said = json.loads(api.ask(socket, **wrong))
            assert said["message"] == "Internal server error"
            assert set(said) == {"message", "connectionId", "requestId"}
        assert api.ask(socket, say="still here", status=500) == "still here"


def test_a_route_that_takes_too_long(make_api: Callable[..., Any]) -> None:
    api = make_api()
    with api.open() as socket:
        assert api.ask(socket, say="warm") == "warm"  # so that the start of a worker does not count
        api.client.update_integration(ApiId=api.id, IntegrationId=api.integration, TimeoutInMillis=800)
        assert json.loads(api.ask(socket, sleep=3))["message"] == "Endpoint request timed out"
    assert api.refusal("sleep=3")[0] == 504


def test_a_body_goes_to_the_client_only_through_a_route_response(api: Any) -> None:
    with api.open() as socket:
        socket.send(json.dumps({"action": "quiet", "say": "not heard"}))
        with pytest.raises(TimeoutError):
            socket.recv(timeout=1)
        assert json.loads(api.ask(socket, action="quiet", fail=True))["message"] == "Internal server error"
        assert api.ask(socket, action="unknown", say="default") == "default"


def test_a_message_chooses_its_route_but_not_the_ends(api: Any) -> None:
    with api.open() as socket:
        connection = api.connection_id(socket)
        for chosen in ("$connect", "$disconnect", "$default", 7, None, ["quiet"]):
            assert api.ask(socket, action=chosen, say=str(chosen), record=1) == str(chosen)
            note = api.note(connection, "MESSAGE")
            assert note["event"]["requestContext"]["routeKey"] == "$default"
        socket.send("not JSON")
        assert socket.recv(timeout=10) == "not JSON"
        deep = "[" * 30_000
        socket.send(deep)
        assert "Internal server error" in str(socket.recv(timeout=10))  # of the function, which cannot parse it


def test_without_a_route_a_message_is_forbidden(make_api: Callable[..., Any]) -> None:
    api = make_api("$connect", "known")
    with api.open() as socket:
        assert api.ask(socket, action="known", say="x") == "x"
        said = json.loads(api.ask(socket, action="other"))
    assert said["message"] == "Forbidden"
    assert set(said) == {"message", "connectionId", "requestId"}


KB = 1024


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("x" * 32 * KB, None),
        (["x" * 32 * KB] * 4, None),
        ("é" * 16 * KB, None),
        ("x" * (32 * KB + 1), 1009),
        ("é" * (16 * KB + 1), 1009),
        (["x" * 30 * KB] * 5, 1009),
        (["x" * 32 * KB, "x" * 32 * KB, "x" * 40 * KB], 1009),
        ("x" * KB * KB, 1009),
        (b"bytes", 1003),
    ],
    ids=lambda value: (
        str(value) if not isinstance(value, list | str | bytes) else f"{len(value)}-{type(value).__name__}"
    ),
)
def test_frames_and_messages_have_their_bounds(api: Any, message: Any, code: int | None) -> None:
    with api.open() as socket:
        if code is None:
            socket.send(message)
            assert socket.recv(timeout=10) == "".join(message)
            return
        connection = api.connection_id(socket)
        assert api.end_of(socket, message) == code
    context = api.note(connection, "DISCONNECT")["event"]["requestContext"]
    assert context["disconnectStatusCode"] == code


def test_the_event_of_disconnect_tells_how_it_ended(api: Any) -> None:
    with api.open() as client:
        connection = api.connection_id(client)
        client.close(4001, "bye")
    event = api.note(connection, "DISCONNECT")["event"]
    context = event["requestContext"]
    assert (context["routeKey"], context["eventType"]) == ("$disconnect", "DISCONNECT")
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (4001, "bye")
    assert "body" not in event
    with api.open(close_timeout=0.1) as lost:
        connection = api.connection_id(lost)
        lost.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        lost.socket.shutdown(socket.SHUT_RD)  # ends the client's own reading
        lost.socket.close()  # a reset, as when a machine disappears
    context = api.note(connection, "DISCONNECT")["event"]["requestContext"]
    assert context["disconnectStatusCode"] == 1006


def test_idle_and_old_connections_are_closed(make_api: Callable[..., Any], start_cloud: Callable[..., Any]) -> None:
    api = make_api(where=start_cloud("--websocket-idle-seconds", "1.5", "--websocket-seconds", "4"))
    with api.open() as idle:
        begun = time.monotonic()
        assert api.end_of(idle) == 1001
        assert 1 < time.monotonic() - begun < 6
    with api.open() as busy:
        begun = time.monotonic()
        with contextlib.suppress(ConnectionClosed):
            for _ in range(20):
                api.ask(busy, say="x")
                time.sleep(0.5)
        assert api.end_of(busy) == 1001
        assert 3 < time.monotonic() - begun < 9
