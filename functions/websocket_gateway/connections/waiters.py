"""Waiters: which connection waits for the answer to which question, and which deliverer has a lease on it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from websocket_gateway.connections.connections import Connection, Connections
from websocket_gateway.errors import ClientError, bad_request
from websocket_gateway.protocol.requests import Ask
from websocket_gateway.questions.run import Run
from websocket_gateway.storage.keys import (
    LIVE,
    WAITERS,
    Key,
    Pending,
    question_partition,
    request_key,
    waiter_key,
    waiter_of,
)
from websocket_gateway.storage.table import Table

LEASE_SECONDS = 45
"""How long a deliverer may be silent before another takes over its waiters."""
RENEW_SECONDS = 15
"""The age at which a lease is renewed: no message takes as long to be sent as the lease then lasts."""
GRACE_SECONDS = 20
"""How long the sweep leaves a new waiter to the function that stored it."""


@dataclass(frozen=True)
class Waiter:
    """(question, connection, request): needs an answer of at least data version `min_version` and `min_attempt`.

    `delivered` is the version that a live waiter has, -1 before the first. `connected_at` and `ends_at` are in epoch
    seconds, `asked_at` in milliseconds, so that it can be told from the end of a quick run.
    """

    question: str
    connection: str
    request: str
    query: str
    live: bool
    min_version: int
    min_attempt: int
    delivered: int
    connected_at: int
    ends_at: int
    asked_at: int
    resume_run: str
    resume_row: int

    @property
    def key(self) -> Key:
        """The key of its item."""
        return waiter_key(self.question, self.connection, self.request)

    def is_answered_by(self, run: Run) -> bool:
        """Whether this waiter still needs an answer and a run's answer will do."""
        return self.min_version <= run.version and self.min_attempt <= run.attempt and self.delivered < run.version


