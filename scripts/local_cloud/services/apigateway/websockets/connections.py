"""The open WebSockets and @connections: PostToConnection, GetConnection and DeleteConnection."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cloud.services.apigateway.gateway import ApiStage, HttpAnswer
from local_cloud.services.apigateway.websockets.client import Client
from local_cloud.services.apigateway.websockets.frames import MESSAGE_BYTES

# The number of unread messages, and the wait for a client to read one, before PostToConnection returns 429.
_UNREAD_MESSAGES = 32
_UNREAD_SECONDS = 1.0
_CONNECTION_ID = re.compile(r"[A-Za-z0-9_-]{15}=")


@dataclass
class Connection:
    """One open WebSocket."""

    api_stage: ApiStage
    client: Client
    outbox: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(_UNREAD_MESSAGES))
    deleted: asyncio.Event = field(default_factory=asyncio.Event)
    active: float = field(default_factory=time.time)

    def said(self, message: str, request_id: str) -> str:
        """A message of API Gateway to a client."""
        ids = {"connectionId": self.client.connection_id, "requestId": request_id}
        return json.dumps({"message": message, **ids})

    async def put(self, text: str | None, seconds: float = _UNREAD_SECONDS) -> bool:
        """Whether the text (None: nothing more) was queued within the time."""
        try:
            await asyncio.wait_for(self.outbox.put(text), seconds)
        except TimeoutError:
            return False
        return True


class Connections:
    """Fault: PostToConnection limits neither the size nor the unread messages, and accepts any text as an id."""

    def __init__(self, apis: Any) -> None:
        self._apis = apis
        self._open: dict[str, Connection] = {}
        apis.handle_connections_api = self.manage

    def add(self, connection: Connection) -> None:
        """Allow posting to it; until $connect has returned, the answer is 410."""
        self._open[connection.client.connection_id] = connection

    def remove(self, connection: Connection) -> None:
        """Answer 410 from now on."""
        self._open.pop(connection.client.connection_id, None)

    def has(self, connection: Connection) -> bool:
        """Whether it is still open."""
        return connection.client.connection_id in self._open

    async def manage(
        self, method: str, api_id: str, stage: str, connection_id: str, body: bytes, _headers: Mapping[str, str]
    ) -> HttpAnswer:
        """PostToConnection, GetConnection and DeleteConnection, after IAM has allowed them."""
        if not _CONNECTION_ID.fullmatch(connection_id):
            return _error(400, "BadRequestException", f"Invalid connectionId: {connection_id}")
        if len(body) > MESSAGE_BYTES:
            return _error(413, "PayloadTooLargeException", "Message too long")
        connection = self._open.get(connection_id)
        if connection is None or (connection.api_stage.api_id, connection.api_stage.stage) != (api_id, stage):
            return _error(410, "GoneException", "Gone")
        if method == "DELETE":
            self.remove(connection)
            connection.deleted.set()
            return 204, {}, b""
        if method == "GET":
            return 200, {"Content-Type": "application/json"}, json.dumps(_described(connection)).encode()
        if not await connection.put(self._apis._post_to_connection_text(body)):
            return _error(429, "LimitExceededException", "The client does not read its messages")
        connection.active = time.time()
        return 200, {"Content-Type": "application/json"}, b""


def _described(connection: Connection) -> dict[str, Any]:
    def moment(seconds: float) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))

    client = connection.client
    return {
        "connectedAt": moment(client.connected_ms / 1000),
        "identity": client.identity,
        "lastActiveAt": moment(connection.active),
    }


def _error(status: int, code: str, message: str) -> HttpAnswer:
    headers = {"Content-Type": "application/json", "x-amzn-errortype": code}
    return status, headers, json.dumps({"message": message}).encode()
