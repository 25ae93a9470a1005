"""Counts what the gateway asks of AWS: calls, items read, write units, writes to each key. scripts/bench uses it too.

Write units, and those of indexes:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
"""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.unit.websocket_gateway.world import World

INDEXES = {"pending": ("pending", "since"), "live": ("live",)}
"""The keys of each index, by its name."""


@dataclass
class Counted:
    """What was asked of AWS: `calls` by operation, `writes` by (index, key); the index of the table itself is empty."""

    calls: Counter[str] = field(default_factory=Counter)
    items_read: int = 0
    write_units: int = 0
    writes: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def data_api_calls(self) -> int:
        """Calls to the Redshift Data API."""
        return sum(count for name, count in self.calls.items() if name.startswith("redshift-data."))

    @property
    def busiest_key_writes(self) -> int:
        """Writes to the key that gets most of them."""
        return max(self.writes.values(), default=0)

    def write(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        """Counts a write of an item, and what it changes in the indexes; both project keys only."""
        item = new or old
        if not item:
            self.write_units += 1
            return
        self.write_units += max(_units(old), _units(new))
        self.writes["", item["pk"]["S"]] += 1
        for index, keys in INDEXES.items():
            before, after = ({key: one[key] for key in keys if key in one} for one in (old, new))
            if before == after:
                continue
            for listed in (before, after):
                if len(listed) == len(keys):
                    self.write_units += 1
                    self.writes[index, listed[keys[0]]["S"]] += 1


def _units(item: dict[str, Any]) -> int:
    """Units of 1 KB."""
    size = sum(len(name) + _size(value) for name, value in item.items())
    return math.ceil(size / 1024)


def _size(value: dict[str, Any]) -> int:
    (kind, plain), *_ = value.items()
    return len(plain) if kind in ("S", "B") else 21 if kind == "N" else 1 + sum(map(len, plain)) if kind == "SS" else 1


@contextmanager
def counting(world: World) -> Iterator[Counted]:
    """Counts everything that happens meanwhile."""
    counted = Counted()

    def read(items: int) -> None:
        counted.items_read += items

    def cut(what: str, _request: Any) -> None:
        counted.calls[what] += 1

    world.dynamo.read, world.dynamo.written, world.cut = read, counted.write, cut
    try:
        yield counted
    finally:
        world.dynamo.read, world.dynamo.written, world.cut = lambda items: None, lambda old, new: None, lambda *_: None


def fan_out(world: World, clients: int, *, live: bool) -> Counted:
    """One answer to many clients, from the end of the statement on; with `live` for the second time."""
    for _ in range(clients):
        world.ask(world.connect(), live=live)
    if live:
        world.finish()
        world.new_data()
    (statement,) = world.warehouse.running()
    with counting(world) as counted:
        world.deliver(world.end(statement))
        world.drain()
    return counted


def cached_answer(world: World, others: int) -> Counted:
    """A cached answer, from the message to the end, while others wait for the same question."""
    for _ in range(others):
        world.ask(world.connect(), live=True)
    world.finish()
    client = world.connect()
    with counting(world) as counted:
        assert world.ask(client)["cached"] is True
        world.drain()
    assert client.answer("a")
    return counted


def answers_of_many_questions(world: World, questions: int) -> Counted:
    """One cached answer of each of many questions, whose statements end now."""
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "text", "max_length": 40}})
    asker = [world.connect() for _ in range(questions)]
    for n, client in enumerate(asker):
        world.ask(client, "first", f"month {n}")
        world.finish()
    with counting(world) as counted:
        for n, client in enumerate(asker):
            assert world.ask(client, "a", f"month {n}")["cached"] is True
        world.drain()
    return counted
