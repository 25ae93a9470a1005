"""WebSocket APIs of API Gateway as AWS serves them: the handshake, routes, messages and ends.

One of the emulator*.py files that touch ministack's inside. What it replaces there is wrong in all of these:
`Fault:` headers that $connect answers are dropped, so that no subprotocol is selected and browsers close;
`Fault:` exception texts reach the client, and every refused handshake is a 403;
`Fault:` a returned body is sent to the client without a route response that lets it;
`Fault:` one message of a connection waits for the one before, and all connections of a function for one worker;
`Fault:` a missing $connect or $disconnect falls back to $default, and a message may choose them as its route;
`Fault:` no connection ends by itself, and $disconnect hears no code but 1006.
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

from local_cloud.services.apigateway.connections import Connection, Connections
from local_cloud.services.apigateway.gateway import INTERNAL_ERROR, CallFailed, Gateway, Place
from local_cloud.services.apigateway.websocket_events import Client, Handshake, new_id
from local_cloud.services.apigateway.websocket_frames import MESSAGE_BYTES, NOT_TEXT, TOO_BIG

logger = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_GOING_AWAY = 1001
_ROUTES_AT_ONCE = 200  # calls of route functions that have a thread each; the others wait on the event loop
_INTEGRATION_SECONDS = 29.0


class Headers(dict[str, str]):
    """A handshake's headers for ministack's authorizers, which look for lower case and hand over what was sent."""

    def __init__(self, handshake: Handshake) -> None:
        super().__init__(handshake.headers)
        self.handshake = handshake


class Refused(Exception):
    """$connect did not let the client in."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status, self.message = status, message


