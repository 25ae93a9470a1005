"""WebSocket APIs: handshakes, routes, messages and the end of connections.

Replaces ministack's implementation, because of these faults:
`Fault:` headers that $connect returns are dropped, so that no subprotocol is selected and browsers disconnect;
`Fault:` exception texts reach the client, and every rejected handshake is a 403;
`Fault:` a returned body is sent to the client even without a route response;
`Fault:` messages of a connection run one after another, and all connections of a function share one worker;
`Fault:` a missing $connect or $disconnect falls back to $default, and a message can choose them as its route;
`Fault:` connections have no time limits, and $disconnect always gets the code 1006.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any

from local_cloud.services.apigateway.gateway import INTERNAL_ERROR, ApiStage, CallFailed, Gateway
from local_cloud.services.apigateway.websockets.client import Client, Handshake, new_id
from local_cloud.services.apigateway.websockets.connections import Connection, Connections
from local_cloud.services.apigateway.websockets.frames import MESSAGE_BYTES, NOT_TEXT, TOO_BIG
from local_cloud.services.apigateway.websockets.mock_integrations import mock_answer

logger = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_GOING_AWAY = 1001
_ROUTES_AT_ONCE = 200  # calls with a thread each; further calls wait on the event loop
_INTEGRATION_SECONDS = 29.0


class Headers(dict[str, str]):
    """A handshake's headers for ministack's authorizers, which look them up in lower case."""

    def __init__(self, handshake: Handshake) -> None:
        super().__init__(handshake.headers)
        self.handshake = handshake


class HandshakeRejected(Exception):
    """The client may not connect: throttled, unauthorized, or rejected by $connect's function."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status, self.message = status, message


