"""Clients that keep whatever they are sent, held to asyncapi.yaml both ways, and the answers in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from random import randrange
from typing import Any

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.e2e.cloud import TIMEOUT_SECONDS
from tests.e2e.gateway.gateways import Stage
from tests.unit.websocket_gateway.asyncapi import CheckedSocket

Message = dict[str, Any]
_NUMBERS = count(randrange(1_000_000, 9_000_000))  # noqa: S311 - no secret


def unasked() -> int:
    """A number with which no query was asked before: its question is new."""
    return next(_NUMBERS)


@dataclass
class Answer:
    """One answer: its rows in order, each once, and the message that ended it."""

    run: str
    rows: list[list[Any]]
    complete: Message


@dataclass
class Client:
    """A client, and the messages that it got so far; `largest` is the size of the largest, in bytes."""

    socket: CheckedSocket
    messages: list[Message] = field(default_factory=list)
    largest: int = 0

    def send(self, **message: Any) -> None:
        """Sends a message of the protocol."""
        self.socket.send(json.dumps(message))

    def wait(self, matches: Callable[[Message], bool], *, since: int = 0) -> Message:
        """The first message that matches, of those from number `since` on."""
        seen = since
        while True:
            for message in self.messages[seen:]:
                if matches(message):
                    return message
            seen = len(self.messages)
            text = self.socket.recv(TIMEOUT_SECONDS)
            self.largest = max(self.largest, len(text.encode() if isinstance(text, str) else text))
            message = json.loads(text)
            riding = message.pop("complete", None)
            self.messages.append(message)
            if riding is not None:
                same = {name: message[name] for name in ("id", "run", "version")}
                self.messages.append({"type": "complete", **same, **riding})

    def ask(self, query: str, n: int, *, id_: str = "a", **more: Any) -> Message:
        """Asks, and returns what the route answers: `accepted`, an error, or API Gateway's own words."""
        since = len(self.messages)
        self.send(action="query", id=id_, query=query, params={"n": n}, **more)
        return self.wait(lambda said: said.get("type") in ("accepted", "error", None), since=since)

    def cancel(self, id_: str = "a") -> Message:
        """Cancels, and returns what the route answers."""
        since = len(self.messages)
        self.send(action="cancel", id=id_)
        return self.wait(lambda said: said.get("type") in ("cancelled", "error", None), since=since)

    def ended(self, id_: str = "a", *, since: int = 0) -> Message:
        """The `complete` or the error that ends an answer."""
        return self.wait(lambda said: said.get("id") == id_ and said.get("type") in ("complete", "error"), since=since)

    def version(self, version: int, id_: str = "a") -> Message:
        """The `complete` of the answer at a data version or a newer one."""
        return self.wait(
            lambda said: said.get("id") == id_ and said.get("type") == "complete" and said["version"] >= version
        )

    def up_to_now(self) -> list[Message]:
        """All messages, with whatever was sent before now."""
        since = len(self.messages)
        self.send(action="ping")
        self.wait(lambda said: said.get("type") == "pong", since=since)
        return self.messages

    def answers(self, id_: str = "a", *, first_row: int = 0, repeated: bool = False) -> list[Answer]:
        """The answers that have come, each from its row `first_row` on.

        No row may be missing, and none may come twice; with `repeated`, a row may, as it is numbered.
        """
        rows: dict[str, list[list[Any]]] = {}
        answers: dict[str, Answer] = {}
        for said in self.messages:
            if said.get("id") != id_ or said.get("type") not in ("rows", "complete"):
                continue
            known = rows.setdefault(said["run"], [])
            if said["type"] == "rows":
                assert ("columns" in said) or known, "columns come with the first rows"
                start = said["first_row"] - first_row
                assert start == len(known) or (repeated and start < len(known)), f"row {start} after {len(known)}"
                again = known[start : start + len(said["rows"])]
                assert again == said["rows"][: len(again)]
                known += said["rows"][len(again) :]
            else:
                assert said["rows"] == first_row + len(known)
                assert repeated or said["run"] not in answers, "an answer was completed twice"
                answers.setdefault(said["run"], Answer(said["run"], known, said))
        return list(answers.values())


@contextmanager
def connect_client(stage: Stage, query: str = "") -> Iterator[Client]:
    """A client; `query` is what stands after the question mark of the URL. Raises InvalidStatus when it is refused."""
    url = f"{stage.url}?{query}" if query else stage.url
    # Without pings, which a client that reads nothing takes for lost.
    protocols = [Subprotocol("relay.v1")]
    with connect(url, subprotocols=protocols, open_timeout=TIMEOUT_SECONDS, ping_interval=None, proxy=None) as socket:
        yield Client(CheckedSocket(socket))


@contextmanager
def connect_clients(stage: Stage, size: int) -> Iterator[list[Client]]:
    """Many clients."""
    with ExitStack() as stack:
        clients = at_once(lambda _: stack.enter_context(connect_client(stage)), list(range(size)))
        yield clients
        at_once(lambda client: client.socket.close(), clients)


def at_once(work: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    """Does the work for all items, several at the same time; the results in order.

    No more than a small machine's workers answer well before API Gateway's 29 s are over.
    """
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(work, items))
