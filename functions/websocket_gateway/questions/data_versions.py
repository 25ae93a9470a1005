"""The data version: a number that grows whenever an event says that the data changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from websocket_gateway.storage.keys import DATA_VERSION
from websocket_gateway.storage.table import Table


@dataclass(frozen=True)
class DataVersion:
    """The number, and when the data changed (ISO 8601)."""

    number: int
    changed_at: str | None


class DataVersions:
    """The data version in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def current(self) -> DataVersion:
        """The data version, by a consistent read; 0 before the first event."""
        item = self._table.get(DATA_VERSION)
        return _version(item) if item else DataVersion(0, None)

    def increment(self, changed_at: str | None) -> DataVersion:
        """The next version. An event that comes twice makes one more, which costs a run and breaks nothing.

        With None the data may have changed or not, and the stored time of the last change stays.
        """
        change = "ADD #version :one"
        given: dict[str, Any] = {":one": 1}
        if changed_at is not None:
            change = f"SET #changed_at = :at {change}"
            given[":at"] = changed_at
        return _version(self._table.upsert(DATA_VERSION, change, given))


def _version(item: Mapping[str, Any]) -> DataVersion:
    return DataVersion(item["version"], item.get("changed_at"))
