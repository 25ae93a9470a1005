"""The transitions of loads: each is one conditional write. modules/scheduler/README.md lists them as a table.

Every transition of an occurrence replaces its item if the version is the one that was read. An occurrence that is
CLAIMED or RUNNING is the head of its lane and what runs of its load, so a transition that ends it frees both without a
condition of their own.
"""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.state import keys
from scheduler.state.occurrence import ENDED, STARTED, Occurrence, State
from scheduler.state.reads import LoadState, Reads
from scheduler.state.table import Item

REMEMBERED = timedelta(days=30)
"""How long an ended occurrence is remembered, so that it does not start again; older requests are refused."""


class Store(Reads):
    """Makes the transitions. Each returns the new occurrence, or None if somebody else was first."""

    def ask(self, new: Occurrence, after: LoadState) -> Occurrence | None:
        """A request queues in its lane. One that answers predecessors does so only if `after` is still the state."""
        return self._ask(new, after, *self._newest(new, None))

    def ask_instead(self, new: Occurrence, old: Occurrence, after: LoadState) -> Occurrence | None:
        """A request takes the place of an older one that waits."""
        replaced = replace(old, state=State.REPLACED, ended_at=new.requested_at, problem=new.request.occurrence)
        new = replace(new, lane=old.lane, place=old.place)
        return self._ask(new, after, *self._newest(new, old), self._next(replaced))

    def record(self, new: Occurrence) -> Occurrence | None:
        """A request that never waits: refused, or replaced before it queued."""
        return self._write(new, self._first(new), *([self._todo(new)] if new.state in ENDED else []))

    def move(self, old: Occurrence, lane: str) -> Occurrence | None:
        """A waiting request queues in another lane, at the place of its asking."""
        new = replace(old, lane=lane)
        leave = self._table.delete(keys.place_key(old.lane, old.place))
        return self._write(new, self._next(new), leave, self._place(new), self._lane(lane))

    def claim(self, waiting: Occurrence, **frozen: Any) -> Occurrence | None:
        """A waiting request becomes the head of its lane, if the lane and the load are free and not paused."""
        new = replace(waiting, state=State.CLAIMED, **frozen)
        given = {":head": new.id}
        lane_is_free = "attribute_not_exists(#head) AND attribute_not_exists(#paused)"
        load_is_free = "attribute_not_exists(#running) AND attribute_not_exists(#paused)"
        return self._write(
            new,
            self._next(new),
            self._table.update(keys.lane_key(new.lane), "SET #head = :head", given, condition=lane_is_free),
            self._table.update(keys.load_key(new.request.load), "SET #running = :head", given, condition=load_is_free),
            *self._leave(new),
        )

    def submitted(self, claimed: Occurrence, statement_id: str, at: str) -> Occurrence | None:
        """Redshift has accepted the statement of the head."""
        return self._change(claimed, state=State.RUNNING, statement_id=statement_id, started_at=at)

    def note(self, claimed: Occurrence, reason: str) -> Occurrence | None:
        """Redshift has not accepted the statement of the head yet, for this reason."""
        return self._change(claimed, error=reason)

    def flag(self, started: Occurrence, reason: str) -> Occurrence | None:
        """The statement of the head is to be cancelled."""
        return self._change(started, cancel=reason)

    def refuse(self, waiting: Occurrence, **facts: Any) -> Occurrence | None:
        """A waiting request ends without a run."""
        new = replace(waiting, **facts)
        return self._write(new, self._next(new), *self._leave(new), self._todo(new))

    def end(self, started: Occurrence, **facts: Any) -> Occurrence | None:
        """The head has ended: its lane and its load are free, and what remains to be done is noted."""
        state = self.load(started.request.load)
        new = replace(started, **facts, failures=state.failures)
        counted = "REMOVE #running ADD #failures :one"
        given: dict[str, Any] = {":one": 1}
        if new.state is State.FINISHED:
            new = replace(new, finish=state.finishes + 1)
            counted = (
                "SET #failures = :none, #answered = :answered, #finished_at = :at REMOVE #running ADD #finishes :one"
            )
            given |= {":none": 0, ":answered": json.dumps({**state.answered, **new.request.answers})}
            given |= {":at": new.ended_at or now()}
        return self._write(
            new,
            self._next(new),
            self._freed(new),
            self._table.update(keys.load_key(new.request.load), counted, given),
            self._todo(new),
        )

    def retry(self, started: Occurrence, not_before: str) -> Occurrence | None:
        """The head has failed for a passing reason: it queues at the place of its asking, for another attempt."""
        new = replace(
            started,
            state=State.WAITING,
            attempt=started.attempt + 1,
            not_before=not_before,
            coalesces=False,
            statement_id=None,
            started_at=None,
        )
        freed = self._table.update(keys.load_key(new.request.load), "REMOVE #running")
        return self._write(new, self._next(new), self._freed(new), freed, self._place(new))

    def done(self, ended: Occurrence) -> None:
        """Nothing remains to be done."""
        self._table.write(self._table.delete(keys.todo_key(ended.request.load, ended.request.occurrence)))

    def pause(self, *, lane: str = "", load: str = "", paused: bool) -> None:
        """Nothing starts in a paused lane, and a paused load does not start; what runs goes on."""
        key = keys.lane_key(lane) if lane else keys.load_key(load)
        change = self._table.update(key, "SET #paused = :yes", {":yes": True})
        self._table.write(change if paused else self._table.update(key, "REMOVE #paused"))

    def watch(self, load: str, since: str) -> None:
        """A finished run of the load is expected from now on."""
        self._table.write(self._table.update(keys.load_key(load), "SET #watched_since = :since", {":since": since}))

    # --- parts of transitions

    def _ask(self, new: Occurrence, after: LoadState, *more: Item) -> Occurrence | None:
        queued = [self._first(new), self._place(new), self._lane(new.lane)]
        return self._write(new, *queued, *self._asked(new, after), *more)

    def _write(self, new: Occurrence, *writes: Item) -> Occurrence | None:
        return replace(new, version=new.version + 1) if not self._table.write(*writes) else None

    def _change(self, old: Occurrence, **facts: Any) -> Occurrence | None:
        new = replace(old, **facts)
        return self._write(new, self._next(new))

    def _first(self, new: Occurrence) -> Item:
        return self._item(new, condition="attribute_not_exists(pk)")

    def _next(self, new: Occurrence) -> Item:
        return self._item(new, condition="#version = :version", given={":version": new.version})

    def _item(self, new: Occurrence, **condition: Any) -> Item:
        """The item one version later. An ended occurrence expires; the others must not."""
        ended = new.state not in (State.WAITING, *STARTED)
        item = replace(new, version=new.version + 1).to_item()
        expires_at = int(time.time() + REMEMBERED.total_seconds()) if ended else None
        key = keys.occurrence_key(new.request.load, new.request.occurrence)
        return self._table.put(key, item | {"expires_at": expires_at}, **condition)

    def _place(self, new: Occurrence) -> Item:
        entry = {"load": new.request.load, "occurrence": new.request.occurrence}
        return self._table.put(keys.place_key(new.lane, new.place), entry)

    def _lane(self, name: str) -> Item:
        """The sweep walks the lanes that exist in the table."""
        return self._table.update(keys.lane_key(name), "SET #used = :yes", {":yes": True})

    def _leave(self, new: Occurrence) -> list[Item]:
        """Leaves the queue."""
        left = [self._table.delete(keys.place_key(new.lane, new.place))]
        if new.coalesces:
            left.append(self._table.delete(keys.newest_key(new.request.load, parameters_of(new))))
        return left

    def _newest(self, new: Occurrence, old: Occurrence | None) -> list[Item]:
        if not new.coalesces:
            return []
        key, attributes = keys.newest_key(new.request.load, parameters_of(new)), {"occurrence": new.request.occurrence}
        if old is None:
            return [self._table.put(key, attributes, condition="attribute_not_exists(pk)")]
        given = {":old": old.request.occurrence}
        return [self._table.put(key, attributes, condition="#occurrence = :old", given=given)]

    def _asked(self, new: Occurrence, after: LoadState) -> list[Item]:
        if not new.request.answers:
            return []
        condition = "#asked_by = :before" if after.asked_by else "attribute_not_exists(#asked_by)"
        given = {":asked": json.dumps(dict(new.request.answers)), ":by": new.request.occurrence}
        given |= {":before": after.asked_by} if after.asked_by else {}
        change = "SET #asked = :asked, #asked_by = :by"
        return [self._table.update(keys.load_key(new.request.load), change, given, condition=condition)]

    def _freed(self, new: Occurrence) -> Item:
        return self._table.update(keys.lane_key(new.lane), "REMOVE #head")

    def _todo(self, new: Occurrence) -> Item:
        return self._table.put(keys.todo_key(new.request.load, new.request.occurrence), {"since": now()})


def parameters_of(occurrence: Occurrence) -> str:
    """What two requests of a load must have in common for the newer one to replace the older one."""
    return json.dumps(dict(sorted(occurrence.request.parameters.items())))


def now() -> str:
    """ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
