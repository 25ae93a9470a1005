"""What the tests of bad input share: saying what is wrong, and seeing that nothing comes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from redshift_relay.gateway_client import GatewayClient
from tests.e2e.cloud import TIMEOUT_SECONDS
from tests.e2e.gateway.gateways import Stage
from tests.unit.websocket_gateway.asyncapi import CheckedSocket


def answer_to(gateway: GatewayClient, text: str) -> dict[str, Any]:
    """Sends what may be no message at all; the answer."""
    assert isinstance(gateway.socket, CheckedSocket)
    gateway.socket.raw.send(text)
    return gateway.receive(TIMEOUT_SECONDS)


def assert_harmless(answer: dict[str, Any]) -> None:
    """An error for people, which says nothing of what is inside."""
    assert answer["type"] == "error"
    assert answer["run"] is None
    text = json.dumps(answer)
    assert len(text) < 1_000
    for inside in ("Traceback", "File ", "Exception", ".py", "arn:", "SELECT", "dynamodb", "websocket_gateway"):
        assert inside not in text, answer


@contextmanager
def nothing_started(stage: Stage) -> Iterator[None]:
    """No statement meanwhile, and nobody waits for one."""
    before, known = {found["Id"] for found in stage.statements()}, questions(stage)
    yield
    assert {found["Id"] for found in stage.statements()} == before
    assert questions(stage) <= known  # fewer, when the clients of an earlier test are being forgotten


def questions(stage: Stage) -> set[tuple[str, str]]:
    """Keys of all questions and waiters."""
    return {(item["pk"]["S"], item["sk"]["S"]) for item in stage.items("Q#")}


def end_of(socket: Any, text: str | None = None) -> int:
    """The code with which the other side closes, after a message if there is one."""
    if text is not None:
        socket.raw.send(text)
    with pytest.raises(ConnectionClosed) as closed:
        socket.raw.recv(TIMEOUT_SECONDS)
    assert closed.value.rcvd
    return int(closed.value.rcvd.code)
