"""Delivers one run to everybody who waits for it, many at once."""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock

from relay.data_api import DataApi
from relay.errors import CallFailed
from relay.log import log
from relay.metrics import metrics
from websocket_gateway.connections.waiters import RENEW_SECONDS, Waiter, Waiters
from websocket_gateway.delivery.management_api import SEND_TIMEOUT_SECONDS, ManagementApi, Outcome
from websocket_gateway.delivery.result_pages import ResultPages
from websocket_gateway.delivery.thread_pool import ThreadPool
from websocket_gateway.protocol.responses import Completed, complete, error
from websocket_gateway.protocol.rows import Chunk, Column, chunks, rows_message
from websocket_gateway.questions.latest_run import LatestRun

MARGIN_MS = 20_000
"""What is left of an invocation when it hands over to the next: more than any message takes."""
SLOW_DELAY_SECONDS = 5
"""How long a client that accepted nothing is left alone."""


@dataclass
class Recipient:
    """A waiter while a run is delivered to it: `row` is the first that it lacks, `leased_at` (monotonic) None before
    its lease, `time_left` the seconds that it may still keep others waiting."""

    waiter: Waiter
    row: int = 0
    leased_at: float | None = None
    time_left: float = SEND_TIMEOUT_SECONDS
    has_columns: bool = False
    has_received: bool = False


