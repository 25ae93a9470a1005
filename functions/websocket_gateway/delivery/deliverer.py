"""Delivers the answer of a question to everybody who waits for it."""

import time
from collections.abc import Callable
from functools import partial

from relay.data_api import DataApi
from relay.errors import CallFailed, StatementNotFound
from relay.log import log
from websocket_gateway.catalog.catalog import Catalogue
from websocket_gateway.connections.waiters import Waiter, Waiters
from websocket_gateway.delivery.fan_out import MARGIN_MS, Delivery, Pages
from websocket_gateway.delivery.management_api import Outcome, Pusher
from websocket_gateway.protocol.responses import RowTooWide, error
from websocket_gateway.questions.question_store import (
    EXPIRED,
    FINISHED,
    NOT_STARTED,
    TIMEOUT,
    UNWANTED,
    Meta,
    Questions,
)
from websocket_gateway.questions.run import Run
from websocket_gateway.questions.run_coordinator import Runs

GIVE_UP_SECONDS = 600
"""How long a waiter waits for an answer that is there and cannot be read, before it is told so."""
MESSAGES = {
    NOT_STARTED: ("not_started", "The query could not be started. Ask again in a moment."),
    TIMEOUT: ("timeout", "The query took longer than it may and was stopped."),
    UNWANTED: ("cancelled", "The query was cancelled. Ask again."),
    EXPIRED: ("expired", "The answer is no longer kept. Ask again."),
    "CHANGED": ("query_changed", "The query has changed. Ask again."),
    "UNREADABLE": ("unavailable", "The answer cannot be read at the moment. Ask again later."),
    "FAILED": ("query_failed", "The query failed in the warehouse."),
    "ABORTED": ("cancelled", "The query was stopped in the warehouse. Ask again."),
}


class Deliverer:
    """Delivers answers; `time_left` says how many milliseconds the invocation has."""

    def __init__(
        self,
        questions: Questions,
        waiters: Waiters,
        runs: Runs,
        catalogue: Catalogue,
        api: DataApi,
        pusher: Pusher,
        time_left: Callable[[], int],
    ) -> None:
        self._questions = questions
        self._waiters = waiters
        self._runs = runs
        self._catalogue = catalogue
        self._api = api
        self._pusher = pusher
        self._time_left = time_left
        self._troubles: list[Exception] = []

    def completed(self, run: Run, state: str, statement: str) -> int:
        """Notes that a run has ended, and delivers it; returns to how many.

        Its waiters are read and its rows fetched while its end is noted: the first row comes sooner.
        """
        noting = self._pusher.start(partial(self._runs.ended, run, state, statement))
        pages = self._pages(statement) if state == FINISHED else None
        try:
            waiting = self._waiting(run) if pages else []
        finally:
            meta = noting.result()
        if meta is None:
            log("INFO", "completion of an earlier run", run=run.id)
            return 0
        # What may no longer be asked is dismissed when the answer that is there has been delivered.
        if meta.wanted > meta.run.version and self._catalogue.offers(meta):
            self.follow(meta)
        return self._deliver(meta, waiting, pages)

    def deliver(self, question: str) -> int:
        """Delivers to all who wait, until nobody is left that the latest run answers; returns to how many.

        Raises what kept an answer from somebody, after all others have theirs.
        """
        return self._deliver(self._questions.read(question), [], None)

    def _deliver(self, meta: Meta | None, early: list[Waiter], pages: Pages | None) -> int:
        """`meta` is delivered even if the next run is in flight already, then whatever is the latest by then.

        `early` waiters were read before the end of the run was noted: others may have come since, who count on it.
        """
        served = 0
        while meta and not meta.in_flight and self._time_left() > MARGIN_MS:
            if meta.reason == UNWANTED and meta.state != FINISHED:
                # Somebody may have asked while the run was being cancelled: they get a run of their own.
                if self.awaited(meta):
                    self._next(meta)
                break
            waiting = early or self._waiting(meta.run)
            taken = self._send(meta, waiting, pages) if waiting else 0
            if not taken and not early:
                break
            served += taken
            meta, early, pages = self._questions.read(meta.question), [], None
        if meta and not meta.in_flight and self._time_left() <= MARGIN_MS and self.awaited(meta):
            self._runs.deliver_soon(meta.question)
        if meta and meta.wanted > meta.run.version:
            self.follow(meta)
        if self._troubles:
            raise self._troubles[0]
        return served

    def awaited(self, meta: Meta) -> bool:
        """Whether somebody waits for the answer that is there."""
        return any(waiter.takes(meta.run) for waiter in self._waiters.of(meta.question))

    def follow(self, meta: Meta) -> None:
        """Starts the run after one that has ended, if somebody waits for it.

        Who has no answer yet gets it at once; newer answers come no sooner than `min_refresh_seconds`.
        """
        if meta.in_flight:
            return
        version = self._questions.version()
        waiting = list(self._waiters.of(meta.question))
        first = any(w.delivered < 0 and not w.takes(meta.run) for w in waiting)
        newer = meta.run.version < version.number and any(w.live for w in waiting)
        if first or (newer and time.time() - meta.started >= meta.definition.min_refresh_seconds):
            self._next(meta)

    def dismiss(self, question: str, reason: str) -> None:
        """Tells all who wait that no answer will come."""
        code, text = MESSAGES[reason]

        def tell(waiter: Waiter) -> None:
            outcome = self._pusher.send(waiter.connection, error(waiter.request, code, text), waiter.connected_at)
            if outcome is Outcome.SENT:
                self._waiters.remove(waiter.connection, waiter.request, waiter.question)
            elif outcome is Outcome.GONE:
                self._waiters.forget(waiter)

        self._pusher.each(tell, self._waiters.of(question))

    def _next(self, meta: Meta) -> None:
        if not self._catalogue.offers(meta):
            # Nothing runs again that may no longer be asked.
            self.dismiss(meta.question, "CHANGED")
            return
        self._runs.ensure(meta.question, meta.definition, self._questions.version())

    def _pages(self, statement: str) -> Pages:
        return Pages(self._api.results(statement), self._pusher.start)

    def _waiting(self, run: Run) -> list[Waiter]:
        now = time.time()
        return [waiter for waiter in self._waiters.of(run.question) if waiter.takes(run) and waiter.ends_at > now]

    def _send(self, meta: Meta, waiting: list[Waiter], pages: Pages | None) -> int:
        """Delivers a run; returns to how many, without those that another delivers to."""
        delivery = Delivery(meta, waiting, self._waiters, self._pusher, self._time_left, self._troubles)
        if meta.state != FINISHED:
            delivery.fail(*MESSAGES[meta.reason if meta.reason in MESSAGES else meta.state])
            return delivery.taken
        try:
            delivery.stream(pages or self._pages(meta.statement), self._api)
        except RowTooWide as wide:
            delivery.fail(wide.code, wide.message)
        except StatementNotFound:
            self._questions.forget(meta.run)
            delivery.fail(*MESSAGES[EXPIRED])
        except CallFailed as failed:
            long_ago = time.time() - GIVE_UP_SECONDS
            delivery.fail(*MESSAGES["UNREADABLE"], to=lambda waiter: max(meta.ended, waiter.asked_at) / 1000 < long_ago)
            self._troubles.append(failed)
        return delivery.taken
