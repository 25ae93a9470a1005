"""The state of questions: which run is the latest, how it stands, and which data version is wanted next."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from websocket_gateway.questions.run import Run
from websocket_gateway.storage.table import DAY, Table

STARTING, RUNNING = "STARTING", "RUNNING"
FINISHED, FAILED, ABORTED = "FINISHED", "FAILED", "ABORTED"
IN_FLIGHT = (STARTING, RUNNING)
KEEP = DAY + 2 * 3600
"""Seconds: results are kept for 24 hours."""
GRACE_SECONDS = 20
"""How long a run is left to its event before the sweep asks Redshift."""
NOT_STARTED, TIMEOUT, UNWANTED, EXPIRED = "not_started", "timeout", "unwanted", "expired"


@dataclass(frozen=True)
class Definition:
    """What a run needs: kept with the question, so that it can run again whatever the catalogue says by then."""

    query: str
    sql: str
    bound: Mapping[str, str]
    max_rows: int
    timeout_seconds: int
    min_refresh_seconds: int


@dataclass(frozen=True)
class Version:
    """The data version: a number that grows when data changed, and when that was (ISO 8601)."""

    number: int
    changed_at: str | None


@dataclass(frozen=True)
class Meta:
    """A question's latest run. `reason` says why it was cancelled or not started.

    `started` is in epoch seconds, `ended` in milliseconds: a quick run ends in the second in which it was asked for.
    """

    question: str
    definition: Definition
    run: Run
    state: str
    wanted: int
    started: int
    ended: int
    statement: str
    reason: str
    changed_at: str | None

    @property
    def in_flight(self) -> bool:
        """Whether the end of the run is still to come."""
        return self.state in IN_FLIGHT


class Questions:
    """Questions in the table; every change of state is one conditional write."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, question: str) -> Meta | None:
        """The latest run of a question, as of now."""
        item = self._table.get(f"Q#{question}", "META")
        return _meta(question, item) if item else None

    def claim(self, question: str, definition: Definition, version: Version, seen: Meta | None) -> Run | None:
        """Takes the right to start the next run, unless the question is no longer as it was `seen`."""
        now = int(time.time())
        if seen and seen.run.version > version.number:
            version = Version(seen.run.version, seen.changed_at)  # whoever asks looked before the data changed again
        # The first attempt is numbered by the clock: a table that was made anew meets no token of the one before it.
        run = Run(question, version.number, seen.run.attempt + 1 if seen else now)
        given: dict[str, Any] = {
            ":definition": json.dumps(asdict(definition)),
            ":version": version.number,
            ":changed_at": version.changed_at or "",
            ":attempt": run.attempt,
            ":starting": STARTING,
            ":now": now,
            ":due": now + GRACE_SECONDS,
            ":pending": "run",
            ":expires": now + KEEP,
        }
        condition = "attribute_not_exists(pk)"
        if seen:
            condition = "#attempt = :seen AND #state = :seen_state"
            given |= {":seen": seen.run.attempt, ":seen_state": seen.state}
        claimed = self._table.update(
            f"Q#{question}",
            "META",
            "SET #definition = :definition, #version = :version, #attempt = :attempt, #state = :starting,"
            " #changed_at = :changed_at, #started = :now, #pending = :pending, #since = :due, #expires_at = :expires"
            " REMOVE #statement, #reason, #ended",
            given,
            condition=condition,
        )
        return run if claimed else None

    def started(self, run: Run, statement: str) -> Meta | None:
        """Notes the statement of a run; None if its completion was noted before."""
        item = self._table.update(
            f"Q#{run.question}",
            "META",
            "SET #state = :running, #statement = :statement",
            {":running": RUNNING, ":statement": statement, ":starting": STARTING, ":attempt": run.attempt},
            condition="#attempt = :attempt AND #state = :starting",
        )
        return _meta(run.question, item) if item else None

    def not_started(self, run: Run) -> Meta | None:
        """Marks a run as failed before it had a statement; None if somebody else has started it."""
        return self._end(run, FAILED, "", NOT_STARTED, {":starting": STARTING})

    def ended(self, run: Run, state: str, statement: str, reason: str = "") -> Meta | None:
        """Marks a run as ended, once; None if it was so before, or is not the latest."""
        return self._end(run, state, statement, reason, {":starting": STARTING, ":running": RUNNING})

    def _end(self, run: Run, state: str, statement: str, reason: str, states: Mapping[str, str]) -> Meta | None:
        now = int(time.time())
        given: dict[str, Any] = {
            ":state": state,
            ":statement": statement,
            ":ended": time.time_ns() // 1_000_000,
            ":expires": now + KEEP,
            ":attempt": run.attempt,
            **states,
        }
        change = "SET #state = :state, #statement = :statement, #ended = :ended, #expires_at = :expires"
        if reason:
            change += ", #reason = :reason"
            given[":reason"] = reason
        item = self._table.update(
            f"Q#{run.question}",
            "META",
            f"{change} REMOVE #pending, #since",
            given,
            condition=f"#attempt = :attempt AND #state IN ({', '.join(states)})",
        )
        return _meta(run.question, item) if item else None

    def want(self, seen: Meta, version: int) -> bool:
        """Asks the run in flight to be followed by one at `version`; False if it has ended meanwhile."""
        return self._note(seen, "wanted", max(version, seen.wanted)) is not None

    def unwanted(self, seen: Meta, reason: str) -> Meta | None:
        """Notes why the run in flight is about to be cancelled; None if it has ended meanwhile."""
        return self._note(seen, "reason", reason)

    def _note(self, seen: Meta, name: str, value: object) -> Meta | None:
        item = self._table.update(
            f"Q#{seen.question}",
            "META",
            f"SET #{name} = :value",
            {":value": value, ":attempt": seen.run.attempt, ":starting": STARTING, ":running": RUNNING},
            condition="#attempt = :attempt AND #state IN (:starting, :running)",
        )
        return _meta(seen.question, item) if item else None

    def forget(self, run: Run) -> None:
        """The result of a run is no longer there: its answer is not held any more."""
        self._table.update(
            f"Q#{run.question}",
            "META",
            "SET #state = :aborted, #reason = :expired",
            {":aborted": ABORTED, ":expired": EXPIRED, ":attempt": run.attempt, ":finished": FINISHED},
            condition="#attempt = :attempt AND #state = :finished",
        )

    def version(self) -> Version:
        """The data version as of now; 0 before the first event."""
        item = self._table.get("VERSION", "CURRENT")
        return Version(item["version"], item.get("changed_at")) if item else Version(0, None)

    def bump_version(self, changed_at: str | None) -> Version:
        """The data changed: the next version. An event that comes twice makes one more, which costs a run, no error.

        None: it may have changed, or not; when it last did is left as it was.
        """
        change = "ADD #version :one"
        given: dict[str, Any] = {":one": 1}
        if changed_at is not None:
            change = f"SET #changed_at = :at {change}"
            given[":at"] = changed_at
        item = self._table.change("VERSION", "CURRENT", change, given)
        return Version(item["version"], item.get("changed_at"))


def _meta(question: str, item: Mapping[str, Any]) -> Meta:
    return Meta(
        question=question,
        definition=Definition(**json.loads(item["definition"])),
        run=Run(question, item["version"], item["attempt"]),
        state=item["state"],
        wanted=item.get("wanted", 0),
        started=item["started"],
        ended=item.get("ended", 0),
        statement=item.get("statement", ""),
        reason=item.get("reason", ""),
        changed_at=item["changed_at"] or None,
    )
