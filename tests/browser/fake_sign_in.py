"""An OpenID Connect provider with PKCE, and the ticket API in front of it, on an origin of its own as on AWS."""

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

TOKEN_SECONDS = 3600


@dataclass
class Provider:
    """How it is set up; tests change it while it runs."""

    answer: dict[str, Any] = field(default_factory=lambda: {"expires_in": TOKEN_SECONDS})
    """What comes beside the tokens."""
    access_claims: dict[str, float] | None = None
    """Makes access tokens JWTs; `iat` and `exp` are seconds from now."""
    id_claims: dict[str, float] = field(default_factory=dict)
    """The same of the id token, which is a JWT anyway."""
    offline: bool = False
    """Refresh tokens are given."""
    audience: dict[str, Any] = field(default_factory=dict)
    """Who the access tokens are for, as claims; the id token is for the page's client."""
    refusal: str = ""
    """The error with which people are sent back, and a text of somebody's."""
    busy: int = 0
    """Answers with this status instead of tokens, without a word of why."""
    away: bool = False
    """Nobody gets tokens now."""
    token_seconds: float = 0.0
    """How long it takes to give them."""
    scopes: bool = True
    """The tokens have the scopes that the ticket API wants."""
    refusals_are_read: bool = True
    """Without, pages of another origin see no answer where there is a refusal."""


class FakeSignIn:
    """Signs everybody in as Ada Lovelace."""

    def __init__(self) -> None:
        self.provider = Provider()
        self.tokens: dict[str, float] = {}
        self.refresh_tokens: set[str] = set()
        self.id_token = ""
        """The last one that was given."""
        self.ended: list[dict[str, str]] = []
        """How its own sessions were ended."""
        self.tickets: set[str] = set()
        self.seen: list[str] = []
        """What was asked of it, in order."""
        self._challenges: dict[str, str] = {}

    def routes(self) -> list[web.RouteDef]:
        """What it serves."""
        return [
            web.get("/authorize", self._authorize),
            web.post("/token", self._token),
            web.get("/logout", self._end),
            web.get("/.well-known/openid-configuration", self._discovery),
            web.post("/ticket", self._ticket),
            web.options("/ticket", self._preflight),
        ]

    def reset(self) -> None:
        """Forgets who is signed in."""
        self.provider = Provider()
        for kept in (self.tokens, self.tickets, self.seen, self.refresh_tokens, self.ended):
            kept.clear()

    def redeem(self, offered: list[str]) -> bool:
        """Whether a ticket is among the offered subprotocols; it works once."""
        found = {part.removeprefix("relay.ticket.") for part in offered} & self.tickets
        self.tickets -= found
        return bool(found)

    async def _authorize(self, request: web.Request) -> web.Response:
        given = request.query
        if given["response_type"] != "code" or given["code_challenge_method"] != "S256":
            raise web.HTTPBadRequest
        if self.provider.refusal:
            error = {"error": self.provider.refusal, "error_description": "Call 0800", "state": given["state"]}
            raise web.HTTPFound(f"{given['redirect_uri']}?{urlencode(error)}")
        code = secrets.token_hex(8)
        self._challenges[code] = given["code_challenge"]
        raise web.HTTPFound(f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}")

    async def _token(self, request: web.Request) -> web.Response:
        given = await request.post()
        grant = str(given.get("grant_type", ""))
        self.seen.append(grant)
        await asyncio.sleep(self.provider.token_seconds)
        if self.provider.away:
            raise web.HTTPServiceUnavailable
        if self.provider.busy:
            return web.Response(status=self.provider.busy)
        if not (self._renews(given) if grant == "refresh_token" else self._signs_in(given)):
            return web.json_response({"error": "invalid_grant"}, status=400)
        provider = self.provider
        jwt = provider.access_claims
        tokens = {
            "access_token": secrets.token_hex(16) if jwt is None else _jwt(jwt, **provider.audience),
            "id_token": _jwt(provider.id_claims, name="Ada Lovelace", aud="page"),
        }
        self.id_token = tokens["id_token"]
        self.tokens.update(dict.fromkeys(tokens.values(), time.time() + TOKEN_SECONDS))
        if provider.offline:
            tokens["refresh_token"] = secrets.token_hex(16)
            self.refresh_tokens.add(tokens["refresh_token"])
        return web.json_response({**tokens, **provider.answer})

    def _signs_in(self, given: Mapping[str, object]) -> bool:
        digest = hashlib.sha256(str(given.get("code_verifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return self._challenges.pop(str(given.get("code", "")), None) == challenge

    def _renews(self, given: Mapping[str, object]) -> bool:
        """Each refresh token works once, as with providers that rotate them."""
        token = str(given.get("refresh_token", ""))
        known = token in self.refresh_tokens
        self.refresh_tokens.discard(token)
        return known

    async def _end(self, request: web.Request) -> web.Response:
        self.ended.append(dict(request.query))
        raise web.HTTPFound(request.query["post_logout_redirect_uri"])

    async def _discovery(self, request: web.Request) -> web.Response:
        if self.provider.away:
            raise web.HTTPServiceUnavailable
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "end_session_endpoint": "logout"}
        return web.json_response({name: f"{request.url.origin()}/{path}" for name, path in names.items()})

    async def _ticket(self, request: web.Request) -> web.Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        allowed = {"Access-Control-Allow-Origin": request.headers.get("origin", "")}
        status = 401 if self.tokens.get(token, 0) < time.time() else 200 if self.provider.scopes else 403
        self.seen.append(f"ticket {status}")
        if status != 200:
            headers = allowed if self.provider.refusals_are_read else {}
            return web.json_response({"message": "Unauthorized"}, status=status, headers=headers)
        ticket = secrets.token_hex(16)
        self.tickets.add(ticket)
        return web.json_response({"ticket": ticket, "expires_in": 60}, headers=allowed)

    async def _preflight(self, request: web.Request) -> web.Response:
        allowed = {"Origin": request.headers.get("origin", ""), "Headers": "authorization", "Methods": "POST"}
        return web.Response(status=204, headers={f"Access-Control-Allow-{name}": of for name, of in allowed.items()})


def _jwt(times: Mapping[str, float], **claims: object) -> str:
    """A token that can be read; nobody here looks at signatures. No two are the same."""
    now = int(time.time())
    payload = {**claims, **{name: now + seconds for name, seconds in times.items()}, "jti": secrets.token_hex(8)}
    return f"e30.{base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b'=').decode()}.none"
