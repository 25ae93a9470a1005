"""Delivers a run to everybody whom its pass covers, slice by slice; a large pass is left to workers, range by range."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from relay.errors import CallFailed, StatementNotFound
from websocket_gateway.answers.answer_source import AnswerSource, Result
from websocket_gateway.connections.waiter import Waiter
from websocket_gateway.deliver_function import DeliverFunction
from websocket_gateway.delivery.answer_delivery import AnswerDelivery
from websocket_gateway.delivery.fan_out import MARGIN_MS
from websocket_gateway.delivery.holds import PassHold
from websocket_gateway.protocol.rows import RowTooWide
from websocket_gateway.questions.latest_run import FINISHED
from websocket_gateway.questions.passes import Pass, Passes
from websocket_gateway.questions.ranges import WAITERS_PER_RANGE, Range, Ranges
from websocket_gateway.storage.keys import Key
from websocket_gateway.work_queue import WorkQueue

SLICE = 125
"""Waiters between two notes of progress: a deliverer that is killed sends to so many twice."""
LAST = "W$"
"""Above all sort keys of waiters."""


@dataclass(frozen=True)
class PassDelivery:
    """Passes and their ranges, during one invocation."""

    passes: Passes
    ranges: Ranges
    queue: WorkQueue
    deliver_function: DeliverFunction
    delivery: AnswerDelivery

    def deliver(self, one: Pass, result: Result | None, early: Sequence[Waiter]) -> tuple[int, bool]:
        """Delivers a pass that is leased. Returns to how many, and whether it is done, so that the next can begin.

        `early` were read before the end of the run was stored: others may have come since, and count on it.
        """
        source = self.delivery.source(one.run, result)
        if not early and not result:
            early = self.delivery.waiters.some(one.run.question, one.cursor, WAITERS_PER_RANGE)
        if len(early) >= WAITERS_PER_RANGE and self._split(one, source):
            return 0, False
        hold = PassHold(one.run.run, partial(self.passes.renew, one), self.delivery.waiters, one.cursor)
        part, done = _Part(self.delivery, one, source, hold, LAST), False
        try:
            done = (len(early) >= WAITERS_PER_RANGE or part.serve_early(early)) and part.serve_all()
        finally:
            if not done and not hold.is_lost:
                self.passes.release(one, hold.cursor)
        self._hand_over(one.run.question, part)
        if part.is_out_of_time:
            self.deliver_function.deliver(one.run.question)
        return part.served, done and self.passes.finish(one)

    def deliver_range(self, question: str, attempt: int, number: int) -> int:
        """Delivers a range of a pass, unless it is done or another worker has it; returns to how many.

        The worker of the last one ends the pass.
        """
        one = self.passes.read_split(question, attempt)
        taken = self.ranges.take(question, attempt, number, self.delivery.owner) if one else None
        if one is None or taken is None:
            return 0
        hold = PassHold(one.run.run, partial(self.ranges.renew, taken), self.delivery.waiters, taken.cursor)
        part, done = _Part(self.delivery, one, self.delivery.source(one.run), hold, taken.end), False
        try:
            done = part.serve_all()
        finally:
            if not done and not hold.is_lost:
                self.ranges.release(taken, hold.cursor)
        self._hand_over(question, part)
        if part.is_out_of_time:
            self.queue.send_ranges(question, attempt, [number])
        elif done and self.ranges.finish(taken) and self.finish_split(one):
            self.deliver_function.deliver(question)
        return part.served

    def finish_split(self, one: Pass) -> bool:
        """Ends a pass all of whose ranges are delivered; False while some are not."""
        if self.ranges.has_any(one.run.question, one.run.run.attempt):
            return False
        return self.passes.finish(one)

    def _split(self, one: Pass, source: AnswerSource) -> bool:
        """Leaves a pass to workers, as soon as the answer is kept; False where none can be kept."""
        try:
            if one.run.state == FINISHED:
                source.make()
        except (RowTooWide, StatementNotFound, CallFailed):
            return False  # without an answer to read, everybody gets an error, or waits for another try
        ranges = list(self._cut(one))
        self.ranges.put(ranges)
        if self.passes.split(one):
            run = one.run.run
            self.queue.send_ranges(run.question, run.attempt, [part.number for part in ranges])
        return True

    def _cut(self, one: Pass) -> Iterator[Range]:
        question, attempt, cursor, number = one.run.question, one.run.run.attempt, one.cursor, 0
        while found := self.delivery.waiters.some(question, cursor, WAITERS_PER_RANGE):
            end = found[-1].key.sk
            yield Range(question, attempt, number, cursor, end)
            cursor, number = end, number + 1
            if len(found) < WAITERS_PER_RANGE:
                return

    def _hand_over(self, question: str, part: "_Part") -> None:
        if part.hold.handed_over:
            self.deliver_function.deliver_to(question, part.hold.handed_over)


class _Part:
    """A pass, or a range of one, up to the sort key `end`, while this deliverer has the lease on it."""

    def __init__(self, delivery: AnswerDelivery, one: Pass, source: AnswerSource, hold: PassHold, end: str) -> None:
        self._delivery = delivery
        self._pass = one
        self._source = source
        self._end = end
        self._early: set[Key] = set()
        self.hold = hold
        self.served = 0
        self.is_out_of_time = False

    def serve_early(self, early: Sequence[Waiter]) -> bool:
        """Delivers to waiters before all are read; False if they have to be tried again."""
        self._early = {waiter.key for waiter in early}
        return self._serve(early)

    def serve_all(self) -> bool:
        """Delivers to everybody; False if some are left to another deliverer, or to a later time."""
        while not self.hold.is_lost:
            found = self._delivery.waiters.some(self._pass.run.question, self.hold.cursor, SLICE)
            waiting = [waiter for waiter in found if waiter.key.sk <= self._end and waiter.key not in self._early]
            is_last = len(found) < SLICE or found[-1].key.sk >= self._end
            if not self._serve(waiting):
                return False
            cursor = found[-1].key.sk if found else self.hold.cursor
            if not self.hold.end_slice(cursor, is_last=is_last):
                return False
            if is_last:
                return True
            if self._delivery.time_left() < MARGIN_MS:
                self.is_out_of_time = True
                return False
        return False

    def _serve(self, waiting: Sequence[Waiter]) -> bool:
        covered = [waiter for waiter in waiting if self._covers(waiter)]
        if not covered:
            return True
        try:
            served = self._delivery.to_slice(self._pass.run, self._source, covered, self.hold)
        finally:
            self.hold.remove_ended()
        self.served += served or 0
        return served is not None

    def _covers(self, waiter: Waiter) -> bool:
        """Whether the pass delivers to a waiter: not if it is served by itself, or has this version by the pass
        before."""
        run = self._pass.run.run
        if waiter.own is not None or waiter.ends_at <= time.time() or not waiter.is_answered_by(run):
            return False
        was_covered = waiter.min_attempt <= self._pass.seen_attempt and waiter.min_version <= self._pass.seen_version
        return not (waiter.live and was_covered and self._pass.seen_version >= run.version)
