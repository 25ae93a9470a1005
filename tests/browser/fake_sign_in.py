"""An OpenID Connect provider with PKCE, and the ticket API in front of it."""

import base64
import hashlib
import json
import secrets
import time
from urllib.parse import urlencode

from aiohttp import web

TOKEN_SECONDS = 3600


class FakeSignIn:
    """Signs everybody in as Ada Lovelace."""

    def __init__(self) -> None:
        self.tokens: dict[str, float] = {}
        self.tickets: set[str] = set()
        self._challenges: dict[str, str] = {}

    def routes(self) -> list[web.RouteDef]:
        """What it serves."""
        return [
            web.get("/authorize", self._authorize),
            web.post("/token", self._token),
            web.post("/ticket", self._ticket),
        ]

    def reset(self) -> None:
        """Forgets who is signed in."""
        self.tokens.clear()
        self.tickets.clear()

    def redeem(self, offered: list[str]) -> bool:
        """Whether a ticket is among the offered subprotocols; it works once."""
        found = {part.removeprefix("relay.ticket.") for part in offered} & self.tickets
        self.tickets -= found
        return bool(found)

    async def _authorize(self, request: web.Request) -> web.Response:
        given = request.query
        if given["response_type"] != "code" or given["code_challenge_method"] != "S256":
            raise web.HTTPBadRequest
        code = secrets.token_hex(8)
        self._challenges[code] = given["code_challenge"]
        raise web.HTTPFound(f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}")

    async def _token(self, request: web.Request) -> web.Response:
        given = await request.post()
        digest = hashlib.sha256(str(given.get("code_verifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self._challenges.pop(str(given.get("code", "")), None) != challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = secrets.token_hex(16)
        self.tokens[token] = time.time() + TOKEN_SECONDS
        claims = base64.urlsafe_b64encode(json.dumps({"name": "Ada Lovelace"}).encode()).rstrip(b"=").decode()
        return web.json_response({"access_token": token, "id_token": f"e30.{claims}.none", "expires_in": TOKEN_SECONDS})

    async def _ticket(self, request: web.Request) -> web.Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0) < time.time():
            return web.json_response({"message": "Unauthorized"}, status=401)
        ticket = secrets.token_hex(16)
        self.tickets.add(ticket)
        return web.json_response({"ticket": ticket, "expires_in": 60})