class Waiters:
    """Waiters in the table."""

    def __init__(self, table: Table, connections: Connections, max_open: int) -> None:
        self._table = table
        self._connections = connections
        self._max_open = max_open

    def add(self, connection: Connection, ask: Ask, question: str, min_version: int, min_attempt: int) -> None:
        """Stores a waiter, both of its items and the count in one transaction; raises ClientError.

        A request that asks the same question again starts over.
        """
        now = int(time.time())
        expires_at = connection.ends_at + 3600
        waiter = {
            "query": ask.query,
            "min_version": min_version,
            "min_attempt": min_attempt,
            "delivered": -1,
            "lease": 0,
            "connected_at": connection.connected_at,
            "ends_at": connection.ends_at,
            "asked_at": time.time_ns() // 1_000_000,
            "resume_run": ask.resume.run if ask.resume else "",
            "resume_row": ask.resume.row if ask.resume else 0,
            "pending": Pending.WAITER,
            "since": now + GRACE_SECONDS,
            "expires_at": expires_at,
        } | ({"live": LIVE} if ask.live else {})
        # Put as a whole, so that a waiter that starts over has no owner any more.
        put = self._table.put_write(waiter_key(question, connection.id, ask.id), waiter)
        key, request = request_key(connection.id, ask.id), {"question": question, "expires_at": expires_at}
        while self._table.transact(
            put,
            self._table.put_write(key, request, "attribute_not_exists(pk)"),
            self._connections.count_write(
                connection.id, 1, {":max": self._max_open, ":now": now}, "#ends_at > :now AND #open < :max"
            ),
        ):
            self._connections.get_open(connection.id)
            asked = self.question_of_request(connection.id, ask.id)
            if asked is None and self._connections.has_open_requests(connection.id, self._max_open):
                raise ClientError(
                    "too_many_requests",
                    f"A connection can have at most {self._max_open} open requests. Cancel one first.",
                )
            if asked is not None and asked != question:
                raise bad_request(f"id: request {ask.id} is already open with another question. Use another id.")
            if asked is not None and not self._table.transact(
                put,
                self._table.put_write(key, request, "#question = :question", {":question": question}),
                self._connections.count_write(connection.id, 0, {":now": now}, "#ends_at > :now"),
            ):
                return

    def of(self, question: str) -> Iterator[Waiter]:
        """All waiters of a question, by consistent reads of the base table: an index may lag behind."""
        for item in self._table.partition(question_partition(question), WAITERS):
            yield _waiter(question, item)

    def has_any(self, question: str) -> bool:
        """Whether anybody waits for a question."""
        return self._table.has_any(question_partition(question), WAITERS)

    def question_of_request(self, connection: str, request: str) -> str | None:
        """The question that a request asked, while the request is open."""
        item = self._table.get(request_key(connection, request))
        return str(item["question"]) if item else None

    def lease(self, waiter: Waiter, run: Run, owner: str) -> Waiter | None:
        """Leases a waiter to deliver a run to it; None if it has that run, is gone, or is leased already."""
        now = int(time.time())
        item = self._table.update(
            waiter.key,
            "SET #lease = :until, #owner = :owner, #pending = :pending, #since = :until",
            {
                ":until": now + LEASE_SECONDS,
                ":owner": owner,
                ":pending": Pending.WAITER,
                ":now": now,
                ":version": run.version,
                ":attempt": run.attempt,
            },
            # The owner itself may ask again: the response to its first call may have been lost.
            condition="#min_version <= :version AND #min_attempt <= :attempt AND #delivered < :version"
            " AND (#lease < :now OR #owner = :owner)",
        )
        return _waiter(waiter.question, item) if item else None

    def renew(self, waiter: Waiter, owner: str, run: str, row: int) -> bool:
        """Extends a lease and stores how far the rows are; False if the waiter is gone, has started over, or has
        another owner."""
        return self._set_lease(waiter, owner, run, row, LEASE_SECONDS)

    def release(self, waiter: Waiter, owner: str, run: str, row: int, delay_seconds: int) -> None:
        """Ends a lease, in `delay_seconds`; the next deliverer goes on from `row`."""
        self._set_lease(waiter, owner, run, row, delay_seconds)

    def _set_lease(self, waiter: Waiter, owner: str, run: str, row: int, seconds: int) -> bool:
        now = int(time.time())
        item = self._table.update(
            waiter.key,
            "SET #lease = :lease, #since = :due, #resume_run = :run, #resume_row = :row",
            {
                ":lease": now + seconds if seconds else 0,
                ":due": now + seconds,
                ":run": run,
                ":row": row,
                ":owner": owner,
            },
            condition="#owner = :owner",
        )
        return item is not None

    def is_owned(self, waiter: Waiter, owner: str) -> bool:
        """Whether a waiter still belongs to this deliverer."""
        item = self._table.get(waiter.key)
        return item is not None and item.get("owner") == owner

    def mark_delivered(self, waiter: Waiter, version: int, owner: str) -> None:
        """Notes the version that a live waiter has, and removes any other waiter. Older never overwrites newer."""
        if not waiter.live:
            self.remove(waiter.connection, waiter.request, waiter.question, owner)
            return
        self._table.update(
            waiter.key,
            "SET #delivered = :version, #lease = :free, #resume_run = :none, #resume_row = :free"
            " REMOVE #pending, #since, #owner",
            {":version": version, ":free": 0, ":none": "", ":owner": owner},
            condition="#owner = :owner",
        )

    def remove(self, connection: str, request: str, question: str, owner: str | None = None) -> None:
        """Removes a waiter and its request, once; with `owner`, only if the waiter still belongs to that deliverer."""
        # Without an owner, the client cancels, whoever delivers.
        condition, given = ("#owner = :owner", {":owner": owner}) if owner else ("attribute_exists(pk)", {})
        waiter = self._table.delete_write(waiter_key(question, connection, request), condition, given)
        asked = self._table.delete_write(
            request_key(connection, request), "#question = :question", {":question": question}
        )
        count = self._connections.count_write(connection, -1, {}, "attribute_exists(pk)")
        conditions = self._table.transact(waiter, asked, count)
        if conditions and conditions[0]:
            # TTL has deleted the request or its connection first.
            self._table.transact(waiter)

    def remove_gone(self, waiter: Waiter) -> None:
        """Removes a waiter whose connection is gone, and the connection."""
        self._connections.remove(waiter.connection)
        self.remove(waiter.connection, waiter.request, waiter.question)


def _waiter(question: str, item: Mapping[str, Any]) -> Waiter:
    connection, request = waiter_of(item)
    return Waiter(
        question=question,
        connection=connection,
        request=request,
        query=item["query"],
        live=item.get("live") == LIVE,
        min_version=item["min_version"],
        min_attempt=item["min_attempt"],
        delivered=item["delivered"],
        connected_at=item["connected_at"],
        ends_at=item["ends_at"],
        asked_at=item["asked_at"],
        resume_run=item["resume_run"],
        resume_row=item["resume_row"],
    )
