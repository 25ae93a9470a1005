"""Decides what is delivered to whom: ended runs to their waiters, then the run that has to follow."""

import time
from collections.abc import Callable
from functools import partial

from relay.data_api import DataApi
from relay.errors import CallFailed, StatementNotFound
from relay.log import log
from websocket_gateway.catalog.catalog import Catalog
from websocket_gateway.connections.waiters import Waiter, Waiters
from websocket_gateway.deliver_function import DeliverFunction
from websocket_gateway.delivery.fan_out import MARGIN_MS, FanOut
from websocket_gateway.delivery.management_api import ManagementApi, Outcome
from websocket_gateway.delivery.result_pages import ResultPages
from websocket_gateway.delivery.thread_pool import ThreadPool
from websocket_gateway.errors import ClientError
from websocket_gateway.protocol.responses import error
from websocket_gateway.protocol.rows import RowTooWide
from websocket_gateway.questions.data_versions import DataVersions
from websocket_gateway.questions.latest_run import EXPIRED, FINISHED, NOT_STARTED, TIMEOUT, UNWANTED, LatestRun
from websocket_gateway.questions.question_store import QuestionStore
from websocket_gateway.questions.run import Run
from websocket_gateway.questions.run_coordinator import RunCoordinator

UNREADABLE_TIMEOUT_SECONDS = 600
"""How long a waiter waits for an answer that exists and cannot be read, before it gets an error."""
ERROR_MESSAGES = {
    NOT_STARTED: ("not_started", "The query could not be started. Ask again in a moment."),
    TIMEOUT: ("timeout", "The query exceeded its time limit and was cancelled."),
    UNWANTED: ("cancelled", "The query was cancelled. Ask again."),
    EXPIRED: ("expired", "The answer is no longer available. Ask again."),
    "CHANGED": ("query_changed", "The query has changed. Ask again."),
    "UNREADABLE": ("unavailable", "The answer cannot be read at the moment. Ask again later."),
    "FAILED": ("query_failed", "The query failed in the warehouse."),
    "ABORTED": ("cancelled", "The query was cancelled in the warehouse. Ask again."),
}
"""(code, message) by reason or, without one, by state."""


