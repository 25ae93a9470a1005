"""Connections and waiters: who waits for the answer to which question."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from websocket_gateway.connections.identity import Identity, from_json, to_json
from websocket_gateway.errors import ClientError, bad_request
from websocket_gateway.protocol.responses import Ask
from websocket_gateway.questions.run import Run
from websocket_gateway.storage.table import Table

CONNECTION_SECONDS = 2 * 3600
"""API Gateway ends a connection after two hours."""
LEASE_SECONDS = 45
"""How long a deliverer may be silent before another takes over its waiters."""
RENEW_SECONDS = 15
"""The age at which a lease is renewed: no message takes as long to be sent as the lease then lasts."""
GRACE_SECONDS = 20
"""How long a new waiter is left to the function that stored it."""


@dataclass(frozen=True)
class Waiter:
    """(question, connection, request): wants an answer at data version `wanted` or newer, of attempt `least` or later.

    `delivered` is the version that a live waiter has, -1 before the first. `connected_at` and `ends_at` are in epoch
    seconds, `asked_at` in milliseconds, so that it can be told from the end of a quick run.
    """

    question: str
    connection: str
    request: str
    query: str
    live: bool
    wanted: int
    least: int
    delivered: int
    connected_at: int
    ends_at: int
    asked_at: int
    resume_run: str
    resume_row: int

    def takes(self, run: Run) -> bool:
        """Whether the answer of a run is one for this waiter."""
        return self.wanted <= run.version and self.least <= run.attempt and self.delivered < run.version


@dataclass(frozen=True)
class Connection:
    """An open connection; times are epoch seconds, `ends_at` is when its token or API Gateway ends it."""

    id: str
    identity: Identity
    connected_at: int
    ends_at: int


class Waiters:
    """Connections and waiters in the table."""

    def __init__(self, table: Table, max_open: int) -> None:
        self._table = table
        self._max_open = max_open

    def connect(self, connection: str, identity: Identity) -> Connection:
        """Stores a connection."""
        now = int(time.time())
        ends_at = min(now + CONNECTION_SECONDS, identity.expires_at or now + CONNECTION_SECONDS)
        attributes = {
            "identity": to_json(identity),
            "connected_at": now,
            "ends_at": ends_at,
            "open": 0,
            "pending": "connection",
            "since": ends_at,
            "expires_at": ends_at + 3600,
        }
        self._table.put(f"C#{connection}", "META", attributes)
        return Connection(connection, identity, now, ends_at)

    def connection(self, connection: str) -> Connection:
        """A connection that may still ask; raises ClientError."""
        item = self._table.get(f"C#{connection}", "META")
        if item is None or item["ends_at"] <= time.time():
            raise ClientError("signed_out", "the connection has ended with its sign-in; connect again")
        return Connection(connection, from_json(item["identity"]), item["connected_at"], item["ends_at"])

    def is_open(self, connection: str) -> bool:
        """Whether a connection is stored and has not ended."""
        item = self._table.get(f"C#{connection}", "META")
        return item is not None and item["ends_at"] > time.time()

    def add(self, connection: Connection, ask: Ask, question: str, wanted: int, least: int) -> None:
        """Stores a waiter, both of its items and the count in one transaction; raises ClientError.

        A request that is asked again with the same question starts over.
        """
        now = int(time.time())
        expires_at = connection.ends_at + 3600
        waiter = {
            "query": ask.query,
            "wanted": wanted,
            "least": least,
            "delivered": -1,
            "lease": 0,
            "connected_at": connection.connected_at,
            "ends_at": connection.ends_at,
            "asked_at": time.time_ns() // 1_000_000,
            "resume_run": ask.resume.run if ask.resume else "",
            "resume_row": ask.resume.row if ask.resume else 0,
            "pending": "waiter",
            "since": now + GRACE_SECONDS,
            "expires_at": expires_at,
        } | ({"live": "yes"} if ask.live else {})
        # Put whole, a waiter that starts over belongs to no deliverer any more.
        put = self._table.put_write(f"Q#{question}", f"W#{connection.id}#{ask.id}", waiter)
        request = {"question": question, "expires_at": expires_at}
        while self._table.transact(
            put,
            self._table.put_write(f"C#{connection.id}", f"R#{ask.id}", request, "attribute_not_exists(pk)"),
            self._count(connection.id, 1, {":most": self._max_open, ":now": now}, "#ends_at > :now AND #open < :most"),
        ):
            self.connection(connection.id)
            asked = self.request(connection.id, ask.id)
            if asked is None and self._full(connection.id):
                raise ClientError(
                    "too_many_requests", f"a connection may have {self._max_open} open requests; cancel one"
                )
            if asked is not None and asked != question:
                raise bad_request(f"id: {ask.id} is open already, with another question")
            if asked is not None and not self._table.transact(
                put,
                self._table.put_write(
                    f"C#{connection.id}", f"R#{ask.id}", request, "#question = :question", {":question": question}
                ),
                self._count(connection.id, 0, {":now": now}, "#ends_at > :now"),
            ):
                return

    def _full(self, connection: str) -> bool:
        item = self._table.get(f"C#{connection}", "META")
        return item is not None and item["open"] >= self._max_open

    def of(self, question: str) -> Iterator[Waiter]:
        """All waiters of a question, as of now (the base table: an index may lag behind)."""
        for item in self._table.partition(f"Q#{question}", "W#"):
            yield _waiter(question, item)

    def lease(self, waiter: Waiter, run: Run, owner: str) -> Waiter | None:
        """Takes the right to deliver a run to a waiter; None if it has it, is gone, or another delivers."""
        now = int(time.time())
        item = self._table.update(
            f"Q#{waiter.question}",
            f"W#{waiter.connection}#{waiter.request}",
            "SET #lease = :until, #owner = :owner, #pending = :pending, #since = :until",
            {
                ":until": now + LEASE_SECONDS,
                ":owner": owner,
                ":pending": "waiter",
                ":now": now,
                ":version": run.version,
                ":attempt": run.attempt,
            },
            # Whose it is already, asks again: the answer to a lease may have been lost.
            condition="#wanted <= :version AND #least <= :attempt AND #delivered < :version"
            " AND (#lease < :now OR #owner = :owner)",
        )
        return _waiter(waiter.question, item) if item else None

    def renew(self, waiter: Waiter, owner: str, run: str, row: int) -> bool:
        """Keeps a lease while rows are on their way, and how far they are.

        False if the waiter is gone, has started over, or is another's.
        """
        return self._keep(waiter, owner, run, row, LEASE_SECONDS)

    def put_aside(self, waiter: Waiter, owner: str, run: str, row: int, seconds: int) -> None:
        """Gives a waiter back: whoever takes it up, in `seconds` or later, goes on from `row`."""
        self._keep(waiter, owner, run, row, seconds)

    def _keep(self, waiter: Waiter, owner: str, run: str, row: int, seconds: int) -> bool:
        now = int(time.time())
        item = self._table.update(
            f"Q#{waiter.question}",
            f"W#{waiter.connection}#{waiter.request}",
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

    def holds(self, waiter: Waiter, owner: str) -> bool:
        """Whether a waiter is still this deliverer's."""
        item = self._table.get(f"Q#{waiter.question}", f"W#{waiter.connection}#{waiter.request}")
        return item is not None and item.get("owner") == owner

    def delivered(self, waiter: Waiter, version: int, owner: str) -> None:
        """A live waiter has a version and waits for the next; another is done. Older never overwrites newer."""
        if not waiter.live:
            self.remove(waiter.connection, waiter.request, waiter.question, owner)
            return
        self._table.update(
            f"Q#{waiter.question}",
            f"W#{waiter.connection}#{waiter.request}",
            "SET #delivered = :version, #lease = :free, #resume_run = :none, #resume_row = :free"
            " REMOVE #pending, #since, #owner",
            {":version": version, ":free": 0, ":none": "", ":owner": owner},
            condition="#owner = :owner",
        )

    def request(self, connection: str, request: str) -> str | None:
        """The question that a request asked, while it is open."""
        item = self._table.get(f"C#{connection}", f"R#{request}")
        return str(item["question"]) if item else None

    def remove(self, connection: str, request: str, question: str, owner: str | None = None) -> None:
        """Forgets a waiter and counts it out, once; with `owner`, only if it is still that deliverer's."""
        # Without an owner it is the client who cancels, whoever delivers.
        condition, given = ("#owner = :owner", {":owner": owner}) if owner else ("attribute_exists(pk)", {})
        waiter = self._table.delete_write(f"Q#{question}", f"W#{connection}#{request}", condition, given)
        asked = self._table.delete_write(
            f"C#{connection}", f"R#{request}", "#question = :question", {":question": question}
        )
        held = self._table.transact(waiter, asked, self._count(connection, -1, {}, "attribute_exists(pk)"))
        if held and held[0]:
            # TTL has taken the request or its connection first.
            self._table.transact(waiter)

    def disconnect(self, connection: str) -> None:
        """Forgets a connection and all its waiters. It ends first, so that nothing is asked on it meanwhile."""
        ended = self._table.update(
            f"C#{connection}",
            "META",
            "SET #ends_at = :never, #since = :never",
            {":never": 0},
            condition="attribute_exists(pk)",
        )
        if ended is None:
            return
        for item in self._table.partition(f"C#{connection}", "R#"):
            request = item["sk"].removeprefix("R#")
            self._table.delete(f"Q#{item['question']}", f"W#{connection}#{request}")
            self._table.delete(f"C#{connection}", item["sk"])
        self._table.delete(f"C#{connection}", "META")

    def forget(self, waiter: Waiter) -> None:
        """Forgets a waiter whose connection is gone, and the connection."""
        self.disconnect(waiter.connection)
        self.remove(waiter.connection, waiter.request, waiter.question)

    def _count(self, connection: str, by: int, given: Mapping[str, Any], condition: str) -> Mapping[str, Any]:
        return self._table.update_write(
            f"C#{connection}", "META", "ADD #open :by", {":by": by, **given}, condition=condition
        )


def _waiter(question: str, item: Mapping[str, Any]) -> Waiter:
    _, connection, request = item["sk"].split("#", 2)
    return Waiter(
        question=question,
        connection=connection,
        request=request,
        query=item["query"],
        live=item.get("live") == "yes",
        wanted=item["wanted"],
        least=item["least"],
        delivered=item["delivered"],
        connected_at=item["connected_at"],
        ends_at=item["ends_at"],
        asked_at=item["asked_at"],
        resume_run=item["resume_run"],
        resume_row=item["resume_row"],
    )
