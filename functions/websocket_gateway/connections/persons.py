"""What one person may use: connections at the same time, and new statements a minute. Bounds lock out nobody else."""

import time

from websocket_gateway.errors import ClientError
from websocket_gateway.storage.keys import person_key
from websocket_gateway.storage.table import Table

KEEP_SECONDS = 3 * 3600
"""Longer than any connection lives."""


class Persons:
    """Persons in the table; None: no bound. An empty person is nobody in particular, and has no bounds."""

    def __init__(self, table: Table, max_connections: int | None, max_starts: int | None) -> None:
        self._table = table
        self._max_connections = max_connections
        self._max_starts = max_starts

    def connected(self, person: str, connection: str) -> list[str]:
        """Counts a new connection; returns the oldest ones that are too many by now, which the caller closes."""
        if not person or self._max_connections is None:
            return []
        now = int(time.time())
        item = self._table.upsert(
            person_key(person),
            "SET #expires_at = :expires ADD #connections :one",
            {":one": {f"{now:012}/{connection}"}, ":expires": now + KEEP_SECONDS},
        )
        many = sorted(item["connections"])[: -self._max_connections]
        if many:
            self._table.upsert(person_key(person), "DELETE #connections :many", {":many": set(many)})
        return [one.partition("/")[2] for one in many]

    def disconnected(self, person: str, connection: str, connected_at: int) -> None:
        """Counts a connection no longer, once or again."""
        if person and self._max_connections is not None:
            one = {f"{connected_at:012}/{connection}"}
            self._table.update(
                person_key(person), "DELETE #connections :one", {":one": one}, condition="attribute_exists(pk)"
            )

    def charge(self, person: str) -> None:
        """Counts a statement that a person is about to start; raises ClientError if they have started too many within
        this minute."""
        if not person or self._max_starts is None:
            return
        key, minute = person_key(person), int(time.time()) // 60
        given = {":one": 1, ":minute": minute}
        more = self._table.update(
            key,
            "ADD #starts :one",
            {**given, ":max": self._max_starts},
            condition="#minute = :minute AND #starts < :max",
        )
        if more is None and not self._table.update(
            key,
            "SET #minute = :minute, #starts = :one, #expires_at = :expires",
            {**given, ":expires": int(time.time()) + KEEP_SECONDS},
            condition="attribute_not_exists(#minute) OR #minute < :minute",
        ):
            raise ClientError(
                "too_many_starts",
                f"You can start at most {self._max_starts} queries a minute. Ask again in a minute.",
            )

    def refund(self, person: str) -> None:
        """Takes a charge back: somebody else has started the statement."""
        if person and self._max_starts is not None:
            given = {":less": -1, ":minute": int(time.time()) // 60}
            self._table.update(person_key(person), "ADD #starts :less", given, condition="#minute = :minute")
