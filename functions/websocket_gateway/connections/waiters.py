"""Waiters: which connection waits for the answer to which question, and which of them are served one by one.

modules/websocket_gateway/README.md lists the states of a waiter.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from websocket_gateway.connections.connections import Connection, Connections
from websocket_gateway.connections.waiter import Waiter, waiter_from
from websocket_gateway.errors import ClientError, bad_request, signed_out
from websocket_gateway.protocol.requests import Ask
from websocket_gateway.questions.run import Run
from websocket_gateway.storage.keys import (
    LIVE,
    META,
    REQUESTS,
    WAITERS,
    Key,
    Pending,
    connection_partition,
    new_ask,
    question_partition,
    request_key,
    request_of,
    spread,
    waiter_key,
)
from websocket_gateway.storage.table import Table

LEASE_SECONDS = 45
"""How long a deliverer may be silent before another takes over what it has leased."""
RENEW_SECONDS = 15
"""The age at which a lease is renewed: no message takes as long to be sent as the lease then lasts."""
GRACE_SECONDS = 20
"""How long the sweep leaves a new waiter to the function that stored it."""


class Waiters:
    """Waiters in the table."""

    def __init__(self, table: Table, connections: Connections, max_open: int) -> None:
        self._table = table
        self._connections = connections
        self._max_open = max_open

    def add(
        self, connection: Connection, ask: Ask, question: str, min_version: int, min_attempt: int, own: int | None
    ) -> Waiter:
        """Stores a waiter and its request; raises ClientError.

        A request that asks the same question again starts over. The connection and its requests are read after the
        write, so that of two functions at once the later one sees the other.
        """
        now = int(time.time())
        waiter = Waiter(
            question=question,
            connection=connection.id,
            request=ask.id,
            ask=new_ask(),
            live=ask.live,
            min_version=min_version,
            min_attempt=min_attempt,
            own=own,
            delivered=-1,
            connected_at=connection.connected_at,
            ends_at=connection.ends_at,
            asked_at=time.time_ns() // 1_000_000,
            resume_run=ask.resume.run if ask.resume else "",
            resume_row=ask.resume.row if ask.resume else 0,
        )
        try:
            while True:
                self._put(waiter, now)
                # Of two asks at once the later one stays.
                *ended, latest = self._asks(waiter)
                self._remove(waiter.connection, [(waiter.request, one, question) for one in ended])
                if latest == waiter.ask:
                    return waiter
                waiter = replace(waiter, ask=new_ask(after=latest))
        except ClientError:
            self.remove([waiter])
            raise

    def _put(self, waiter: Waiter, now: int) -> None:
        key, asked = waiter.keys
        expires_at = waiter.ends_at + 3600
        attributes = {
            "min_version": waiter.min_version,
            "min_attempt": waiter.min_attempt,
            "own": waiter.own,
            "delivered": waiter.delivered,
            "lease": 0,
            "connected_at": waiter.connected_at,
            "ends_at": waiter.ends_at,
            "asked_at": waiter.asked_at,
            "resume_run": waiter.resume_run,
            "resume_row": waiter.resume_row,
            "pending": spread(Pending.WAITER, key.sk),
            "since": now + GRACE_SECONDS,
            "expires_at": expires_at,
            "live": spread(LIVE, waiter.question) if waiter.live else None,
        }
        self._table.write_all([(asked, {"question": waiter.question, "expires_at": expires_at}), (key, attributes)])

    def _asks(self, waiter: Waiter) -> list[str]:
        """The asks of a waiter's request, earliest first. Raises ClientError if the connection has ended, has too many
        requests, or has this one open with another question."""
        is_open = False
        requests: dict[str, list[tuple[str, str]]] = {}
        for item in self._table.partition(connection_partition(waiter.connection)):
            if item["sk"] == META:
                is_open = item["ends_at"] > time.time()
            elif item["sk"].startswith(REQUESTS):
                request, ask = request_of(item)
                requests.setdefault(request, []).append((ask, item["question"]))
        if not is_open:
            raise signed_out()
        others = [(ask, question) for ask, question in requests.get(waiter.request, []) if ask != waiter.ask]
        if any(question != waiter.question for _, question in others):
            raise bad_request(f"id: request {waiter.request} is already open with another question. Use another id.")
        if len(requests) > self._max_open:
            raise ClientError(
                "too_many_requests",
                f"A connection can have at most {self._max_open} open requests. Cancel one first.",
            )
        return sorted([*(ask for ask, _ in others), waiter.ask])

    def of(self, question: str) -> Iterator[Waiter]:
        """All waiters of a question, by consistent reads of the base table: an index may lag behind."""
        for item in self._table.partition(question_partition(question), WAITERS):
            yield waiter_from(question, item)

    def some(self, question: str, after: str, limit: int) -> list[Waiter]:
        """Up to `limit` waiters of a question, in the order of their sort keys, those after a sort key."""
        found = self._table.some(question_partition(question), WAITERS, after=after, limit=limit)
        return [waiter_from(question, item) for item in found]

    def get(self, question: str, sort_key: str) -> Waiter | None:
        """A waiter by its sort key, while it waits."""
        item = self._table.get(Key(question_partition(question), sort_key))
        return waiter_from(question, item) if item else None

    def has_any(self, question: str) -> bool:
        """Whether anybody waits for a question."""
        return self._table.has_any(question_partition(question), WAITERS)

    def cancel(self, connection: str, request: str) -> list[str]:
        """Removes the waiters of a request and returns their questions; none if the request is not open."""
        asked = [
            (*request_of(item), str(item["question"]))
            for item in self._table.partition(connection_partition(connection), f"{REQUESTS}{request}#")
        ]
        self._remove(connection, asked)
        return [question for _, _, question in asked]

    def confirm(self, waiter: Waiter) -> None:
        """Notes that a pass will cover a waiter, or that it has the latest answer: the sweep need not look."""
        self._table.update(
            waiter.key,
            "REMOVE #pending, #since",
            {},
            condition="attribute_exists(pk) AND attribute_not_exists(#own)",
        )

    def set_aside(self, waiter: Waiter, run: Run, row: int, delay_seconds: int) -> None:
        """Takes a waiter out of passes: it has the rows of `run` before `row`, and is served by itself from now on."""
        now = int(time.time())
        self._table.update(
            waiter.key,
            "SET #own = :own, #resume_run = :run, #resume_row = :row, #lease = :due,"
            " #pending = :pending, #since = :due",
            {
                ":own": run.attempt,
                ":run": run.id,
                ":row": row,
                ":pending": spread(Pending.WAITER, waiter.key.sk),
                ":due": now + delay_seconds,
                ":version": run.version,
            },
            # Not one that was cancelled, nor one that has got something newer by itself.
            condition="#delivered < :version",
        )

    def lease(self, waiter: Waiter, run: Run, owner: str) -> Waiter | None:
        """Leases a waiter, to serve it by itself; None if it has that run's version, is gone, or is leased already."""
        now = int(time.time())
        item = self._table.update(
            waiter.key,
            "SET #own = :attempt, #lease = :until, #owner = :owner, #pending = :pending, #since = :until",
            {
                ":until": now + LEASE_SECONDS,
                ":owner": owner,
                ":pending": spread(Pending.WAITER, waiter.key.sk),
                ":now": now,
                ":version": run.version,
                ":attempt": run.attempt,
            },
            # The owner itself may ask again: the response to its first call may have been lost.
            condition="#delivered < :version AND (#lease <= :now OR #owner = :owner)",
        )
        return waiter_from(waiter.question, item) if item else None

    def renew(self, waiter: Waiter, owner: str, run: str, row: int) -> bool:
        """Extends a lease and stores how far the rows are; False if the waiter is gone or has another owner."""
        return self._set_lease(waiter, owner, run, row, LEASE_SECONDS)

    def release(self, waiter: Waiter, owner: str, run: str, row: int, delay_seconds: int) -> None:
        """Ends a lease, in `delay_seconds`; the next deliverer goes on from `row`."""
        self._set_lease(waiter, owner, run, row, delay_seconds)

    def _set_lease(self, waiter: Waiter, owner: str, run: str, row: int, seconds: int) -> bool:
        now = int(time.time())
        item = self._table.update(
            waiter.key,
            "SET #lease = :due, #since = :due, #resume_run = :run, #resume_row = :row",
            {":due": now + seconds, ":run": run, ":row": row, ":owner": owner},
            condition="#owner = :owner",
        )
        return item is not None

    def is_owned(self, waiter: Waiter, owner: str) -> bool:
        """Whether a waiter still belongs to this deliverer."""
        item = self._table.get(waiter.key)
        return item is not None and item.get("owner") == owner

    def mark_delivered(self, waiter: Waiter, version: int, owner: str) -> None:
        """Notes the version that a live waiter has; passes cover it again. The sweep looks once more, unless the
        deliverer confirms that no newer answer has come meanwhile. Removes any other waiter."""
        if not waiter.live:
            self.remove([waiter])
            return
        self._table.update(
            waiter.key,
            "SET #delivered = :version, #lease = :free, #resume_run = :none, #resume_row = :free REMOVE #own, #owner",
            {":version": version, ":free": 0, ":none": "", ":owner": owner},
            condition="#owner = :owner",
        )

    def leave_to_pass(self, waiter: Waiter) -> None:
        """Lets passes cover a waiter again that nobody is serving."""
        self._table.update(
            waiter.key,
            "SET #lease = :free REMOVE #own, #owner",
            {":free": 0, ":now": int(time.time())},
            condition="#lease <= :now",
        )

    def remove(self, waiters: Iterable[Waiter]) -> None:
        """Removes waiters and their requests, once or again."""
        self._table.write_all(deletes=[key for waiter in waiters for key in waiter.keys])

    def _remove(self, connection: str, asked: Iterable[tuple[str, str, str]]) -> None:
        keys = [
            key
            for request, ask, question in asked
            for key in (waiter_key(question, connection, request, ask), request_key(connection, request, ask))
        ]
        self._table.write_all(deletes=keys)

    def remove_gone(self, waiter: Waiter) -> None:
        """Removes a waiter whose connection is gone, and the connection."""
        self._connections.remove(waiter.connection)
        self.remove([waiter])
