"""Decides what is delivered to whom: ended runs to their waiters, then the run that has to follow."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from relay.log import log
from websocket_gateway.answers.answer_source import Result
from websocket_gateway.catalog.catalog import Catalog
from websocket_gateway.connections.waiter import Waiter
from websocket_gateway.deliver_function import DeliverFunction
from websocket_gateway.delivery.answer_delivery import ERROR_MESSAGES
from websocket_gateway.delivery.fan_out import MARGIN_MS
from websocket_gateway.delivery.management_api import Outcome
from websocket_gateway.delivery.pass_delivery import PassDelivery
from websocket_gateway.errors import ClientError
from websocket_gateway.protocol.responses import error
from websocket_gateway.questions.data_versions import DataVersions
from websocket_gateway.questions.latest_run import EXPIRED, FINISHED, NOT_STARTED, UNWANTED, LatestRun
from websocket_gateway.questions.passes import Pass
from websocket_gateway.questions.ranges import WAITERS_PER_RANGE
from websocket_gateway.questions.run import Run
from websocket_gateway.questions.run_coordinator import RunCoordinator


class Deliverer:
    """Delivers answers during one invocation."""

    def __init__(
        self,
        versions: DataVersions,
        runs: RunCoordinator,
        deliver_function: DeliverFunction,
        catalog: Catalog,
        pass_delivery: PassDelivery,
    ) -> None:
        delivery = pass_delivery.delivery
        self._versions = versions
        self._passes = pass_delivery.passes
        self._pass_delivery = pass_delivery
        self._runs = runs
        self._deliver_function = deliver_function
        self._catalog = catalog
        self._delivery = delivery
        self._questions = delivery.questions
        self._waiters = delivery.waiters
        self._management = delivery.management
        self._pool = delivery.pool
        self._owner = delivery.owner
        self._errors = delivery.errors
        self._is_left = False
        """Whether a pass was left to another invocation."""

    def deliver_ended(self, run: Run, state: str, statement: str) -> int:
        """Marks a run as ended and delivers it; returns to how many waiters.

        Waiters and rows are read while the end is stored, so that the first row is sent sooner.
        """
        marking = self._pool.start(partial(self._runs.mark_ended, run, state, statement, self._owner))
        result = Result(statement, self._delivery.api, self._pool) if state == FINISHED else None
        try:
            early = self._waiters.some(run.question, "", WAITERS_PER_RANGE) if result else []
        finally:
            latest, one = marking.result()
        if latest is None:
            log("INFO", "completion of an earlier run ignored", run=run.id)
            return 0
        releasing = self._pool.start(partial(self._runs.release, latest))
        try:
            # A query that has left the catalog is dismissed once the answer that exists is delivered.
            if latest.has_next_version and self._catalog.has(latest):
                releasing.result()  # the next run takes a slot too
                self.start_next(latest)
            served = self._pass(one, result, early) if one else 0
            return served + self.deliver(run.question)
        except Exception:
            if one:
                self._passes.release(one, one.cursor)  # Lambda's retry goes on at once
            raise
        finally:
            releasing.result()

    def deliver(self, question: str) -> int:
        """Delivers until the latest run has reached everybody whom passes cover; returns to how many waiters.

        Raises what kept an answer from somebody, after everybody else has it.
        """
        served = 0
        while (latest := self._questions.read(question)) and (latest.passing or latest.needs_pass):
            one = self._passes.take(latest, self._owner)
            if one is None:
                if latest.passing and self._finish_split(latest):
                    continue
                break
            served += self._pass(one)
            if self._is_left:
                break
        if latest and latest.has_next_version:
            self.start_next(latest)
        if self._errors:
            raise self._errors[0]
        return served

    def _finish_split(self, latest: LatestRun) -> bool:
        """Ends a pass whose last worker was killed before it did so."""
        one = self._passes.read_split(latest.question, latest.passing)
        return one is not None and self._pass_delivery.finish_split(one)

    def _pass(self, one: Pass, result: Result | None = None, early: Sequence[Waiter] = ()) -> int:
        """Delivers a run to everybody whom its pass covers, unless another run has to take its place."""
        latest = one.run
        if latest.reason == UNWANTED and latest.state != FINISHED:
            # Whoever asked while the run was being cancelled gets a new run.
            if not self._waiters.has_any(latest.question):
                self._passes.finish(one)
            elif self._start(latest):
                self._passes.drop(one)
            else:
                self._is_left = True  # the sweep starts it when a slot is free
            return 0
        served, is_done = self._pass_delivery.deliver(one, result, early)
        self._is_left = not is_done
        return served

    def deliver_to(self, question: str, sort_keys: Sequence[str]) -> int:
        """Delivers the latest run to these waiters, each by itself; returns to how many.

        Where a run is in flight, its pass will cover them.
        """
        waiting = [waiter for key in sort_keys if (waiter := self._waiters.get(question, key))]
        served, latest = 0, self._questions.read(question) if waiting else None
        if waiting and latest is None:
            # The function that stored them was killed before it claimed a run.
            self._dismiss(waiting, NOT_STARTED)
        while waiting and latest:
            left: list[Waiter] = []
            if latest.is_in_flight:
                for waiter in waiting:
                    self._waiters.leave_to_pass(waiter)
            elif self._answers(latest, waiting):
                ended = {waiter.key for waiter in self._delivery.to_each(latest, waiting)}
                served += len(ended)
                left = [one for one in waiting if one.key not in ended and one.delivered < latest.run.version]
                have = [one for one in waiting if one not in left and one.live]
                for waiter in have:
                    if waiter.key not in ended and waiter.own is not None:
                        self._waiters.leave_to_pass(waiter)
                waiting = [replace(one, own=None, delivered=latest.run.version) for one in have]
                if left and self._delivery.time_left() < MARGIN_MS:
                    self._deliver_function.deliver_to(question, [one.key.sk for one in left])
            elif not self._start(latest):
                break  # the sweep starts it when a slot is free
            seen, latest = latest, self._questions.read(question) if waiting or left else None
            if latest and latest.run == seen.run and latest.state == seen.state:
                # Nothing has happened meanwhile that these could have missed.
                for waiter in waiting:
                    self._waiters.confirm(waiter)
                break
            if latest and (latest.is_in_flight or latest.reason == EXPIRED):
                waiting = [*waiting, *left]
        if self._errors:
            raise self._errors[0]
        return served

    def _answers(self, latest: LatestRun, waiting: Sequence[Waiter]) -> bool:
        """Whether an ended run will do for these waiters."""
        if latest.reason in (UNWANTED, EXPIRED) and latest.state != FINISHED:
            return False
        return all(one.min_is_met_by(latest.run) for one in waiting)

    def start_next(self, latest: LatestRun) -> bool | None:
        """Starts the run after one that has ended, if somebody waits for it: None if nobody does, False if no slot is
        free.

        Waiters without any answer get it at once; newer answers come no more often than `min_refresh_seconds`.
        """
        if latest.is_in_flight:
            return None
        version = self._versions.current(latest.definition.refreshed_by)
        is_older = latest.run.version < version.number
        is_due = is_older and time.time() - latest.started >= latest.definition.min_refresh_seconds
        # Read as far as need be: one who watches is enough when the next run is due.
        for waiter in self._waiters.of(latest.question):
            if (is_due and waiter.live) or not waiter.min_is_met_by(latest.run):
                return self._start(latest)
        return None

    def dismiss(self, question: str, reason: str) -> None:
        """Sends an error to all waiters of a question that gets no answer."""
        self._dismiss(self._waiters.of(question), reason)

    def _dismiss(self, waiting: Iterable[Waiter], reason: str) -> None:
        code, text = ERROR_MESSAGES[reason]

        def send(waiter: Waiter) -> None:
            message = error(waiter.request, code, text)
            outcome = self._management.send(waiter.connection, message, waiter.connected_at)
            if outcome is Outcome.SENT:
                self._waiters.remove([waiter])
            elif outcome is Outcome.GONE:
                self._waiters.remove_gone(waiter)

        self._pool.for_each(send, waiting)

    def _start(self, latest: LatestRun) -> bool:
        """Starts the run after one that has ended; False if no slot is free."""
        if not self._catalog.has(latest):
            # A query that has left the catalog never runs again.
            self.dismiss(latest.question, "CHANGED")
            return True
        try:
            # A cached answer will not do: whoever waits needs a newer one.
            version = self._versions.current(latest.definition.refreshed_by)
            self._runs.ensure_run(latest.question, latest.definition, version, max_age=0)
        except ClientError as busy:
            # The sweep starts it when a slot is free.
            log("INFO", "next run not started", question=latest.question, reason=busy.code)
            return False
        return True
