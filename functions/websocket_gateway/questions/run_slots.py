"""Slots: every run in flight holds one, so that readers leave statements of the account's quota to the loads.

Redshift counts active statements per account and Region; above the quota ExecuteStatement raises
ActiveStatementsExceededException, for loads too. Reports name 500, older documentation 200:
https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html

All slots are one set in one item: taking and releasing one twice changes nothing, and what a killed function left is
found by comparing the set with the runs.
"""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass

from websocket_gateway.errors import ClientError
from websocket_gateway.storage.keys import RUN_SLOTS
from websocket_gateway.storage.table import Table

QUESTION, STATEMENT = "question", "statement"
"""Kinds of slots: of a question's run, and of a statement that outlives its run because it could not be cancelled."""
CLAIM_SECONDS = 60
"""How long a function may take from its slot to its run; after that the sweep releases the slot."""


@dataclass(frozen=True)
class Slot:
    """A slot; `subject` is the question or the statement.

    `person` is whose request started the run; empty for a run that nobody in particular asked for.
    """

    text: str
    kind: str
    subject: str
    person: str
    taken_at: int

    @classmethod
    def parse(cls, text: str) -> "Slot":
        """The slot that the table stores as this text."""
        kind, subject, person, taken_at, _ = text.split("/")
        return cls(text, kind, subject, person, int(taken_at))


class RunSlots:
    """The slots in the table: at most `max_running`, and at most `max_per_person` of one person (None: no limit)."""

    def __init__(self, table: Table, max_running: int, max_per_person: int | None) -> None:
        self._table = table
        self._max_running = max_running
        self._max_per_person = max_per_person

    def all(self) -> list[Slot]:
        """The slots that are taken, by a consistent read."""
        item = self._table.get(RUN_SLOTS)
        return [Slot.parse(text) for text in sorted(item.get("slots", ()))] if item else []

    def check(self, person: str) -> None:
        """Raises ClientError if no slot is free for a person: cheaper than to take one and to be refused."""
        slots = self.all()
        if len(slots) >= self._max_running:
            raise _busy()
        if self._exceeds(_held(slots, person) + 1, person):
            raise _too_many(self._max_per_person)

    def take(self, question: str, person: str) -> str:
        """Takes a slot for a run of a question; raises ClientError if none is free."""
        slot = _new(QUESTION, question, person)
        item = self._table.update(
            RUN_SLOTS,
            "ADD #slots :slot",
            {":slot": {slot}, ":max": self._max_running},
            condition="attribute_not_exists(#slots) OR size(#slots) < :max",
        )
        if item is None:
            raise _busy()
        # Counted after it was taken, so that of two at once the later one sees the other.
        if self._exceeds(_held(map(Slot.parse, item["slots"]), person), person):
            self.release(slot)
            raise _too_many(self._max_per_person)
        return slot

    def release(self, slot: str) -> None:
        """Releases a slot, once or again."""
        self._table.upsert(RUN_SLOTS, "DELETE #slots :slot", {":slot": {slot}})

    def keep_for_statement(self, slot: str, statement: str) -> None:
        """Holds the slot of a run that ended although its statement still runs, until the sweep sees the end of it."""
        self._table.upsert(RUN_SLOTS, "ADD #slots :slot", {":slot": {_new(STATEMENT, statement, "")}})
        if slot:
            self.release(slot)

    def _exceeds(self, held: int, person: str) -> bool:
        return bool(person) and self._max_per_person is not None and held > self._max_per_person


def _held(slots: Iterable[Slot], person: str) -> int:
    return sum(slot.person == person for slot in slots)


def _new(kind: str, subject: str, person: str) -> str:
    return f"{kind}/{subject}/{person}/{int(time.time())}/{secrets.token_hex(4)}"


def _busy() -> ClientError:
    return ClientError("busy", "Too many queries are running. Ask again in a moment.")


def _too_many(limit: int | None) -> ClientError:
    return ClientError("too_many_runs", f"At most {limit} of your queries can run at once. Wait for one to end.")