class WebSocketApis:
    """Serves the WebSocket APIs of one ministack."""

    def __init__(self, gateway: Gateway, scope: Any, *, idle_seconds: float, max_seconds: float) -> None:
        self._gateway, self._apis = gateway, gateway.apis
        self._scope = scope
        self._idle_seconds, self._max_seconds = idle_seconds, max_seconds
        self._connections = Connections(gateway.apis)
        self._routes = asyncio.Semaphore(_ROUTES_AT_ONCE)
        self._working: set[asyncio.Task[None]] = set()
        self._apis._ws_connect_fields = lambda headers, _query: headers.handshake.members()
        self._apis.handle_websocket = self.serve

    # --- a connection's life

    async def serve(
        self, scope: Message, receive: Receive, send: Send, api_id: str, path_override: str | None = None
    ) -> None:
        """One WebSocket from its handshake to its end."""
        if (await receive())["type"] != "websocket.connect":
            return
        handshake = Handshake.of(scope)
        api_stage = self._api_stage(api_id, path_override or scope.get("path", ""))
        domain = handshake.header("host").partition(":")[0]
        client = Client(api_id, api_stage.stage if api_stage else "", domain, handshake)
        if api_stage is None:
            await self._reject(send, client, HandshakeRejected(403, "Forbidden"), new_id())
            return
        with self._scope(api_stage.account_id, api_stage.region):
            connection = await self._connect(api_stage, client, send)
            if connection is None:
                return
            writing = asyncio.create_task(self._write(connection, send))
            try:
                code, reason = await self._until_end(connection, receive)
                if await connection.put(None):  # messages posted before DeleteConnection are still sent
                    await asyncio.wait({writing}, timeout=1)
            finally:
                self._connections.remove(connection)
                writing.cancel()
            with contextlib.suppress(Exception):
                await send({"type": "websocket.close", "code": code if code == _GOING_AWAY else 1000})
            await self._disconnect(connection, code, reason)
            if code in (TOO_BIG, NOT_TEXT):  # closing before the client has read the close frame would lose the reason
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(receive(), 2)

    def _api_stage(self, api_id: str, path: str) -> ApiStage | None:
        owner = self._apis._api_owner(api_id)
        if not owner or owner[0] != "WEBSOCKET":
            return None
        for stage in (path.strip("/").partition("/")[0], "$default"):
            api_stage = ApiStage(api_id, stage, owner[1], owner[2])
            if self._gateway.stage(api_stage) is not None:
                return api_stage
        return None

    async def _connect(self, api_stage: ApiStage, client: Client, send: Send) -> Connection | None:
        request_id = new_id()
        try:
            headers = await self._accept(api_stage, client, request_id)
        except HandshakeRejected as rejected:
            await self._reject(send, client, rejected, request_id)
            return None
        connection = Connection(api_stage, client)
        self._connections.add(connection)
        await send({"type": "websocket.accept", "headers": headers})
        return connection

    async def _accept(self, api_stage: ApiStage, client: Client, request_id: str) -> list[tuple[bytes, bytes]]:
        """The headers of the accepted handshake. Raises HandshakeRejected."""
        if not self._gateway.admits(api_stage, "$connect"):
            raise HandshakeRejected(429, "Too Many Requests")
        route = self._route(api_stage, "$connect")
        if route is None:
            return []
        client.authorizer = await self._authorize(api_stage, route, client, request_id)
        return await self._ask_connect(api_stage, route, client, request_id)

    async def _authorize(
        self, api_stage: ApiStage, route: Mapping[str, Any], client: Client, request_id: str
    ) -> Mapping[str, Any] | None:
        kind = (route.get("authorizationType") or "NONE").upper()
        if kind == "NONE":
            return None
        if kind != "CUSTOM":
            logger.error("authorization %s of a WebSocket API is not emulated", kind)
            raise HandshakeRejected(500, INTERNAL_ERROR)
        query = {name: [value] for name, value in client.handshake.query}
        context = client.context("$connect", "CONNECT", request_id)
        rejection, authorizer = await self._apis._authorize_ws_connect(
            api_stage.api_id, route, context, Headers(client.handshake), query, api_stage.account_id, api_stage.region
        )
        if rejection:
            raise HandshakeRejected(rejection[0], rejection[1] or INTERNAL_ERROR)
        found: Mapping[str, Any] | None = authorizer
        return found

    async def _ask_connect(
        self, api_stage: ApiStage, route: Mapping[str, Any], client: Client, request_id: str
    ) -> list[tuple[bytes, bytes]]:
        """The headers of the accepted handshake: only the subprotocol, whether or not it was offered."""
        try:
            answer = await self._call(api_stage, route, client.connect(request_id))
        except CallFailed as failed:
            logger.warning("$connect: %s", failed)
            raise HandshakeRejected(failed.status, failed.said) from failed
        status = int(answer["statusCode"])
        if not 200 <= status < 300:
            phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else INTERNAL_ERROR
            raise HandshakeRejected(status if 400 <= status < 600 else 500, phrase)
        found = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
        chosen = found.get("sec-websocket-protocol")
        # In this case, because hypercorn rejects the lower-case name and a protocol that was not offered.
        return [(b"Sec-WebSocket-Protocol", str(chosen).encode())] if chosen else []

    async def _reject(self, send: Send, client: Client, rejected: HandshakeRejected, request_id: str) -> None:
        body = {"message": rejected.message, "connectionId": client.connection_id, "requestId": request_id}
        kind = [(b"content-type", b"application/json")]
        await send({"type": "websocket.http.response.start", "status": rejected.status, "headers": kind})
        await send({"type": "websocket.http.response.body", "body": json.dumps(body).encode()})

    async def _until_end(self, connection: Connection, receive: Receive) -> tuple[int, str]:
        reading = asyncio.create_task(self._read(connection, receive))
        deleting = asyncio.create_task(connection.deleted.wait())
        try:
            await asyncio.wait({reading, deleting}, timeout=self._max_seconds, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return reading.result()
            return (1000, "Connection Closed Normally") if deleting.done() else (_GOING_AWAY, "Going away")
        finally:
            reading.cancel()
            deleting.cancel()

    async def _read(self, connection: Connection, receive: Receive) -> tuple[int, str]:
        while True:
            left = connection.active + self._idle_seconds - time.time()
            try:
                message = await asyncio.wait_for(receive(), max(left, 0.001))
            except TimeoutError:
                if time.time() >= connection.active + self._idle_seconds:
                    return _GOING_AWAY, "Going away"
                continue
            if message["type"] == "websocket.disconnect":
                return int(message.get("code") or 1005), str(message.get("reason") or "")
            connection.active = time.time()
            working = asyncio.create_task(self._answer(connection, message.get("text") or ""))
            self._working.add(working)
            working.add_done_callback(self._working.discard)

    async def _write(self, connection: Connection, send: Send) -> None:
        while (text := await connection.outbox.get()) is not None:
            try:
                await send({"type": "websocket.send", "text": text})
            except Exception as gone:
                logger.debug("%s has gone: %s", connection.client.connection_id, gone)
                return

    async def _disconnect(self, connection: Connection, code: int, reason: str) -> None:
        route = self._route(connection.api_stage, "$disconnect")
        if route is None:
            return
        try:
            await self._call(connection.api_stage, route, connection.client.disconnect(new_id(), code, reason))
        except CallFailed as failed:
            logger.warning("$disconnect: %s", failed)

    # --- messages

    async def _answer(self, connection: Connection, text: str) -> None:
        """Send the client API Gateway's message, the route's response, or nothing."""
        request_id, api_stage = new_id(), connection.api_stage
        try:
            route_key = self._route_key(api_stage, text)
            route = self._route(api_stage, route_key) or self._route(api_stage, "$default")
            if route is None:
                said: str | None = connection.said("Forbidden", request_id)
            elif not self._gateway.admits(api_stage, route["routeKey"]):
                said = connection.said("Too Many Requests", request_id)
            else:
                event = connection.client.message(route["routeKey"], request_id, text)
                answer = await self._call(api_stage, route, event)
                said = answer.get("body") if self._has_response(api_stage, route) else None
        except CallFailed as failed:
            logger.warning("a route failed: %s", failed)
            said = connection.said(failed.said, request_id)
        except Exception:
            logger.exception("a message could not be answered")
            said = connection.said(INTERNAL_ERROR, request_id)
        if said and self._connections.has(connection) and not await connection.put(said, _INTEGRATION_SECONDS):
            logger.warning("%s has not read its answers", connection.client.connection_id)

    def _route_key(self, api_stage: ApiStage, text: str) -> str:
        expression = self._apis._apis.get_scoped(api_stage.account_id, api_stage.region, api_stage.api_id)[
            "routeSelectionExpression"
        ]
        path = re.fullmatch(r"\$\{?request\.body\.([\w.]+)\}?", expression)
        try:
            found: Any = json.loads(text)
            for name in path[1].split(".") if path else []:
                found = found[name]
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            return "$default"
        # A message cannot choose $connect or $disconnect.
        return found if isinstance(found, str) and found not in ("$connect", "$disconnect") else "$default"

    def _route(self, api_stage: ApiStage, route_key: str) -> Mapping[str, Any] | None:
        routes = self._apis._routes.get_scoped(api_stage.account_id, api_stage.region, api_stage.api_id, {})
        return next((route for route in routes.values() if route.get("routeKey") == route_key), None)

    def _has_response(self, api_stage: ApiStage, route: Mapping[str, Any]) -> bool:
        if route.get("routeResponseSelectionExpression") != "$default":
            return False
        responses = self._apis._route_responses.get_scoped(api_stage.account_id, api_stage.region, api_stage.api_id, {})
        return any(one["routeResponseKey"] == "$default" for one in responses.get(route["routeId"], {}).values())

    async def _call(self, api_stage: ApiStage, route: Mapping[str, Any], event: Mapping[str, Any]) -> Mapping[str, Any]:
        """The proxy response of a route's function, or API Gateway's own. Raises CallFailed."""
        integration_id = str(route.get("target") or "").rpartition("/")[2]
        integrations = self._apis._integrations.get_scoped(api_stage.account_id, api_stage.region, api_stage.api_id, {})
        integration = integrations.get(integration_id)
        if integration is None:
            return {"statusCode": 200}
        if integration["integrationType"] == "MOCK":
            responses = self._apis._integration_responses.get_scoped(
                api_stage.account_id, api_stage.region, api_stage.api_id, {}
            )
            return mock_answer(integration, responses.get(integration_id, {}).values())
        if integration["integrationType"] != "AWS_PROXY":
            raise CallFailed(f"integrations of type {integration['integrationType']} are not emulated")
        seconds = min(integration.get("timeoutInMillis") or _INTEGRATION_SECONDS * 1000, 29_000) / 1000
        source_arn = api_stage.arn(f"{api_stage.stage}/{route['routeKey']}")
        async with self._routes:
            uri = integration["integrationUri"]
            role = integration.get("credentialsArn")
            answer = await self._gateway.invoke(api_stage, uri, source_arn, event, seconds, role)
        if not isinstance(answer, dict) or not re.fullmatch(r"[1-5]\d\d", str(answer.get("statusCode"))):
            raise CallFailed(f"{route['routeKey']} returned no statusCode: {str(answer)[:200]}", status=502)
        body = answer.get("body")
        if not isinstance(body, str | None) or len((body or "").encode()) > MESSAGE_BYTES:
            raise CallFailed(f"{route['routeKey']} returned a body that is not text of at most 128 KB", status=502)
        return answer
