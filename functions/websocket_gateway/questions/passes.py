"""Passes: each delivers one run to all waiters of a question, slice by slice, by one deliverer at a time.

The pass is part of the question's item. modules/websocket_gateway/README.md lists its states.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from websocket_gateway.questions.latest_run import ABORTED, FAILED, FINISHED, Definition, LatestRun
from websocket_gateway.questions.run import Run
from websocket_gateway.storage.keys import question_key
from websocket_gateway.storage.table import Table

LEASE_SECONDS = 45
"""How long a deliverer may be silent before another takes over its pass or its range."""
RENEW_SECONDS = 15
"""The age at which a lease is renewed."""
SPLIT = "split"
"""Owner of a pass whose ranges are with the workers."""
_FACTS = ("attempt", "state", "statement", "ended", "version", "changed_at", "started")
_PARTS = (*_FACTS, "reason", "owner", "until", "cursor")
COPY_REASON = "#pass_reason = if_not_exists(#reason, :start)"
"""A run that ended by itself has no reason."""


@dataclass(frozen=True)
class Pass:
    """A pass that `owner` has leased: `run` as it was when it ended, and the sort key up to which it is delivered.

    Waiters of the pass before have `seen_version`, if `seen_attempt` answers them.
    """

    run: LatestRun
    owner: str
    cursor: str
    seen_attempt: int
    seen_version: int


class Passes:
    """Passes in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, latest: LatestRun, owner: str) -> Pass | None:
        """Begins the pass over the latest run, or takes over the one that nobody is working on; None if there is
        nothing to do, or somebody else does it."""
        if latest.passing:
            return self._take_over(latest, owner)
        if not latest.needs_pass:
            return None
        now = int(time.time())
        item = self._table.update(
            question_key(latest.question),
            f"SET {', '.join(f'#pass_{name} = #{name}' for name in _FACTS)},"
            f" {COPY_REASON}, #pass_owner = :owner, #pass_until = :until, #pass_cursor = :start, #since = :until",
            {
                ":owner": owner,
                ":until": now + LEASE_SECONDS,
                ":start": "",
                ":attempt": latest.run.attempt,
                ":state": latest.state,
            },
            condition="#attempt = :attempt AND #state = :state AND attribute_not_exists(#pass_attempt)"
            " AND (attribute_not_exists(#passed) OR #passed < :attempt)",
        )
        return pass_of(latest.question, item, owner) if item else None

    def _take_over(self, latest: LatestRun, owner: str) -> Pass | None:
        now = int(time.time())
        item = self._table.update(
            question_key(latest.question),
            "SET #pass_owner = :owner, #pass_until = :until, #since = :until",
            {":owner": owner, ":until": now + LEASE_SECONDS, ":now": now, ":split": SPLIT},
            condition="#pass_until <= :now AND #pass_owner <> :split",
        )
        return pass_of(latest.question, item, owner) if item else None

    def renew(self, one: Pass, cursor: str) -> bool:
        """Extends the lease and notes up to which sort key the run is delivered; False if another has taken over."""
        return self._set_until(one, cursor, LEASE_SECONDS)

    def release(self, one: Pass, cursor: str) -> None:
        """Ends the lease, so that another invocation can go on at once."""
        self._set_until(one, cursor, 0)

    def _set_until(self, one: Pass, cursor: str, seconds: int) -> bool:
        item = self._table.update(
            question_key(one.run.question),
            "SET #pass_until = :until, #pass_cursor = :cursor, #since = :until",
            {":until": int(time.time()) + seconds, ":cursor": cursor, ":owner": one.owner},
            condition="#pass_owner = :owner",
        )
        return item is not None

    def split(self, one: Pass) -> bool:
        """Leaves a pass to the workers of its ranges, which are stored; False if another has taken over."""
        item = self._table.update(
            question_key(one.run.question),
            "SET #pass_owner = :split",
            {":split": SPLIT, ":owner": one.owner},
            condition="#pass_owner = :owner",
        )
        return item is not None

    def read_split(self, question: str, attempt: int) -> Pass | None:
        """The pass over a run that workers deliver; None if it has ended."""
        item = self._table.get(question_key(question))
        if item is None or item.get("pass_attempt") != attempt or item["pass_owner"] != SPLIT:
            return None
        return pass_of(question, item, SPLIT)

    def finish(self, one: Pass) -> bool:
        """Ends a pass that has delivered its run to everybody; False if it has ended."""
        change = "SET #passed = :attempt, #passed_version = :version"
        given = {":attempt": one.run.run.attempt, ":version": one.run.run.version}
        return self._end(one, change, given)

    def drop(self, one: Pass) -> bool:
        """Ends a pass that delivers nothing, because another run takes the place of this one."""
        return self._end(one, "", {})

    def _end(self, one: Pass, change: str, given: Mapping[str, Any]) -> bool:
        removed = ", ".join(f"#pass_{name}" for name in _PARTS)
        # Whoever has delivered everything may end it, even if another has taken over meanwhile.
        owned = "#pass_attempt = :mine"
        given = {**given, ":mine": one.run.run.attempt}
        key = question_key(one.run.question)
        ended = {":finished": FINISHED, ":failed": FAILED, ":aborted": ABORTED}
        if self._table.update(
            key,
            f"{change} REMOVE {removed}, #pending, #since",
            {**given, **ended},
            condition=f"{owned} AND #attempt = :mine AND #state IN ({', '.join(ended)})",
        ):
            return True
        # Another run is in flight, or has ended meanwhile: the sweep looks after that one.
        return self._table.update(key, f"{change} REMOVE {removed}", given, condition=owned) is not None


def pass_of(question: str, item: Mapping[str, Any], owner: str) -> Pass:
    """The pass in a question's item."""
    run = LatestRun(
        question=question,
        definition=Definition(**json.loads(item["definition"])),
        run=Run(question, item["pass_version"], item["pass_attempt"]),
        state=item["pass_state"],
        wanted_version=item.get("wanted", 0),
        started=item["pass_started"],
        ended=item["pass_ended"],
        statement=item["pass_statement"],
        reason=item["pass_reason"],
        slot=item.get("slot", ""),
        changed_at=item["pass_changed_at"] or None,
        passing=item["pass_attempt"],
    )
    return Pass(run, owner, item["pass_cursor"], item.get("passed", 0), item.get("passed_version", -1))
