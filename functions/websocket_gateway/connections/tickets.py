"""Tickets: a browser sends its token once, over HTTPS, and gets a ticket that opens one connection within a minute.

No token is ever in a URL; the table holds only the SHA-256 of a ticket.
"""

import hashlib
import re
import secrets
import time
from typing import Any

from websocket_gateway.connections.identity import Identity, from_json, to_json
from websocket_gateway.errors import ClientError
from websocket_gateway.storage.keys import ticket_key
from websocket_gateway.storage.table import Table

LIFE_SECONDS = 60
_TICKET = re.compile(r"[0-9a-f]{32}")


class Tickets:
    """Tickets in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def issue(self, identity: Identity) -> dict[str, Any]:
        """A ticket for the bearer of a token that API Gateway has checked."""
        now = int(time.time())
        ticket = secrets.token_hex(16)
        attributes = {"identity": to_json(identity), "expires_at": now + LIFE_SECONDS}
        self._table.put(ticket_key(_digest(ticket)), attributes)
        return {"ticket": ticket, "expires_in": LIFE_SECONDS}

    def redeem(self, ticket: str) -> Identity:
        """The identity that a ticket was issued to; each ticket works once. Raises ClientError."""
        invalid = ClientError("unauthorized", "The ticket is unknown, used or expired. Request another one.")
        if not _TICKET.fullmatch(ticket):
            raise invalid
        # DynamoDB deletes expired items late, so the time is part of the condition.
        item = self._table.delete(
            ticket_key(_digest(ticket)), condition="#expires_at > :now", given={":now": int(time.time())}
        )
        if item is None:
            raise invalid
        return from_json(item["identity"])


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
