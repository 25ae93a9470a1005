"""API Gateway's limits of frames and messages, enforced in hypercorn, ministack's server.

"Amazon API Gateway quotas", WebSocket APIs: a frame holds at most 32 KB and a message 128 KB; more closes the
connection with 1009. "Binary media types for WebSocket APIs": a binary frame closes it with 1003. No extension is
negotiated, so that sizes are those on the wire. hypercorn itself limits only the message, and does not pass on
the code and reason of a close frame.
"""

from __future__ import annotations

from typing import Any

import hypercorn.protocol.h11
from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.ws_stream import WSStream
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

FRAME_BYTES = 32 * 1024
MESSAGE_BYTES = 128 * 1024
TOO_BIG, NOT_TEXT = 1009, 1003


class BoundedStream(WSStream):
    """Enforces the limits, and passes the code and reason of every close to the application."""

    _parts: list[str]
    _frame = 0
    _message = 0
    _rejected = False

    async def _accept(self, message: Any) -> None:
        self.handshake.extensions = None
        self._parts = []
        await super()._accept(message)

    async def _handle_events(self) -> None:
        for event in self.connection.events():
            if isinstance(event, TextMessage):
                await self._take(event)
            elif isinstance(event, BytesMessage):
                await self._reject(NOT_TEXT, "binary frames are not supported")
            elif isinstance(event, Ping):
                await self._send_wsproto_event(event.response())
            elif isinstance(event, CloseConnection):
                if self.connection.state == ConnectionState.REMOTE_CLOSING:
                    await self._send_wsproto_event(event.response())
                await self._tell(int(event.code or 1005), event.reason or "")
                await self.send(StreamClosed(stream_id=self.stream_id))

    async def _take(self, event: TextMessage) -> None:
        """wsproto passes on the parts of a frame as they arrive."""
        size = len(event.data.encode())
        self._frame += size
        self._message += size
        if self._frame > FRAME_BYTES or self._message > MESSAGE_BYTES:
            await self._reject(TOO_BIG, "Message too long")
        if self._rejected:
            return
        self._parts.append(event.data)
        if event.frame_finished:
            self._frame = 0
        if event.message_finished:
            text, self._parts, self._message = "".join(self._parts), [], 0
            if self.app_put is not None:
                await self.app_put({"type": "websocket.receive", "text": text, "bytes": None})

    async def _reject(self, code: int, reason: str) -> None:
        if not self._rejected:
            self._rejected = True
            self._parts = []
            await self._send_wsproto_event(CloseConnection(code=code, reason=reason))
            await self._tell(code, reason)

    async def _tell(self, code: int, reason: str) -> None:
        if self.app_put is not None:
            await self.app_put({"type": "websocket.disconnect", "code": code, "reason": reason})


def bound_frames() -> None:
    """Enforce the limits on every WebSocket of this process."""
    setattr(hypercorn.protocol.h11, "WSStream", BoundedStream)  # noqa: B010 - mypy rejects the plain assignment
