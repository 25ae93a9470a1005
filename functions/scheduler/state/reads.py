"""Reads the state of loads, by consistent reads."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scheduler.loads.definition import Definition
from scheduler.state import keys
from scheduler.state.occurrence import Occurrence
from scheduler.state.table import Table


@dataclass(frozen=True)
class Lane:
    """A lane: `<load>/<occurrence>` of its head, or None."""

    name: str
    head: str | None = None
    paused: bool = False


@dataclass(frozen=True)
class LoadState:
    """A load: what runs, finished runs in all, and failed ones in a row.

    `answered` are the finishes of its predecessors that its last finished run has answered, `asked` those that its last
    request (`asked_by`) is to answer. Its last run finished at `finished_at`; a finished run is expected since
    `watched_since` (both ISO 8601).
    """

    running: str | None = None
    paused: bool = False
    finishes: int = 0
    failures: int = 0
    answered: Mapping[str, int] = field(default_factory=dict)
    asked: Mapping[str, int] = field(default_factory=dict)
    asked_by: str | None = None
    finished_at: str | None = None
    watched_since: str | None = None


class Reads:
    """What the table says."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def definition(self, load: str) -> Definition | None:
        """The definition of a load; None if Terraform has removed it."""
        item = self._table.get(keys.definition_key(load))
        return Definition.parse(load, item["definition"]) if item else None

    def definitions(self) -> list[Definition]:
        """All definitions."""
        return [Definition.parse(item["sk"], item["definition"]) for item in self._table.partition(keys.DEFINITIONS)]

    def lanes(self) -> list[Lane]:
        """All lanes that were ever used."""
        return [_lane(item["sk"], item) for item in self._table.partition(keys.LANES)]

    def lane(self, name: str) -> Lane:
        """A lane."""
        return _lane(name, self._table.get(keys.lane_key(name)) or {})

    def queue(self, lane: str) -> Iterator[tuple[str, str]]:
        """(load, occurrence) of what waits in a lane, in the order of asking."""
        for item in self._table.partition(keys.queue_partition(lane)):
            yield item["load"], item["occurrence"]

    def load(self, load: str) -> LoadState:
        """The state of a load."""
        item = self._table.get(keys.load_key(load)) or {}
        return LoadState(
            running=item.get("running"),
            paused=item.get("paused", False),
            finishes=item.get("finishes", 0),
            failures=item.get("failures", 0),
            answered=json.loads(item.get("answered", "{}")),
            asked=json.loads(item.get("asked", "{}")),
            asked_by=item.get("asked_by"),
            finished_at=item.get("finished_at"),
            watched_since=item.get("watched_since"),
        )

    def occurrence(self, load: str, occurrence: str) -> Occurrence | None:
        """An occurrence."""
        item = self._table.get(keys.occurrence_key(load, occurrence))
        return Occurrence.from_item(item) if item else None

    def occurrences(self, load: str) -> list[Occurrence]:
        """All occurrences of a load that are remembered."""
        found = self._table.partition(keys.load_partition(load), keys.OCCURRENCES)
        return [Occurrence.from_item(item) for item in found]

    def newest(self, load: str, parameters: str) -> str | None:
        """The waiting occurrence with these parameters that a newer one replaces."""
        item = self._table.get(keys.newest_key(load, parameters))
        return str(item["occurrence"]) if item else None

    def todo(self) -> Iterator[tuple[str, str]]:
        """(load, occurrence) of runs that have ended and for which something remains to be done."""
        for item in self._table.partition(keys.TODO):
            load, _, occurrence = item["sk"].partition("/")
            yield load, occurrence

    def has_todo(self, occurrence: Occurrence) -> bool:
        """Whether something remains to be done for a run that has ended."""
        return self._table.get(keys.todo_key(occurrence.request.load, occurrence.request.occurrence)) is not None


def _lane(name: str, item: Mapping[str, Any]) -> Lane:
    return Lane(name, item.get("head"), item.get("paused", False))
