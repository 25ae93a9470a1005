"""The ASGI application in front of ministack: fault switches, killed workers, replayed answers, CloudFront's names."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from local_cloud.services.cloudfront.pages import Pages
from local_cloud.services.emulator import Emulator
from local_cloud.services.replayed_answers import ReplayedAnswers

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Front:
    """Answers `/_relay/` itself, and passes everything else on to ministack."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._pages = Pages(emulator.settings.port)
        self._replays = ReplayedAnswers()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        scope, send = self._pages.as_on_aws(scope, send)
        if scope["type"] != "http":
            await self._emulator.app(scope, receive, send)
        elif scope["path"].startswith("/_relay/"):
            await self._switch(scope, receive, send)
        elif self._emulator.switches.armed():
            await self._maybe_killing(scope, receive, send)
        elif answer := self._replays.earlier(scope):
            for message in answer:
                await send(message)
        else:
            await self._emulator.app(scope, receive, self._replays.keeping(scope, send))

    async def _switch(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        try:
            given = json.loads(body or b"{}")
        except ValueError:
            given = None
        if isinstance(given, dict):
            status, answer = self._emulator.switches.handle(scope["method"], scope["path"], given)
        else:
            status, answer = 400, {"message": "the body must be a JSON object"}
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    async def _maybe_killing(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve a request; if it triggers an armed kill, kill the worker that sent it, before or after."""
        body = await _body(receive)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope.get("query_string", b"").decode()
        kill = self._emulator.kills.due(scope["method"], scope["path"], headers, body, query)
        if kill is not None and kill.when == "before":
            self._emulator.kills.kill_worker(headers, scope.get("client"))
            return
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def drop(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._emulator.kills.kill_worker(headers, scope.get("client"))

        await self._emulator.app(scope, replay, send if kill is None else drop)


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)
