"""A gateway of the tests' own, which sends prepared messages."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from websockets.sync.server import ServerConnection, serve

from redshift_relay.gateway_client import SUBPROTOCOL
from tests.scripts.redshift_relay.messages import Gateway, Messages


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """Starts a gateway that answers a query with these messages and then closes; returns its URL."""
    with ExitStack() as stack:
        yield lambda messages: stack.enter_context(_serving(messages))


@contextmanager
def _serving(messages: Messages) -> Iterator[str]:
    def answer(socket: ServerConnection) -> None:
        asked = json.loads(socket.recv())
        for message in messages:
            # API Gateway's own words carry no id.
            socket.send(json.dumps(({"id": asked["id"]} if "type" in message else {}) | message))
        if messages and messages[-1].get("stay"):
            for _ in socket:
                pass

    with serve(answer, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL]) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()
