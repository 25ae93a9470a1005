"""Open connections: whose they are, and when they end."""

import time
from dataclasses import dataclass

from websocket_gateway.connections.identity import Identity, from_json, to_json
from websocket_gateway.connections.persons import Persons
from websocket_gateway.errors import signed_out
from websocket_gateway.storage.keys import (
    REQUESTS,
    Pending,
    connection_key,
    connection_partition,
    request_key,
    request_of,
    spread,
    waiter_key,
)
from websocket_gateway.storage.table import Table

CONNECTION_SECONDS = 2 * 3600
"""API Gateway ends a connection after two hours."""
FIRST_CHECK_SECONDS, CHECK_SECONDS = 60, 600
"""How long after $connect, and how often, the sweep asks whether a connection is still there: $disconnect is best
effort, and a $connect that timed out may have stored a connection that never opened:
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html
"""


@dataclass(frozen=True)
class Connection:
    """An open connection; times are epoch seconds, `ends_at` is when its token or API Gateway ends it."""

    id: str
    identity: Identity
    connected_at: int
    ends_at: int


class Connections:
    """Connections in the table."""

    def __init__(self, table: Table, persons: Persons) -> None:
        self._table = table
        self._persons = persons

    def add(self, connection: str, identity: Identity) -> Connection:
        """Stores a new connection."""
        now = int(time.time())
        ends_at = min(now + CONNECTION_SECONDS, identity.expires_at or now + CONNECTION_SECONDS)
        attributes = {
            "identity": to_json(identity),
            "connected_at": now,
            "ends_at": ends_at,
            "pending": spread(Pending.CONNECTION, connection),
            "since": min(now + FIRST_CHECK_SECONDS, ends_at),
            "expires_at": ends_at + 3600,
        }
        self._table.put(connection_key(connection), attributes)
        return Connection(connection, identity, now, ends_at)

    def get_open(self, connection: str) -> Connection:
        """A connection that may still ask; raises ClientError."""
        item = self._table.get(connection_key(connection))
        if item is None or item["ends_at"] <= time.time():
            raise signed_out()
        return Connection(connection, from_json(item["identity"]), item["connected_at"], item["ends_at"])

    def is_open(self, connection: str) -> bool:
        """Whether a connection is stored and has not ended."""
        item = self._table.get(connection_key(connection))
        return item is not None and item["ends_at"] > time.time()

    def mark_checked(self, connection: str) -> None:
        """Notes that an open connection is still there; the sweep asks again later, and at its end."""
        item = self._table.get(connection_key(connection))
        if item is None:
            return
        due = min(int(time.time()) + CHECK_SECONDS, item["ends_at"])
        # A connection that was removed meanwhile must neither come back nor be forgotten.
        self._table.update(
            connection_key(connection),
            "SET #since = :due",
            {":due": due, ":ends": item["ends_at"]},
            condition="#ends_at = :ends",
        )

    def remove(self, connection: str) -> list[str]:
        """Removes a connection and all its waiters, and returns their questions: perhaps nobody else waits for those.

        It is ended first, so that nothing is asked on it meanwhile.
        """
        ended = self._table.update(
            connection_key(connection),
            "SET #ends_at = :never, #since = :never",
            {":never": 0},
            condition="attribute_exists(pk)",
        )
        if ended is None:
            return []
        asked = [
            (*request_of(item), item["question"])
            for item in self._table.partition(connection_partition(connection), REQUESTS)
        ]
        # The waiters first, so that a function that is killed leaves what names them.
        self._table.write_all(deletes=[waiter_key(one, connection, request, ask) for request, ask, one in asked])
        self._table.write_all(deletes=[request_key(connection, request, ask) for request, ask, _ in asked])
        self._table.delete(connection_key(connection))
        self._persons.disconnected(from_json(ended["identity"]).person, connection, ended["connected_at"])
        return [question for _, _, question in asked]
