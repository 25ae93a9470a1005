"""Browsers that remember what they got, and the management API through which it comes."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.unit.websocket_gateway.asyncapi import check_of_server
from tests.unit.websocket_gateway.fake_warehouse import refusal


@dataclass
class Client:
    """A browser: what it asked and what came; it drops rows that it has, by their number."""

    id: str
    connected: bool = True
    inbox: list[dict[str, Any]] = field(default_factory=list)
    open: dict[str, int] = field(default_factory=dict)
    """Where in the inbox the answers to a request begin; cancelled ones are not here."""
    accepted: dict[str, str] = field(default_factory=dict)
    """The run that will answer a request."""

    def of(self, request: str) -> list[dict[str, Any]]:
        """What came for a request, without what was on its way for an earlier one of the same id."""
        start, first = self.open.get(request, 0), _attempt(self.accepted.get(request))
        return [
            one
            for one in self.inbox[start:]
            if one["id"] == request and one["type"] != "accepted" and _attempt(one.get("run"), first) >= first
        ]

    def ends(self, request: str) -> list[dict[str, Any]]:
        """Ends of answers, as a reader sees them: the end of a run that came twice is one."""
        seen: dict[str, dict[str, Any]] = {}
        for one in self.of(request):
            if one["type"] in ("complete", "error"):
                seen.setdefault(f"{one['type']} {one.get('run') or len(seen)}", one)
        return list(seen.values())

    def receive(self, message: dict[str, Any]) -> None:
        """A message comes; the end of an answer may ride with its last rows."""
        riding = message.pop("complete", None)
        self.inbox.append(message)
        if riding is not None:
            same = {name: message[name] for name in ("id", "run", "version")}
            self.inbox.append({"type": "complete", **same, **riding})

    def answer(self, request: str) -> list[list[Any]]:
        """The rows of the last answer, which must be complete."""
        end = self.ends(request)[-1]
        assert end["type"] == "complete", end
        rows: dict[int, list[Any]] = {}
        for one in self.of(request):
            if one["type"] == "rows" and one["run"] == end["run"]:
                rows |= dict(enumerate(one["rows"], one["first_row"]))
        assert sorted(rows) == list(range(end["rows"])), (request, sorted(rows), end)
        return [rows[n] for n in range(end["rows"])]


def _attempt(run: str | None, unknown: int = 0) -> int:
    return int(run.rpartition(".")[2]) if run else unknown


class Stage:
    """An `apigatewaymanagementapi` client."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.trouble: Callable[[str], int] = lambda connection: 0
        """A status to refuse a message with."""

    def post_to_connection(self, **request: Any) -> None:
        assert len(request["Data"]) <= 128 * 1024
        client = self.clients.get(request["ConnectionId"])
        if client is None or not client.connected:
            raise refusal(410, "GoneException")
        if status := self.trouble(client.id):
            raise refusal(status, {429: "LimitExceededException", 403: "ForbiddenException"}.get(status, "Trouble"))
        message = json.loads(request["Data"])
        check_of_server(message)
        client.receive(message)

    def get_connection(self, **request: Any) -> Any:
        client = self.clients.get(request["ConnectionId"])
        if client is None or not client.connected:
            raise refusal(410, "GoneException")
        return {"LastActiveAt": 0}

    def delete_connection(self, **request: Any) -> None:
        client = self.clients.get(request["ConnectionId"])
        if client is None or not client.connected:
            raise refusal(410, "GoneException")
        client.connected = False
