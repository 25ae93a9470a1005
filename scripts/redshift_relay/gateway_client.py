"""A client of the WebSocket gateway: asks a named query and receives its rows. It shows and parses nothing."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

SUBPROTOCOL = Subprotocol("relay.v1")
KEEP_ALIVE_SECONDS = 300
"""API Gateway closes a connection that has been idle for 10 minutes
(https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html).
"""
THROTTLED = "Too Many Requests"
"""API Gateway's message instead of an answer, without the id of what it refused."""
MAX_REFUSALS = 4
"""Questions that API Gateway throttles are sent again this often, within 15 seconds."""


class GatewayError(Exception):
    """The gateway cannot be reached, refused the connection, or answered with an error. The message says which."""


@dataclass
class Answer:
    """One answer to a query. `complete` is the message that ended it. `last_row_at` is in epoch seconds."""

    run: str
    columns: list[dict[str, str]]
    rows: list[list[Any]] = field(default_factory=list)
    complete: dict[str, Any] = field(default_factory=dict)
    last_row_at: float = 0.0

    def as_dicts(self) -> list[dict[str, Any]]:
        """The rows as {column: value}."""
        names = [column["name"] for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def get_ticket(ticket_url: str, token: str) -> str:
    """Exchanges an access token for a ticket that opens one connection; raises GatewayError."""
    try:
        request = urllib.request.Request(ticket_url, method="POST", headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - the caller's own URL
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return str(json.load(response)["ticket"])
    except urllib.error.HTTPError as error:
        raise GatewayError(f"no ticket: {error.code} {error.read().decode(errors='replace')[:200]}") from error
    except (OSError, ValueError) as error:  # ValueError: not a URL, or not an answer in JSON
        raise GatewayError(f"no ticket: {error}") from error


class GatewayClient:
    """An open connection to a gateway."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._requests = 0
        self._riding: list[dict[str, Any]] = []

    @classmethod
    @contextmanager
    def connect(cls, url: str, ticket: str | None = None) -> "Iterator[GatewayClient]":
        """Connects to the gateway at `url` (wss://...) and closes the connection afterwards; raises GatewayError."""
        offered = [SUBPROTOCOL] + ([Subprotocol(f"relay.ticket.{ticket}")] if ticket else [])
        try:
            socket = connect(url, subprotocols=offered, max_size=2**20, open_timeout=30, proxy=None)
        except InvalidStatus as error:
            raise GatewayError(f"the gateway refused the connection: {error.response.status_code}") from error
        except (OSError, WebSocketException) as error:
            raise GatewayError(f"the gateway at {url} cannot be reached: {error}") from error
        with socket:
            yield cls(socket)

    def send(self, **message: Any) -> None:
        """Sends a message of the protocol."""
        self.socket.send(json.dumps(message))

    def receive(self, timeout: float | None = None) -> dict[str, Any]:
        """Returns the next message; raises GatewayError when the connection ends, TimeoutError when none arrives.

        The end of an answer that rides with its last rows is returned as a message of its own.
        """
        if self._riding:
            return self._riding.pop()
        try:
            message: dict[str, Any] = json.loads(self.socket.recv(timeout))
        except WebSocketException as error:
            raise GatewayError(f"the connection ended: {error}") from error
        if "complete" in message:
            same = {name: message[name] for name in ("id", "run", "version")}
            self._riding.append({"type": "complete", **same, **message.pop("complete")})
        return message

    def ask(
        self,
        query: str,
        params: Mapping[str, object] | None = None,
        *,
        live: bool = False,
        timeout: float = 300.0,
        stay: bool = False,
    ) -> Iterator[Answer]:
        """Yields the answer to a query, or with `live` one for each data version; raises GatewayError, TimeoutError.

        `timeout` limits the wait for each message, in seconds; with `stay` only until the first answer is complete.
        """
        self._requests += 1
        id_ = f"ask-{self._requests}"
        question = {"action": "query", "id": id_, "query": query, "params": dict(params or {}), "live": live}
        self.send(**question)
        answers: dict[str, Answer] = {}
        accepted, answered, refusals = False, False, 0
        while True:
            message = self._receive_without_limit() if answered and stay else self.receive(timeout)
            if message.get("id") not in (id_, None):
                continue
            accepted |= message.get("id") == id_
            match message.get("type"):
                case "rows":
                    answer = answers.setdefault(message["run"], Answer(message["run"], message.get("columns", [])))
                    _add_rows(answer, message)
                case "complete":
                    answer = answers.pop(message["run"], Answer(message["run"], []))
                    answer.complete = message
                    answered = True
                    yield answer
                    if not live:
                        return
                case "error":
                    raise GatewayError(f"{message['code']}: {message['message']}")
                case None if accepted:
                    pass  # API Gateway's own words are about another message: a ping
                case None if message.get("message") == THROTTLED and refusals < MAX_REFUSALS:
                    time.sleep(2**refusals)
                    refusals += 1
                    self.send(**question)  # asking twice with one id changes nothing
                case None:
                    raise GatewayError(str(message.get("message", message)))

    def _receive_without_limit(self) -> dict[str, Any]:
        """Returns the next message and keeps the connection alive until then; raises GatewayError."""
        while True:
            try:
                return self.receive(KEEP_ALIVE_SECONDS)
            except TimeoutError:
                self.send(action="ping")


def _add_rows(answer: Answer, message: Mapping[str, Any]) -> None:
    """Adds the rows that the answer lacks: a message may arrive twice, so rows are numbered."""
    answer.last_row_at = time.time()
    answer.columns = message.get("columns") or answer.columns
    known = len(answer.rows) - message["first_row"]
    if known < 0:
        raise GatewayError(f"rows {len(answer.rows)} to {message['first_row']} are missing")
    answer.rows += message["rows"][known:]
