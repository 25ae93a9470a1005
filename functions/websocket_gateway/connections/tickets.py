"""Tickets: a browser shows its token once, over HTTPS, and gets a ticket that opens one connection within a minute.

No token is ever in a URL; the table holds only the SHA-256 of a ticket.
"""

import hashlib
import re
import secrets
import time
from typing import Any

from websocket_gateway.connections.identity import Identity, from_json, to_json
from websocket_gateway.errors import ClientError
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
        self._table.put(
            f"T#{_digest(ticket)}", "META", {"identity": to_json(identity), "expires_at": now + LIFE_SECONDS}
        )
        return {"ticket": ticket, "expires_in": LIFE_SECONDS}

    def redeem(self, ticket: str) -> Identity:
        """Whom a ticket was issued to; it works once. Raises ClientError."""
        refused = ClientError("unauthorized", "the ticket is unknown, used or expired; get another one")
        if not _TICKET.fullmatch(ticket):
            raise refused
        # DynamoDB deletes expired items late, so the time is part of the condition.
        item = self._table.delete(
            f"T#{_digest(ticket)}", "META", condition="#expires_at > :now", given={":now": int(time.time())}
        )
        if item is None:
            raise refused
        return from_json(item["identity"])


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
