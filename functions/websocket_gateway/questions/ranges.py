"""Ranges of a large pass: each is delivered by one worker at a time, whichever gets its message."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from websocket_gateway.questions.passes import LEASE_SECONDS
from websocket_gateway.storage.keys import Key, Pending, question_partition, range_key, ranges_of, spread
from websocket_gateway.storage.table import DAY, Table

WAITERS_PER_RANGE = 250
"""A pass over fewer is delivered by whoever began it."""
GRACE_SECONDS = 60
"""How long the sweep leaves a new range to its message."""


@dataclass(frozen=True)
class Range:
    """The waiters after the sort key `cursor`, up to and including `end`; `owner` has leased it."""

    question: str
    attempt: int
    number: int
    cursor: str
    end: str
    owner: str = ""

    @property
    def key(self) -> Key:
        """The key of its item."""
        return range_key(self.question, self.attempt, self.number)


class Ranges:
    """Ranges in the table. A range that is done is deleted."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, ranges: Sequence[Range]) -> None:
        """Stores the ranges of a pass before any worker hears of them; those of an earlier try are replaced."""
        now = int(time.time())
        if ranges:
            partition, prefix = question_partition(ranges[0].question), ranges_of(ranges[0].attempt)
            earlier = self._table.partition(partition, prefix)
            self._table.write_all(deletes=[Key(item["pk"], item["sk"]) for item in earlier])
        self._table.write_all(
            (
                one.key,
                {
                    "cursor": one.cursor,
                    "end": one.end,
                    "lease": 0,
                    "pending": spread(Pending.RANGE, f"{one.question}{one.number}"),
                    "since": now + GRACE_SECONDS,
                    "expires_at": now + DAY,
                },
            )
            for one in ranges
        )

    def take(self, question: str, attempt: int, number: int, owner: str) -> Range | None:
        """Leases a range; None if it is done, or leased by another."""
        now = int(time.time())
        item = self._table.update(
            range_key(question, attempt, number),
            "SET #owner = :owner, #lease = :until, #since = :until",
            {":owner": owner, ":until": now + LEASE_SECONDS, ":now": now},
            condition="#lease <= :now",
        )
        return _range(question, attempt, number, item, owner) if item else None

    def renew(self, one: Range, cursor: str) -> bool:
        """Extends the lease and notes up to which sort key the run is delivered; False if another has taken over."""
        return self._set_lease(one, cursor, LEASE_SECONDS)

    def release(self, one: Range, cursor: str) -> None:
        """Ends the lease, so that another worker can go on at once."""
        self._set_lease(one, cursor, 0)

    def _set_lease(self, one: Range, cursor: str, seconds: int) -> bool:
        item = self._table.update(
            one.key,
            "SET #lease = :until, #since = :until, #cursor = :cursor",
            {":until": int(time.time()) + seconds, ":cursor": cursor, ":owner": one.owner},
            condition="#owner = :owner",
        )
        return item is not None

    def finish(self, one: Range) -> bool:
        """Notes that a range is delivered; False if another has taken over."""
        return self._table.delete(one.key, condition="#owner = :owner", given={":owner": one.owner}) is not None

    def has_any(self, question: str, attempt: int) -> bool:
        """Whether a range of a pass is not delivered yet."""
        return self._table.has_any(question_partition(question), ranges_of(attempt))


def parse_range(item: Mapping[str, Any]) -> tuple[int, int]:
    """(attempt, number) of a range's item."""
    _, attempt, number = str(item["sk"]).split("#")
    return int(attempt), int(number)


def _range(question: str, attempt: int, number: int, item: Mapping[str, Any], owner: str) -> Range:
    return Range(question, attempt, number, item["cursor"], item["end"], owner)