class FanOut:
    """Delivers a run to `waiting`: each waiter is leased, served and released by itself.

    `errors` collects what went wrong for single waiters.
    """

    def __init__(
        self,
        latest: LatestRun,
        waiting: Iterable[Waiter],
        waiters: Waiters,
        management: ManagementApi,
        pool: ThreadPool,
        time_left: Callable[[], int],
        errors: list[Exception],
    ) -> None:
        self._latest = latest
        self._waiters = waiters
        self._management = management
        self._pool = pool
        self._time_left = time_left
        self._errors = errors
        # Not the id of the invocation, which a second delivery of its event shares.
        self._owner = uuid.uuid4().hex
        self._all = [Recipient(waiter) for waiter in waiting]
        self._recipients = self._all
        self._elapsed: float | None = None
        self._describing = Lock()

    @property
    def leased(self) -> int:
        """How many waiters were leased; the others are gone, served, or another deliverer's."""
        return sum(one.leased_at is not None for one in self._all)

    def stream(self, pages: ResultPages, api: DataApi) -> None:
        """Sends rows and then `complete`, a page at a time, so that memory does not grow with the answer.

        When the time is nearly up, all waiters are released for another invocation. Raises RowTooWide and CallFailed.
        """
        max_rows = self._latest.definition.max_rows
        sent, last = 0, False
        while not last:
            page = pages.take()
            columns = [Column(column.name, column.type) for column in page.columns]
            room = max_rows - sent
            truncated = len(page.rows) > room
            last = page.last or truncated
            if not last:
                pages.prefetch()
            for chunk in chunks(page.rows[:room], sent, columns, last=last):
                end = partial(self._completed, api, chunk.first + chunk.count, truncated) if chunk.last else None
                self._send_chunk(chunk, columns, end)
                if not self._recipients:
                    return
            sent += min(room, len(page.rows))

    def send_error(self, code: str, text: str, *, to: Callable[[Waiter], bool] = lambda _: True) -> None:
        """Says that no (more) rows come; `to` selects waiters, where the others may still get them."""
        run = self._latest.run.id
        query = self._latest.definition.query
        log("ERROR", "query failed", query=query, run=run, statement_id=self._latest.statement, code=code)
        self._recipients = [one for one in self._recipients if to(one.waiter)]
        self._keep_if(
            lambda one: self._ensure_lease(one) and self._send_end(one, error(one.waiter.request, code, text, run=run))
        )

    def _completed(self, api: DataApi, rows: int, truncated: bool, one: Recipient) -> Mapping[str, object]:
        done = Completed(
            run=self._latest.run.id,
            version=self._latest.run.version,
            rows=rows,
            truncated=truncated,
            elapsed_seconds=self._elapsed_seconds(api),
            cached=one.waiter.asked_at > self._latest.ended,
            changed_at=self._latest.changed_at,
            finished_at=self._latest.finished_at,
        )
        return complete(one.waiter.request, done, live=one.waiter.live)

    def _elapsed_seconds(self, api: DataApi) -> float:
        """How long the statement took; asked once, and last, because neither rows nor their end have to wait for it."""
        with self._describing:
            if self._elapsed is None:
                seconds = None
                try:
                    seconds = api.describe(self._latest.statement).duration_seconds
                except CallFailed as failed:
                    if failed.code == "AccessDeniedException":
                        self._errors.append(failed)  # a retry does not help, and an operator has to know
                if seconds is None:
                    seconds = max(0.0, self._latest.ended / 1000 - self._latest.started)
                metrics.record("StatementTime", seconds)
                self._elapsed = round(seconds, 3)
            return self._elapsed

    def _send_chunk(
        self, chunk: Chunk, columns: Sequence[Column], end: Callable[[Recipient], Mapping[str, object]] | None
    ) -> None:
        """Sends a chunk to all recipients, and the end after the last; drops recipients that are gone or slow."""
        is_only_one, rows = len(self._recipients) == 1, chunk.first + chunk.count

        def send(one: Recipient) -> bool:
            if not self._ensure_lease(one):
                return False
            # A client that resumes has these rows; a chunk without rows brings the columns of an empty answer.
            if (rows > one.row or rows == 0) and not self._send_rows(one, chunk, columns, is_only_one=is_only_one):
                return False
            if end:
                self._send_end(one, end(one))
            return not end

        self._keep_if(send)

    def _send_rows(self, one: Recipient, chunk: Chunk, columns: Sequence[Column], *, is_only_one: bool) -> bool:
        head = None if one.has_columns else columns
        rest = chunk.since(one.row)
        data = rows_message(one.waiter.request, self._latest.run.id, self._latest.run.version, rest, head)
        before = time.monotonic()
        timeout = SEND_TIMEOUT_SECONDS if is_only_one else one.time_left
        outcome = self._management.post(one.waiter.connection, data, one.waiter.connected_at, timeout)
        # Among others, a slow client has this much time for the whole answer; it gets the rest when they are done.
        one.time_left = max(0.0, one.time_left - max(0.0, time.monotonic() - before - 0.1))
        if not self._handle_outcome(one, outcome):
            return False
        one.has_columns, one.has_received, one.row = True, True, chunk.first + chunk.count
        return True

    def _ensure_lease(self, one: Recipient) -> bool:
        """Takes a lease on a waiter, renews it while rows are sent, and releases it before the time is up."""
        now, run = time.monotonic(), self._latest.run
        if self._time_left() < MARGIN_MS:
            if one.leased_at is not None:
                self._waiters.release(one.waiter, self._owner, run.id, one.row, 0)
            return False
        if one.leased_at is None:
            leased = self._waiters.lease(one.waiter, run, self._owner)
            if leased is None:
                return False
            one.waiter, one.leased_at = leased, now
            one.row = leased.resume_row if leased.resume_run == run.id else 0
            return True
        if now - one.leased_at < RENEW_SECONDS:
            return True
        one.leased_at = now
        return self._waiters.renew(one.waiter, self._owner, run.id, one.row)

    def _send_end(self, one: Recipient, message: Mapping[str, object]) -> bool:
        """Sends the last message of an answer, if the lease is still ours: the request may have started over."""
        if not self._waiters.is_owned(one.waiter, self._owner):
            return False
        outcome = self._management.send(one.waiter.connection, message, one.waiter.connected_at)
        if not self._handle_outcome(one, outcome):
            return False
        self._waiters.mark_delivered(one.waiter, self._latest.run.version, self._owner)
        return True

    def _handle_outcome(self, one: Recipient, outcome: Outcome) -> bool:
        """Removes a waiter that is gone and releases a slow one; returns whether the message was sent."""
        if outcome is Outcome.GONE:
            self._waiters.remove_gone(one.waiter)
        elif outcome is Outcome.SLOW:
            delay = 0 if one.has_received else SLOW_DELAY_SECONDS
            self._waiters.release(one.waiter, self._owner, self._latest.run.id, one.row, delay)
        return outcome is Outcome.SENT

    def _keep_if(self, work: Callable[[Recipient], bool]) -> None:
        """Does the work for all recipients and keeps those for whom it returns True; an error stops only its own."""
        kept = self._pool.for_each(partial(self._catch, work), self._recipients)
        self._recipients = [one for one, keep in zip(self._recipients, kept, strict=True) if keep]

    def _catch(self, work: Callable[[Recipient], bool], one: Recipient) -> bool:
        try:
            return work(one)
        except Exception as failed:
            # Its lease runs out, and the sweep retries.
            error_text = f"{type(failed).__name__}: {failed}"
            log("ERROR", "answer not delivered", connection=one.waiter.connection, error=error_text)
            self._errors.append(failed)
            return False
