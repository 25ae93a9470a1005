"""Questions in the table: each change of a question's latest run is one conditional write."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from websocket_gateway.questions.data_versions import DataVersion
from websocket_gateway.questions.latest_run import (
    ABORTED,
    EXPIRED,
    FAILED,
    FINISHED,
    NOT_STARTED,
    RUNNING,
    STARTING,
    Definition,
    LatestRun,
)
from websocket_gateway.questions.passes import COPY_REASON, LEASE_SECONDS, Pass, pass_of
from websocket_gateway.questions.run import Run
from websocket_gateway.storage.keys import Pending, question_key, spread
from websocket_gateway.storage.table import DAY, Table

KEEP_SECONDS = DAY + 2 * 3600
"""How long a question is stored after its last change: Redshift keeps results for 24 hours."""
GRACE_SECONDS = 20
"""How long the sweep leaves a run to its completion event before it asks Redshift."""


class QuestionStore:
    """Reads and changes the latest run of each question."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, question: str) -> LatestRun | None:
        """The latest run of a question, by a consistent read."""
        item = self._table.get(question_key(question))
        return latest_of(question, item) if item else None

    def claim(
        self, question: str, definition: Definition, version: DataVersion, seen: LatestRun | None, slot: str
    ) -> Run | None:
        """Takes the right to start the next run, which holds `slot`; None if the question has changed since it was
        `seen`."""
        now = int(time.time())
        if seen and seen.run.version > version.number:
            version = DataVersion(seen.run.version, seen.changed_at)  # the data has changed since the caller looked
        # The first attempt is numbered by the clock: after a table was recreated, no ClientToken occurs again.
        run = Run(question, version.number, seen.run.attempt + 1 if seen else now)
        given: dict[str, Any] = {
            ":definition": json.dumps(asdict(definition)),
            ":version": version.number,
            ":changed_at": version.changed_at or "",
            ":attempt": run.attempt,
            ":starting": STARTING,
            ":now": now,
            ":due": now + GRACE_SECONDS,
            ":pending": spread(Pending.RUN, question),
            ":expires": now + KEEP_SECONDS,
            ":slot": slot,
        }
        condition = "attribute_not_exists(pk)"
        if seen:
            condition = "#attempt = :seen AND #state = :seen_state"
            given |= {":seen": seen.run.attempt, ":seen_state": seen.state}
        claimed = self._table.update(
            question_key(question),
            "SET #definition = :definition, #version = :version, #attempt = :attempt, #state = :starting,"
            " #changed_at = :changed_at, #started = :now, #pending = :pending, #since = :due, #expires_at = :expires,"
            " #slot = :slot REMOVE #statement, #reason, #ended",
            given,
            condition=condition,
        )
        return run if claimed else None

    def mark_running(self, run: Run, statement: str) -> LatestRun | None:
        """Stores the statement of a run; None if the run has already ended."""
        item = self._table.update(
            question_key(run.question),
            "SET #state = :running, #statement = :statement",
            {":running": RUNNING, ":statement": statement, ":starting": STARTING, ":attempt": run.attempt},
            condition="#attempt = :attempt AND #state = :starting",
        )
        return latest_of(run.question, item) if item else None

    def mark_not_started(self, run: Run) -> LatestRun | None:
        """Marks a run as failed before it had a statement; None if another function has started it."""
        return self._mark_ended(run, FAILED, "", NOT_STARTED, {":starting": STARTING})

    def mark_ended(self, run: Run, state: str, statement: str) -> LatestRun | None:
        """Marks a run as ended, once; None if it has already ended or is not the latest."""
        return self._mark_ended(run, state, statement, "", {":starting": STARTING, ":running": RUNNING})

    def mark_ended_and_pass(self, run: Run, state: str, statement: str, owner: str) -> Pass | None:
        """Marks a run as ended and begins the pass that delivers it, in one write; None if neither is possible."""
        copied = {"version", "changed_at", "started"}
        item = self._end(
            run,
            state,
            statement,
            ", #pass_attempt = :attempt, #pass_state = :state, #pass_statement = :statement, #pass_ended = :ended,"
            f" {COPY_REASON}, #pass_owner = :owner, #pass_until = :due, #pass_cursor = :start"
            + "".join(f", #pass_{name} = #{name}" for name in sorted(copied)),
            {":starting": STARTING, ":running": RUNNING, ":owner": owner, ":start": ""},
            "#attempt = :attempt AND #state IN (:starting, :running) AND attribute_not_exists(#pass_attempt)",
        )
        return pass_of(run.question, item, owner) if item else None

    def _mark_ended(
        self, run: Run, state: str, statement: str, reason: str, states: Mapping[str, str]
    ) -> LatestRun | None:
        more, given = (", #reason = :reason", {":reason": reason}) if reason else ("", {})
        condition = f"#attempt = :attempt AND #state IN ({', '.join(states)})"
        item = self._end(run, state, statement, more, {**states, **given}, condition)
        return latest_of(run.question, item) if item else None

    def _end(
        self, run: Run, state: str, statement: str, more: str, given: Mapping[str, Any], condition: str
    ) -> dict[str, Any] | None:
        """The sweep looks after the pass from here on."""
        now = int(time.time())
        return self._table.update(
            question_key(run.question),
            "SET #state = :state, #statement = :statement, #ended = :ended, #expires_at = :expires,"
            f" #pending = :pending, #since = :due{more}",
            {
                ":state": state,
                ":statement": statement,
                ":ended": time.time_ns() // 1_000_000,
                ":expires": now + KEEP_SECONDS,
                ":attempt": run.attempt,
                ":pending": spread(Pending.RUN, run.question),
                ":due": now + LEASE_SECONDS,
                **given,
            },
            condition=condition,
        )

    def set_wanted_version(self, seen: LatestRun, version: int) -> bool:
        """Asks for a run at `version` after the one in flight; False if that one has ended meanwhile."""
        return self._set(seen, "wanted", max(version, seen.wanted_version)) is not None

    def set_cancel_reason(self, seen: LatestRun, reason: str) -> LatestRun | None:
        """Stores why the run in flight is about to be cancelled; None if it has ended meanwhile."""
        return self._set(seen, "reason", reason)

    def _set(self, seen: LatestRun, name: str, value: object) -> LatestRun | None:
        item = self._table.update(
            question_key(seen.question),
            f"SET #{name} = :value",
            {":value": value, ":attempt": seen.run.attempt, ":starting": STARTING, ":running": RUNNING},
            condition="#attempt = :attempt AND #state IN (:starting, :running)",
        )
        return latest_of(seen.question, item) if item else None

    def mark_expired(self, run: Run) -> None:
        """Marks a finished run whose result Redshift no longer keeps: its answer is no longer cached."""
        self._table.update(
            question_key(run.question),
            "SET #state = :aborted, #reason = :expired",
            {":aborted": ABORTED, ":expired": EXPIRED, ":attempt": run.attempt, ":finished": FINISHED},
            condition="#attempt = :attempt AND #state = :finished",
        )


def latest_of(question: str, item: Mapping[str, Any]) -> LatestRun:
    return LatestRun(
        question=question,
        definition=Definition(**json.loads(item["definition"])),
        run=Run(question, item["version"], item["attempt"]),
        state=item["state"],
        wanted_version=item.get("wanted", 0),
        started=item["started"],
        ended=item.get("ended", 0),
        statement=item.get("statement", ""),
        reason=item.get("reason", ""),
        slot=item.get("slot", ""),
        changed_at=item["changed_at"] or None,
        passed=item.get("passed", 0),
        passing=item.get("pass_attempt", 0),
    )
