"""One run on its way to those who wait for it."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from threading import Lock

from relay.data_api import DataApi, Page
from relay.errors import CallFailed
from relay.log import log
from websocket_gateway.connections.waiters import RENEW_SECONDS, Waiter, Waiters
from websocket_gateway.delivery.management_api import PATIENCE_SECONDS, Outcome, Pusher
from websocket_gateway.protocol.responses import (
    Chunk,
    Column,
    Completed,
    chunks,
    complete,
    error,
    rows_message,
)
from websocket_gateway.questions.question_store import Meta

MARGIN_MS = 20_000
"""What is left of an invocation when it hands over: more than any message takes."""
ASIDE_SECONDS = 5
"""How long a client that took nothing is left alone."""


@dataclass
class Recipient:
    """A waiter while a run is delivered to it: `row` is the first that it does not have, `since` when it was leased."""

    waiter: Waiter
    row: int = 0
    since: float | None = None
    patience: float = PATIENCE_SECONDS
    told_columns: bool = False
    moved: bool = False


class Pages:
    """The pages of a result: the next one is fetched while one is at work, and the first one at once."""

    def __init__(self, pages: Iterator[Page], start: Callable[[Callable[[], Page]], "Future[Page]"]) -> None:
        self._pages = pages
        self._start = start
        self.fetch()

    def fetch(self) -> None:
        """Lets the next page come."""
        self._coming = self._start(partial(next, self._pages))

    def take(self) -> Page:
        """The page that was fetched. Raises StatementNotFound and CallFailed."""
        return self._coming.result()


class Delivery:
    """A run on its way to `waiting`: each is leased, served and let go by itself, many at once.

    `troubles` collects what went wrong for single ones.
    """

    def __init__(
        self,
        meta: Meta,
        waiting: Iterable[Waiter],
        waiters: Waiters,
        pusher: Pusher,
        time_left: Callable[[], int],
        troubles: list[Exception],
    ) -> None:
        self._meta = meta
        self._waiters = waiters
        self._pusher = pusher
        self._time_left = time_left
        self._troubles = troubles
        # Not the id of the invocation, which a second delivery of its event shares.
        self._owner = uuid.uuid4().hex
        self._all = [Recipient(waiter) for waiter in waiting]
        self._recipients = self._all
        self._elapsed: float | None = None
        self._describing = Lock()

    @property
    def taken(self) -> int:
        """How many were leased; the others are gone, served, or another deliverer's."""
        return sum(one.since is not None for one in self._all)

    def stream(self, pages: Pages, api: DataApi) -> None:
        """Sends rows and their `complete`; a page at a time, so that memory does not grow with the answer.

        When the time is nearly up, all are put aside for another invocation. Raises RowTooWide and CallFailed.
        """
        most = self._meta.definition.max_rows
        sent, last = 0, False
        while not last:
            page = pages.take()
            columns = [Column(column.name, column.type) for column in page.columns]
            room = most - sent
            truncated = len(page.rows) > room
            last = page.last or truncated
            if not last:
                pages.fetch()
            for chunk in chunks(page.rows[:room], sent, columns, last=last):
                end = partial(self._complete, api, chunk.first + chunk.count, truncated) if chunk.last else None
                self._push(chunk, columns, end)
                if not self._recipients:
                    return
            sent += min(room, len(page.rows))

    def fail(self, code: str, text: str, *, to: Callable[[Waiter], bool] = lambda _: True) -> None:
        """Tells that there are no (more) rows; to some only, while the others still may get them."""
        run = self._meta.run.id
        query = self._meta.definition.query
        log("ERROR", "query failed", query=query, run=run, statement_id=self._meta.statement, code=code)
        self._recipients = [one for one in self._recipients if to(one.waiter)]
        self._sift(lambda one: self._ours(one) and self._end(one, error(one.waiter.request, code, text, run=run)))

    def _complete(self, api: DataApi, rows: int, truncated: bool, one: Recipient) -> Mapping[str, object]:
        done = Completed(
            run=self._meta.run.id,
            version=self._meta.run.version,
            rows=rows,
            truncated=truncated,
            elapsed_seconds=self._seconds(api),
            held=one.waiter.asked_at > self._meta.ended,
            changed_at=self._meta.changed_at,
        )
        return complete(one.waiter.request, done, live=one.waiter.live)

    def _seconds(self, api: DataApi) -> float:
        """How long the statement took; asked once, and last, as no row needs to wait for it, nor the end of them."""
        with self._describing:
            if self._elapsed is None:
                try:
                    seconds = api.describe(self._meta.statement).duration_seconds
                except CallFailed as failed:
                    if failed.code == "AccessDeniedException":
                        self._troubles.append(failed)  # it stays so, and somebody has to hear of it
                    seconds = max(0.0, self._meta.ended / 1000 - self._meta.started)
                self._elapsed = round(seconds, 3)
            return self._elapsed

    def _push(
        self, chunk: Chunk, columns: Sequence[Column], end: Callable[[Recipient], Mapping[str, object]] | None
    ) -> None:
        """Sends a part to all, and the end after the last; one that is gone or slow is no recipient any more."""
        alone, rows = len(self._recipients) == 1, chunk.first + chunk.count

        def push(one: Recipient) -> bool:
            if not self._ours(one):
                return False
            # Who resumes has these rows; a part without rows tells the columns of an answer without any.
            if (rows > one.row or rows == 0) and not self._post(one, chunk, columns, alone=alone):
                return False
            if end:
                self._end(one, end(one))
            return not end

        self._sift(push)

    def _post(self, one: Recipient, chunk: Chunk, columns: Sequence[Column], *, alone: bool) -> bool:
        head = None if one.told_columns else columns
        data = rows_message(one.waiter.request, self._meta.run.id, self._meta.run.version, chunk, head)
        before = time.monotonic()
        patience = PATIENCE_SECONDS if alone else one.patience
        outcome = self._pusher.post(one.waiter.connection, data, one.waiter.connected_at, patience)
        # Among others, a slow client has so much time for the whole answer; its rest comes when they are done.
        one.patience = max(0.0, one.patience - max(0.0, time.monotonic() - before - 0.1))
        if not self._still_there(one, outcome):
            return False
        one.told_columns, one.moved, one.row = True, True, chunk.first + chunk.count
        return True

    def _ours(self, one: Recipient) -> bool:
        """Takes the right to deliver to a waiter, keeps it while rows are on their way, and gives it back in time."""
        now, run = time.monotonic(), self._meta.run
        if self._time_left() < MARGIN_MS:
            if one.since is not None:
                self._waiters.put_aside(one.waiter, self._owner, run.id, one.row, 0)
            return False
        if one.since is None:
            leased = self._waiters.lease(one.waiter, run, self._owner)
            if leased is None:
                return False
            one.waiter, one.since = leased, now
            one.row = leased.resume_row if leased.resume_run == run.id else 0
            return True
        if now - one.since < RENEW_SECONDS:
            return True
        one.since = now
        return self._waiters.renew(one.waiter, self._owner, run.id, one.row)

    def _end(self, one: Recipient, message: Mapping[str, object]) -> bool:
        """Sends the last message of an answer, if the waiter is still ours: an asker may have started over."""
        if not self._waiters.holds(one.waiter, self._owner):
            return False
        outcome = self._pusher.send(one.waiter.connection, message, one.waiter.connected_at)
        if not self._still_there(one, outcome):
            return False
        self._waiters.delivered(one.waiter, self._meta.run.version, self._owner)
        return True

    def _still_there(self, one: Recipient, outcome: Outcome) -> bool:
        if outcome is Outcome.GONE:
            self._waiters.forget(one.waiter)
        elif outcome is Outcome.SLOW:
            pause = 0 if one.moved else ASIDE_SECONDS
            self._waiters.put_aside(one.waiter, self._owner, self._meta.run.id, one.row, pause)
        return outcome is Outcome.SENT

    def _sift(self, work: Callable[[Recipient], bool]) -> None:
        """Does the work for all and keeps those for whom it succeeded; what fails for one holds up nobody."""
        kept = self._pusher.each(partial(self._safely, work), self._recipients)
        self._recipients = [one for one, still in zip(self._recipients, kept, strict=True) if still]

    def _safely(self, work: Callable[[Recipient], bool], one: Recipient) -> bool:
        try:
            return work(one)
        except Exception as trouble:
            # Its lease runs out, and the sweep tries again.
            log(
                "ERROR", "not delivered", connection=one.waiter.connection, error=f"{type(trouble).__name__}: {trouble}"
            )
            self._troubles.append(trouble)
            return False
