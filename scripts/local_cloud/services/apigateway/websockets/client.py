"""The client of a WebSocket, and the events that API Gateway sends to a route's function.

Sources of their form: "Set up a WebSocket API integration request", aws-lambda-go's APIGatewayWebsocketProxyRequest,
and recorded events (gist noid11/4aa8933d0b5cdbcc09d377c5d65d28c1). Header names have the case that browsers use;
members without a value are absent.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Pairs = Sequence[tuple[str, str]]

_HOP_BY_HOP = ("connection", "upgrade")


def new_id() -> str:
    """A new id in API Gateway's form: 16 characters of base64 that end in an equals sign."""
    return base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()


@dataclass(frozen=True)
class Handshake:
    """The HTTP request that opened a WebSocket."""

    headers: tuple[tuple[str, str], ...]
    query: tuple[tuple[str, str], ...]
    source_ip: str

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> Handshake:
        """From an ASGI scope."""
        raw = [(name.decode("latin-1").lower(), value.decode("utf-8", "replace")) for name, value in scope["headers"]]
        query = parse_qsl(scope.get("query_string", b"").decode("utf-8", "replace"), keep_blank_values=True)
        return cls(tuple(raw), tuple(query), (scope.get("client") or ("127.0.0.1", 0))[0])

    def header(self, name: str) -> str:
        """The last value of a header, or nothing."""
        return dict(self.headers).get(name, "")

    def members(self) -> dict[str, Any]:
        """Headers and query string as the event of $connect and of its authorizer carries them."""
        pairs = [(header_name(name), value) for name, value in self.headers if name not in _HOP_BY_HOP]
        pairs += [("X-Forwarded-For", self.source_ip), ("X-Forwarded-Port", "443"), ("X-Forwarded-Proto", "https")]
        found = {"headers": dict(pairs), "multiValueHeaders": listed(pairs)}
        if self.query:
            found |= {
                "queryStringParameters": dict(self.query),
                "multiValueQueryStringParameters": listed(self.query),
            }
        return found


def header_name(lower: str) -> str:
    """The usual case of a header name, which the server passes on in lower case."""
    return "-".join(part.capitalize() for part in lower.split("-")).replace("-Websocket-", "-WebSocket-")


def listed(pairs: Pairs) -> dict[str, list[str]]:
    """All values of each name."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


@dataclass
class Client:
    """The client of one connection, as events describe it."""

    api_id: str
    stage: str
    domain: str
    handshake: Handshake
    connection_id: str = field(default_factory=new_id)
    connected_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    authorizer: Mapping[str, Any] | None = None

    @property
    def identity(self) -> dict[str, str]:
        """The client's address and user agent."""
        agent = self.handshake.header("user-agent")
        return {"sourceIp": self.handshake.source_ip, **({"userAgent": agent} if agent else {})}

    def context(self, route_key: str, event_type: str, request_id: str, **more: Any) -> dict[str, Any]:
        """`requestContext` of an event."""
        now = time.time()
        context = {
            "routeKey": route_key,
            "eventType": event_type,
            "extendedRequestId": request_id,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "messageDirection": "IN",
            "stage": self.stage,
            "connectedAt": self.connected_ms,
            "requestTimeEpoch": int(now * 1000),
            "identity": self.identity,
            "requestId": request_id,
            "domainName": self.domain,
            "connectionId": self.connection_id,
            "apiId": self.api_id,
            **more,
        }
        return context if self.authorizer is None else {**context, "authorizer": dict(self.authorizer)}

    def connect(self, request_id: str) -> dict[str, Any]:
        """The event of $connect."""
        return {
            **self.handshake.members(),
            "requestContext": self.context("$connect", "CONNECT", request_id),
            "isBase64Encoded": False,
        }

    def message(self, route_key: str, request_id: str, body: str) -> dict[str, Any]:
        """The event of a message."""
        context = self.context(route_key, "MESSAGE", request_id, messageId=new_id())
        return {"requestContext": context, "body": body, "isBase64Encoded": False}

    def disconnect(self, request_id: str, code: int, reason: str) -> dict[str, Any]:
        """The event of $disconnect."""
        host = self.handshake.header("host")
        headers = [("Host", host), ("x-api-key", ""), ("X-Forwarded-For", ""), ("x-restapi", "")]
        ended = {"disconnectStatusCode": code, "disconnectReason": reason}
        return {
            "headers": dict(headers),
            "multiValueHeaders": listed(headers),
            "requestContext": self.context("$disconnect", "DISCONNECT", request_id, **ended),
            "isBase64Encoded": False,
        }
