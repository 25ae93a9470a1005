"""A small client of the gateway: asks a named query and gets its rows pushed. For any deployment, not only the demo."""

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

SUBPROTOCOL = "relay.v1"
_QUIET_SECONDS = 300  # API Gateway ends a connection on which nothing was said for 10 minutes


class AskingFailed(Exception):
    """The gateway could not be reached, let nobody in, or answered with an error; the message says which."""


@dataclass
class Answer:
    """One answer to a query. `complete` is the message that ended it; `last_row_at` is in epoch seconds."""

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
    """Shows a token once and gets a ticket that opens one connection; raises AskingFailed."""
    request = urllib.request.Request(ticket_url, method="POST", headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - the caller's own URL
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return str(json.load(response)["ticket"])
    except urllib.error.HTTPError as error:
        raise AskingFailed(f"no ticket: {error.code} {error.read().decode(errors='replace')[:200]}") from error
    except OSError as error:
        raise AskingFailed(f"no ticket: {error}") from error


@contextmanager
def connected(url: str, ticket: str | None = None) -> Iterator["Gateway"]:
    """A connection to the gateway at `url` (wss://...); raises AskingFailed."""
    offered = [SUBPROTOCOL] + ([f"relay.ticket.{ticket}"] if ticket else [])
    try:
        socket = connect(url, subprotocols=offered, max_size=2**20, open_timeout=30, proxy=None)  # type: ignore[arg-type]
    except InvalidStatus as error:
        raise AskingFailed(f"the gateway refused the connection: {error.response.status_code}") from error
    except (OSError, WebSocketException) as error:
        raise AskingFailed(f"the gateway at {url} cannot be reached: {error}") from error
    with socket:
        yield Gateway(socket)


class Gateway:
    """An open connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._asked = 0

    def send(self, **message: Any) -> None:
        """Sends a message of the protocol."""
        self.socket.send(json.dumps(message))

    def receive(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message; raises AskingFailed when the connection ends, TimeoutError when nothing comes."""
        try:
            message: dict[str, Any] = json.loads(self.socket.recv(timeout))
        except WebSocketException as error:
            raise AskingFailed(f"the connection ended: {error}") from error
        return message

    def receive_however_late(self) -> dict[str, Any]:
        """The next message, whenever it comes; raises AskingFailed when the connection ends."""
        while True:
            try:
                return self.receive(_QUIET_SECONDS)
            except TimeoutError:
                self.send(action="ping")

    def ask(
        self,
        query: str,
        params: Mapping[str, object] | None = None,
        *,
        live: bool = False,
        timeout: float = 300.0,
        stay: bool = False,
    ) -> Iterator[Answer]:
        """The answers to a query: one, or with `live` one for each data version; raises AskingFailed, TimeoutError.

        `timeout` is for each message, in seconds; with `stay` only until the first answer is there.
        """
        self._asked += 1
        id_ = f"ask-{self._asked}"
        self.send(action="query", id=id_, query=query, params=dict(params or {}), live=live)
        answers: dict[str, Answer] = {}
        answered = False
        while True:
            message = self.receive_however_late() if answered and stay else self.receive(timeout)
            if message.get("id") not in (id_, None):
                continue
            match message.get("type"):
                case "rows":
                    answer = answers.setdefault(message["run"], Answer(message["run"], message.get("columns", [])))
                    _take(answer, message)
                case "complete":
                    answer = answers.pop(message["run"], Answer(message["run"], []))
                    answer.complete = message
                    answered = True
                    yield answer
                    if not live:
                        return
                case "error":
                    raise AskingFailed(f"{message['code']}: {message['message']}")
                case None:
                    raise AskingFailed(str(message.get("message", message)))  # API Gateway's own words


def _take(answer: Answer, message: Mapping[str, Any]) -> None:
    """Rows are numbered, because a message may come twice: what is here already is dropped."""
    answer.last_row_at = time.time()
    answer.columns = message.get("columns") or answer.columns
    known = len(answer.rows) - message["first_row"]
    if known < 0:
        raise AskingFailed(f"rows {len(answer.rows)} to {message['first_row']} are missing")
    answer.rows += message["rows"][known:]