class WebSockets:
    """Serves the WebSocket APIs of one ministack."""

    def __init__(self, gateway: Gateway, scope: Any, *, idle_seconds: float, most_seconds: float) -> None:
        self._gateway, self._apis = gateway, gateway.apis
        self._scope = scope
        self._idle_seconds, self._most_seconds = idle_seconds, most_seconds
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
        place = self._place(api_id, path_override or scope.get("path", ""))
        domain = handshake.header("host").partition(":")[0]
        client = Client(api_id, place.stage if place else "", domain, handshake)
        if place is None:
            await self._refuse(send, client, Refused(403, "Forbidden"), new_id())
            return
        with self._scope(place.account_id, place.region):
            connection = await self._connect(place, client, send)
            if connection is None:
                return
            writing = asyncio.create_task(self._write(connection, send))
            try:
                code, reason = await self._until_end(connection, receive)
                if await connection.put(None):  # what was posted before DeleteConnection still goes out
                    await asyncio.wait({writing}, timeout=1)
            finally:
                self._connections.remove(connection)
                writing.cancel()
            with contextlib.suppress(Exception):
                await send({"type": "websocket.close", "code": code if code == _GOING_AWAY else 1000})
            await self._disconnect(connection, code, reason)
            if code in (TOO_BIG, NOT_TEXT):  # a socket closed before the client has read why would lose the reason
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(receive(), 2)

    def _place(self, api_id: str, path: str) -> Place | None:
        owner = self._apis._api_owner(api_id)
        if not owner or owner[0] != "WEBSOCKET":
            return None
        for stage in (path.strip("/").partition("/")[0], "$default"):
            place = Place(api_id, stage, owner[1], owner[2])
            if self._gateway.stage(place) is not None:
                return place
        return None

    async def _connect(self, place: Place, client: Client, send: Send) -> Connection | None:
        request_id = new_id()
        try:
            headers = await self._let_in(place, client, request_id)
        except Refused as refused:
            await self._refuse(send, client, refused, request_id)
            return None
        connection = Connection(place, client)
        self._connections.add(connection)
        await send({"type": "websocket.accept", "headers": headers})
        return connection

    async def _let_in(self, place: Place, client: Client, request_id: str) -> list[tuple[bytes, bytes]]:
        """The headers to accept with; Refused when throttling, the authorizer or $connect's function says no."""
        if not self._gateway.admits(place, "$connect"):
            raise Refused(429, "Too Many Requests")
        route = self._route(place, "$connect")
        if route is None:
            return []
        client.authorizer = await self._authorize(place, route, client, request_id)
        return await self._ask_connect(place, route, client, request_id)

    async def _authorize(
        self, place: Place, route: Mapping[str, Any], client: Client, request_id: str
    ) -> Mapping[str, Any] | None:
        kind = (route.get("authorizationType") or "NONE").upper()
        if kind == "NONE":
            return None
        if kind != "CUSTOM":
            logger.error("authorization %s of a WebSocket API is not emulated", kind)
            raise Refused(500, INTERNAL_ERROR)
        query = {name: [value] for name, value in client.handshake.query}
        context = client.context("$connect", "CONNECT", request_id)
        refusal, authorizer = await self._apis._authorize_ws_connect(
            place.api_id, route, context, Headers(client.handshake), query, place.account_id, place.region
        )
        if refusal:
            raise Refused(refusal[0], refusal[1] or INTERNAL_ERROR)
        found: Mapping[str, Any] | None = authorizer
        return found

    async def _ask_connect(
        self, place: Place, route: Mapping[str, Any], client: Client, request_id: str
    ) -> list[tuple[bytes, bytes]]:
        """The headers to accept with. Only the subprotocol gets through, whether or not it was offered."""
        try:
            answer = await self._call(place, route, client.connect(request_id))
        except CallFailed as failed:
            logger.warning("$connect: %s", failed)
            raise Refused(failed.status, failed.said) from failed
        status = int(answer["statusCode"])
        if not 200 <= status < 300:
            phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else INTERNAL_ERROR
            raise Refused(status if 400 <= status < 600 else 500, phrase)
        found = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
        chosen = found.get("sec-websocket-protocol")
        # Written in this case because hypercorn refuses the name in lower case, and a protocol that nobody offered.
        return [(b"Sec-WebSocket-Protocol", str(chosen).encode())] if chosen else []

    async def _refuse(self, send: Send, client: Client, refused: Refused, request_id: str) -> None:
        body = {"message": refused.message, "connectionId": client.connection_id, "requestId": request_id}
        kind = [(b"content-type", b"application/json")]
        await send({"type": "websocket.http.response.start", "status": refused.status, "headers": kind})
        await send({"type": "websocket.http.response.body", "body": json.dumps(body).encode()})

    async def _until_end(self, connection: Connection, receive: Receive) -> tuple[int, str]:
        reading = asyncio.create_task(self._read(connection, receive))
        deleting = asyncio.create_task(connection.deleted.wait())
        try:
            await asyncio.wait({reading, deleting}, timeout=self._most_seconds, return_when=asyncio.FIRST_COMPLETED)
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
        route = self._route(connection.place, "$disconnect")
        if route is None:
            return
        try:
            await self._call(connection.place, route, connection.client.disconnect(new_id(), code, reason))
        except CallFailed as failed:
            logger.warning("$disconnect: %s", failed)

    # --- messages

    async def _answer(self, connection: Connection, text: str) -> None:
        """What the client gets for a message: API Gateway's own message, the route's response, or nothing."""
        request_id, place = new_id(), connection.place
        try:
            route_key = self._route_key(place, text)
            route = self._route(place, route_key) or self._route(place, "$default")
            if route is None:
                said: str | None = connection.said("Forbidden", request_id)
            elif not self._gateway.admits(place, route["routeKey"]):
                said = connection.said("Too Many Requests", request_id)
            else:
                event = connection.client.message(route["routeKey"], request_id, text)
                answer = await self._call(place, route, event)
                said = answer.get("body") if self._has_response(place, route) else None
        except CallFailed as failed:
            logger.warning("a route failed: %s", failed)
            said = connection.said(failed.said, request_id)
        except Exception:
            logger.exception("a message could not be answered")
            said = connection.said(INTERNAL_ERROR, request_id)
        if said and self._connections.has(connection) and not await connection.put(said, _INTEGRATION_SECONDS):
            logger.warning("%s has not read its answers", connection.client.connection_id)

    def _route_key(self, place: Place, text: str) -> str:
        expression = self._apis._apis.get_scoped(place.account_id, place.region, place.api_id)[
            "routeSelectionExpression"
        ]
        path = re.fullmatch(r"\$\{?request\.body\.([\w.]+)\}?", expression)
        try:
            found: Any = json.loads(text)
            for name in path[1].split(".") if path else []:
                found = found[name]
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            return "$default"
        # The ends of a connection are no one's to ask for.
        return found if isinstance(found, str) and found not in ("$connect", "$disconnect") else "$default"

    def _route(self, place: Place, route_key: str) -> Mapping[str, Any] | None:
        routes = self._apis._routes.get_scoped(place.account_id, place.region, place.api_id, {})
        return next((route for route in routes.values() if route.get("routeKey") == route_key), None)

    def _has_response(self, place: Place, route: Mapping[str, Any]) -> bool:
        if route.get("routeResponseSelectionExpression") != "$default":
            return False
        responses = self._apis._route_responses.get_scoped(place.account_id, place.region, place.api_id, {})
        return any(one["routeResponseKey"] == "$default" for one in responses.get(route["routeId"], {}).values())

    async def _call(self, place: Place, route: Mapping[str, Any], event: Mapping[str, Any]) -> Mapping[str, Any]:
        """The proxy response of a route's function; CallFailed when it is none."""
        integration_id = str(route.get("target") or "").rpartition("/")[2]
        integrations = self._apis._integrations.get_scoped(place.account_id, place.region, place.api_id, {})
        integration = integrations.get(integration_id)
        if integration is None:
            return {"statusCode": 200}
        if integration["integrationType"] != "AWS_PROXY":
            raise CallFailed(f"integrations of type {integration['integrationType']} are not emulated")
        seconds = min(integration.get("timeoutInMillis") or _INTEGRATION_SECONDS * 1000, 29_000) / 1000
        source_arn = place.arn(f"{place.stage}/{route['routeKey']}")
        async with self._routes:
            uri = integration["integrationUri"]
            role = integration.get("credentialsArn")
            answer = await self._gateway.invoke(place, uri, source_arn, event, seconds, role)
        if not isinstance(answer, dict) or not re.fullmatch(r"[1-5]\d\d", str(answer.get("statusCode"))):
            raise CallFailed(f"{route['routeKey']} answered without a statusCode: {str(answer)[:200]}", status=502)
        body = answer.get("body")
        if not isinstance(body, str | None) or len((body or "").encode()) > MESSAGE_BYTES:
            raise CallFailed(f"{route['routeKey']} answered a body that is no text within 128 KB", status=502)
        return answer