class Deliverer:
    """Delivers answers during one invocation; `time_left` returns the milliseconds that it has."""

    def __init__(
        self,
        questions: QuestionStore,
        versions: DataVersions,
        waiters: Waiters,
        runs: RunCoordinator,
        deliver_function: DeliverFunction,
        catalog: Catalog,
        api: DataApi,
        management: ManagementApi,
        pool: ThreadPool,
        time_left: Callable[[], int],
    ) -> None:
        self._questions = questions
        self._versions = versions
        self._waiters = waiters
        self._runs = runs
        self._deliver_function = deliver_function
        self._catalog = catalog
        self._api = api
        self._management = management
        self._pool = pool
        self._time_left = time_left
        self._errors: list[Exception] = []

    def deliver_ended(self, run: Run, state: str, statement: str) -> int:
        """Marks a run as ended and delivers it; returns to how many waiters.

        Waiters and rows are read while the end is stored, so that the first row is sent sooner.
        """
        marking = self._pool.start(partial(self._runs.mark_ended, run, state, statement))
        pages = self._pages(statement) if state == FINISHED else None
        try:
            waiting = self._waiting(run) if pages else []
        finally:
            latest = marking.result()
        if latest is None:
            log("INFO", "completion of an earlier run ignored", run=run.id)
            return 0
        releasing = self._pool.start(partial(self._runs.release, latest))
        try:
            # A query that has left the catalog is dismissed once the answer that exists is delivered.
            if latest.has_next_version and self._catalog.has(latest):
                releasing.result()  # the next run takes a slot too
                self.start_next(latest)
            return self._deliver(latest, waiting, pages)
        finally:
            releasing.result()

    def deliver(self, question: str) -> int:
        """Delivers until the latest run has reached everybody that it answers; returns to how many waiters.

        Raises what kept an answer from somebody, after everybody else has it.
        """
        return self._deliver(self._questions.read(question), [], None)

    def _deliver(self, latest: LatestRun | None, early: list[Waiter], pages: ResultPages | None) -> int:
        """Delivers `latest` even if the next run is already in flight, then whatever is the latest by then.

        `early` waiters were read before the end of the run was stored: others may have come since, and count on it.
        """
        served = 0
        while latest and not latest.is_in_flight and self._time_left() > MARGIN_MS:
            if latest.reason == UNWANTED and latest.state != FINISHED:
                # Whoever asked while the run was being cancelled gets a new run.
                if self.has_waiting(latest):
                    self._start(latest)
                break
            waiting = early or self._waiting(latest.run)
            leased = self._fan_out(latest, waiting, pages) if waiting else 0
            if not leased and not early:
                break
            served += leased
            latest, early, pages = self._questions.read(latest.question), [], None
        if latest and not latest.is_in_flight and self._time_left() <= MARGIN_MS and self.has_waiting(latest):
            self._deliver_function.deliver(latest.question)
        if latest and latest.has_next_version:
            self.start_next(latest)
        if self._errors:
            raise self._errors[0]
        return served

    def has_waiting(self, latest: LatestRun) -> bool:
        """Whether a waiter needs the answer of the latest run."""
        return any(waiter.is_answered_by(latest.run) for waiter in self._waiters.of(latest.question))

    def start_next(self, latest: LatestRun) -> None:
        """Starts the run after one that has ended, if somebody waits for it.

        Waiters without any answer get it at once; newer answers come no more often than `min_refresh_seconds`.
        """
        if latest.is_in_flight:
            return
        version = self._versions.current()
        waiting = list(self._waiters.of(latest.question))
        first = any(w.delivered < 0 and not w.is_answered_by(latest.run) for w in waiting)
        newer = latest.run.version < version.number and any(w.live for w in waiting)
        if first or (newer and time.time() - latest.started >= latest.definition.min_refresh_seconds):
            self._start(latest)

    def dismiss(self, question: str, reason: str) -> None:
        """Sends an error to all waiters of a question that gets no answer."""
        code, text = ERROR_MESSAGES[reason]

        def send(waiter: Waiter) -> None:
            message = error(waiter.request, code, text)
            outcome = self._management.send(waiter.connection, message, waiter.connected_at)
            if outcome is Outcome.SENT:
                self._waiters.remove(waiter.connection, waiter.request, waiter.question)
            elif outcome is Outcome.GONE:
                self._waiters.remove_gone(waiter)

        self._pool.for_each(send, self._waiters.of(question))

    def _start(self, latest: LatestRun) -> None:
        if not self._catalog.has(latest):
            # A query that has left the catalog never runs again.
            self.dismiss(latest.question, "CHANGED")
            return
        try:
            # A cached answer will not do: whoever waits needs a newer one.
            self._runs.ensure_run(latest.question, latest.definition, self._versions.current(), max_age=0)
        except ClientError as busy:
            # The sweep starts it when a slot is free.
            log("INFO", "next run not started", question=latest.question, reason=busy.code)

    def _pages(self, statement: str) -> ResultPages:
        return ResultPages(self._api.results(statement), self._pool.start)

    def _waiting(self, run: Run) -> list[Waiter]:
        now = time.time()
        return [
            waiter for waiter in self._waiters.of(run.question) if waiter.is_answered_by(run) and waiter.ends_at > now
        ]

    def _fan_out(self, latest: LatestRun, waiting: list[Waiter], pages: ResultPages | None) -> int:
        """Delivers a run; returns to how many waiters, without those of another deliverer."""
        fan_out = FanOut(latest, waiting, self._waiters, self._management, self._pool, self._time_left, self._errors)
        if latest.state != FINISHED:
            fan_out.send_error(*ERROR_MESSAGES[latest.reason if latest.reason in ERROR_MESSAGES else latest.state])
            return fan_out.leased
        try:
            fan_out.stream(pages or self._pages(latest.statement), self._api)
        except RowTooWide as wide:
            fan_out.send_error(wide.code, wide.message)
        except StatementNotFound:
            self._questions.mark_expired(latest.run)
            fan_out.send_error(*ERROR_MESSAGES[EXPIRED])
        except CallFailed as failed:
            since = time.time() - UNREADABLE_TIMEOUT_SECONDS
            fan_out.send_error(
                *ERROR_MESSAGES["UNREADABLE"], to=lambda waiter: max(latest.ended, waiter.asked_at) / 1000 < since
            )
            self._errors.append(failed)
        return fan_out.leased
