"""A gateway to try the page against: it speaks through the real protocol module and can play every state.

By hand: `python tests/browser/fake_gateway.py [port]` (then open the address that it prints).
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / part) for part in (".", "functions")]

from tests.browser.fake_sign_in import FakeSignIn  # noqa: E402
from tests.browser.play import Play  # noqa: E402
from tests.browser.sample_answers import Result, catalog_of, result_of  # noqa: E402
from tests.unit.websocket_gateway.asyncapi import wrong_of_client, wrong_of_server  # noqa: E402
from websocket_gateway.errors import ClientError  # noqa: E402
from websocket_gateway.protocol import requests, responses, rows  # noqa: E402

SERVER_ERROR = {"message": "Internal server error", "connectionId": "a=", "requestId": "b="}
"""API Gateway's own, when a function broke."""


@dataclass
class Waiter:
    """A request that is open."""

    socket: web.WebSocketResponse
    ask: requests.Ask
    delivered: int = -1


class FakeGateway:
    """Serves the page, its config.json, a sign-in, tickets and the WebSocket, each on the same port."""

    def __init__(self, page: Path, policy: str, port: int = 0) -> None:
        self.page = page
        self.policy = policy
        self.port = port
        self.play = Play()
        self.config: dict[str, Any] = {}
        self.oidc: dict[str, Any] = {}
        self.received: list[dict[str, Any]] = []
        self.wrong: list[str] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.protocols: list[str] = []
        self.knocks = 0
        """How often somebody wanted a WebSocket."""
        self.waiters: list[Waiter] = []
        self.sign_in = FakeSignIn()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "FakeGateway":
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://localhost:{self.port}"

    @property
    def apis(self) -> str:
        """Where the ticket API is: another origin than the page's, as on AWS."""
        return f"http://127.0.0.1:{self.port}"

    def reset(self) -> None:
        """Forgets what happened, and cuts what is open."""
        self.cut()
        self.play = Play()
        self.config, self.oidc, self.knocks = {}, {}, 0
        for seen in (self.received, self.wrong, self.protocols, self.waiters):
            seen.clear()
        self.sign_in.reset()

    def cut(self) -> None:
        """Ends every connection without a word."""
        for socket in list(self.sockets):
            self._loop.call_soon_threadsafe(self._abort, socket)

    def new_version(self, changed_at: str = "2026-11-22T03:00:12Z") -> None:
        """The data changed: who watches gets a new answer."""

        def change() -> None:
            self.play.version += 1
            self.play.changed_at = changed_at
            for waiter in list(self.waiters):
                if waiter.ask.live:
                    self._start(self._deliver(waiter))

        self._loop.call_soon_threadsafe(change)

    def asked(self, action: str = "query") -> list[dict[str, Any]]:
        """Messages of an action that the page has sent."""
        return [message for message in self.received if message.get("action") == action]

    def wait_asked(self, action: str, count: int) -> list[dict[str, Any]]:
        """The messages of an action, once there are so many."""
        deadline = time.monotonic() + 10
        while len(self.asked(action)) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.asked(action)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._main())

    async def _main(self) -> None:
        app = web.Application()
        app.router.add_get("/config.json", self._config)
        app.router.add_get("/stage", self._socket)
        app.router.add_routes(self.sign_in.routes())
        app.router.add_get("/{name:.*}", self._file)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        for task in self._tasks:
            task.cancel()
        await runner.cleanup()

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"] or "index.html"
        file = (self.page / name).resolve()
        if not file.is_relative_to(self.page) or not file.is_file():
            raise web.HTTPNotFound
        source = f"ws://localhost:{self.port} {self.apis}"
        policy = self.policy.replace("${connect_src}", source).strip()
        headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
        if name != "index.html":
            return web.FileResponse(file, headers=headers)
        # The module narrows the header in the document.
        meta = f'<meta http-equiv="Content-Security-Policy" content="connect-src \'self\' {source}">'
        charset = '<meta charset="utf-8">'
        html = file.read_text().replace(charset, charset + meta)
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def _config(self, _: web.Request) -> web.Response:
        mode = self.play.authorization
        endpoints = (
            {}
            if self.play.discovery
            else {
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
            }
        )
        sign_in = {"issuer": self.url, "client_id": "page", "scope": "openid", **endpoints, **self.oidc}
        config = {
            "title": "City Trips",
            "endpoint": f"ws://localhost:{self.port}/stage",
            "ticket_url": f"{self.apis}/ticket",
            "authorization": {"mode": mode, "oidc": sign_in if mode == "JWT" else None},
        }
        return web.json_response({**config, **self.config})

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        offered = [part.strip() for part in request.headers.get("sec-websocket-protocol", "").split(",")]
        self.protocols[:] = offered
        self.knocks += 1
        if self.play.refuse or (self.play.authorization == "JWT" and not self.sign_in.redeem(offered)):
            raise web.HTTPForbidden
        socket = web.WebSocketResponse(protocols=[requests.SUBPROTOCOL], max_msg_size=32 * 1024)
        await socket.prepare(request)
        self.sockets.append(socket)
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._start(self._answer(socket, message.data))
        finally:
            self.sockets.remove(socket)
            self.waiters[:] = [waiter for waiter in self.waiters if waiter.socket is not socket]
        return socket

    def _start(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _abort(self, socket: web.WebSocketResponse) -> None:
        transport = socket._req.transport if socket._req else None
        if transport:
            transport.abort()

    async def _answer(self, socket: web.WebSocketResponse, text: str) -> None:
        message: dict[str, Any] = {}
        try:
            message = requests.parse(text, 31_000)
            self.received.append(message)
            self.wrong += wrong_of_client(message)
            await self._act(socket, message)
        except ClientError as wrong:
            self.wrong.append(f"{text}: {wrong.message}")
            await self._send(socket, responses.error(message.get("id"), wrong.code, wrong.message))

    async def _act(self, socket: web.WebSocketResponse, message: Mapping[str, Any]) -> None:
        action = message.get("action")
        if action == "ping":
            await self._send(socket, {"type": "pong"})
        elif action == "catalog":
            await self._send_catalog(socket)
        elif action == "cancel":
            id_ = requests.request_id(message)
            self.waiters[:] = [waiter for waiter in self.waiters if waiter.ask.id != id_]
            await self._send(socket, responses.cancelled(id_))
        else:
            await self._ask(socket, requests.parse_ask(message))

    async def _send_catalog(self, socket: web.WebSocketResponse) -> None:
        play = self.play
        if play.no_catalog:
            play.no_catalog -= 1
            await socket.send_str(json.dumps(SERVER_ERROR))
            return
        queries = [query.describe() for query in catalog_of(play.options).values()]
        queries += [{**queries[0], "query": f"more_{at}"} for at in range(play.more_queries)]
        await self._send(socket, responses.catalog(queries))

    async def _ask(self, socket: web.WebSocketResponse, ask: requests.Ask) -> None:
        if self.play.sign_out:
            self.play.sign_out = False
            await self._send(socket, responses.error(ask.id, "signed_out", "the connection has ended with its sign-in"))
            return
        if self.play.silent:
            return
        if self.play.raw is not None and self.play.raw_times > 0:
            self.play.raw_times -= 1
            await socket.send_str(self.play.raw)
            return
        queries = catalog_of(self.play.options)
        if ask.query not in queries:
            raise ClientError("unknown_query", f"{ask.query} is not in the catalog")
        queries[ask.query].bind(ask.params, {})
        waiter = Waiter(socket, ask)
        self.waiters.append(waiter)
        await asyncio.sleep(self.play.accept_seconds)
        await self._send(socket, responses.accepted(ask.id, ask.query, self._run(), cached=self.play.cached))
        await asyncio.sleep(0 if self.play.cached else self.play.run_seconds)
        await self._deliver(waiter)

    def _run(self) -> str:
        return f"0a1b2c3d4e5f.{self.play.version}.1"

    async def _deliver(self, waiter: Waiter) -> None:
        play, ask = self.play, waiter.ask
        run, version = self._run(), play.version
        if waiter not in self.waiters or waiter.delivered >= version:
            return
        result = play.results.get(ask.query) or result_of(ask.query, ask.params, version)
        row = ask.resume.row if ask.resume and ask.resume.run == run else 0
        if play.fail and play.fail_after is None:
            await self._send(waiter.socket, responses.error(ask.id, *play.fail, run=run))
            return
        moments = play.changed_at, play.finished_at
        done = responses.Completed(run, version, len(result.rows), play.truncated, 1.314, play.cached, *moments)
        if not await self._rows(waiter, result, done, row):
            return
        waiter.delivered = version
        if not ask.live:
            self.waiters.remove(waiter)
        if row >= len(result.rows) > 0:
            await self._send(waiter.socket, responses.complete(ask.id, done, live=ask.live))

    async def _rows(self, waiter: Waiter, result: Result, done: responses.Completed, row: int) -> bool:
        """Sends the rows from `row` on, the end with the last; False if it was cut, cancelled or failed on the way."""
        play, run, version = self.play, done.run, done.version
        columns: Sequence[rows.Column] | None = result.columns
        cut = play.cut_after.pop(0) if play.cut_after else None
        starts = range(0, max(len(result.rows), 1), play.chunk_rows)
        sent = 0
        for start in starts:
            part = result.rows[start : start + play.chunk_rows]
            if part and start + len(part) <= row:
                continue
            if cut is not None and sent >= cut:
                self._abort(waiter.socket)
                return False
            if play.fail and play.fail_after is not None and sent >= play.fail_after:
                await self._send(waiter.socket, responses.error(waiter.ask.id, *play.fail, run=run))
                return False
            chunks = list(rows.chunks(part, start, result.columns, last=True))
            for chunk in chunks * (2 if play.repeat else 1):
                if waiter not in self.waiters or waiter.socket.closed:
                    return False
                message = rows.rows_message(waiter.ask.id, run, version, chunk, columns)
                if start == starts[-1] and chunk.last:
                    riding = json.dumps(responses.riding(done, live=waiter.ask.live)).encode()
                    message = message[:-1] + b', "complete": ' + riding + b"}"
                self.wrong += wrong_of_server(json.loads(message))
                await waiter.socket.send_str(message.decode())
                columns = None
            sent += 1
            await asyncio.sleep(play.chunk_pause)
        return True

    async def _send(self, socket: web.WebSocketResponse, message: Mapping[str, Any]) -> None:
        if not self.play.fail:  # a test may play a code that is yet to come
            self.wrong += wrong_of_server(message)
        if not socket.closed:
            await socket.send_str(json.dumps(message))


def content_security_policy() -> str:
    """What modules/web_console tells browsers."""
    return (ROOT / "modules" / "web_console" / "content_security_policy.tftpl").read_text()


if __name__ == "__main__":
    with FakeGateway(ROOT / "web" / "dist", content_security_policy(), int(sys.argv[1]) if sys.argv[1:] else 0) as fake:
        fake.play.run_seconds = 2
        print(fake.url, flush=True)
        try:
            while True:
                time.sleep(20)
                fake.new_version()
        except KeyboardInterrupt:
            pass
