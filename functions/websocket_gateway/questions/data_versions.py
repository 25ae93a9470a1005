"""The data version: a number that grows whenever an event says that the data changed.

Each source (a key of `data_version_events`) keeps the number that it was last raised to. A question needs the greatest
of those that its query names.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from websocket_gateway.storage.keys import DATA_VERSION
from websocket_gateway.storage.table import Table

RECENT_SECONDS = 1
"""How old the numbers may be that a new request is answered by."""
ANY_SOURCE = ""
"""The source of an event that names none: it counts for every query."""


@dataclass(frozen=True)
class DataVersion:
    """The number, and when the data changed (ISO 8601)."""

    number: int
    changed_at: str | None


class DataVersions:
    """The data versions in the table: one item."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._recent: Mapping[str, Any] = {}
        self._read_at: float | None = None

    def current(self, sources: Sequence[str] | None = None) -> DataVersion:
        """The data version of a query that these sources refresh, by a consistent read; 0 before the first event.

        None: every source refreshes it.
        """
        self._recent, self._read_at = self._table.get(DATA_VERSION) or {}, time.monotonic()
        return _version(self._recent, sources)

    def recent(self, sources: Sequence[str] | None = None) -> DataVersion:
        """As `current`, but up to a second old: the item is the same for all requests."""
        if self._read_at is None or time.monotonic() - self._read_at >= RECENT_SECONDS:
            return self.current(sources)
        return _version(self._recent, sources)

    def increment(self, changed_at: str | None, source: str = ANY_SOURCE) -> DataVersion:
        """The next version. An event that comes twice makes one more, which costs a run and breaks nothing.

        With None the data may have changed or not, and the stored time of the last change stays.
        """
        # Both operands are what the item held before the write.
        following = "if_not_exists(#version, :zero) + :one"
        number, moment = _names(source)
        change = f"SET #version = {following}, #{number} = {following}"
        given: dict[str, Any] = {":one": 1, ":zero": 0}
        if changed_at is not None:
            change += f", #changed_at = :at, #{moment} = :at"
            given[":at"] = changed_at
        self._recent, self._read_at = self._table.upsert(DATA_VERSION, change, given), time.monotonic()
        return _version(self._recent, None)


def _version(item: Mapping[str, Any], sources: Sequence[str] | None) -> DataVersion:
    if sources is None:
        return DataVersion(item.get("version", 0), item.get("changed_at"))
    names = [_names(source) for source in (ANY_SOURCE, *sources)]
    changes = [moment for _, name in names if (moment := item.get(name))]
    return DataVersion(max(item.get(number, 0) for number, _ in names), max(changes, default=None))


def _names(source: str) -> tuple[str, str]:
    """The attributes with a source's number and time. A key has letters, digits and hyphens."""
    name = source.replace("-", "_")
    return f"of_{name}", f"at_{name}"
