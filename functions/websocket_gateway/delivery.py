"""One run on its way to those who wait for it."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from relay.data_api import DataApi, Page
from relay.errors import CallFailed
from relay.log import log
from websocket_gateway.protocol import (
    Chunk,
    Column,
    Completed,
    chunks,
    complete,
    error,
    no_rows,
    rows_message,
)
from websocket_gateway.push import PATIENCE_SECONDS, Outcome, Pusher
from websocket_gateway.questions import Meta
from websocket_gateway.waiters import RENEW_SECONDS, Waiter, Waiters

MARGIN_MS = 20_000
"""What is left of an invocation when it hands over: more than any message takes."""
ASIDE_SECONDS = 5
"""How long a client that took nothing is left alone."""


@dataclass
class Recipient:
    """A waiter while a run is delivered to it: `row` is the first that it does not have, `since` when it was leased."""

    waiter: Waiter
    row: int
    since: float
    patience: float = PATIENCE_SECONDS
    told_columns: bool = False
    moved: bool = False


class Pages:
    """The pages of a result: the next one is fetched while one is at work, and the first one at once."""

    def __init__(
        self, pages: Iterator[Page], start: Callable[[Callable[[], Page | None]], "Future[Page | None]"]
    ) -> None:
        self._pages = pages
        self._start = start
        self.fetch()

    def fetch(self) -> None:
        """Lets the next page come."""
        self._coming = self._start(partial(next, self._pages, None))

    def take(self) -> Page | None:
        """The page that was fetched; None after the last one. Raises StatementNotFound and CallFailed."""
        return self._coming.result()


class Delivery:
    """A run and its `recipients`, which shrink as they are served or lost.

    `owner` is who has leased them; `troubles` collects what went wrong for single ones.
    """

    def __init__(
        self,
        meta: Meta,
        recipients: Sequence[Recipient],
        owner: str,
        waiters: Waiters,
        pusher: Pusher,
        troubles: list[Exception],
    ) -> None:
        self._meta = meta
        self._owner = owner
        self._waiters = waiters
        self._pusher = pusher
        self._troubles = troubles
        self.recipients = list(recipients)

    def stream(self, pages: Pages, api: DataApi, time_left: Callable[[], int]) -> None:
        """Sends rows and their `complete`; a page at a time, so that memory does not grow with the answer.

        When the time is nearly up, all are put aside for another invocation. Raises RowTooWide and CallFailed.
        """
        most = self._meta.definition.max_rows
        sent, truncated = 0, False
        columns: list[Column] = []
        while page := pages.take():
            columns = [Column(column.name, column.type) for column in page.columns]
            room = most - sent
            truncated = len(page.rows) > room
            if not truncated:
                pages.fetch()
            for chunk in chunks(page.rows[:room], sent, columns):
                self._push(chunk, columns)
                if time_left() < MARGIN_MS:
                    self._put_aside()
                if not self.recipients:
                    return
            sent += min(room, len(page.rows))
            if truncated:
                break
        if sent == 0:
            self._push(no_rows(columns), columns)
        elapsed = self._elapsed(api)

        def completed(one: Recipient) -> dict[str, object]:
            done = Completed(
                run=self._meta.run.id,
                version=self._meta.run.version,
                rows=sent,
                truncated=truncated,
                elapsed_seconds=elapsed,
                held=one.waiter.asked_at > self._meta.ended,
                changed_at=self._meta.changed_at,
            )
            return complete(one.waiter.request, done, live=one.waiter.live)

        self._end(completed)

    def _elapsed(self, api: DataApi) -> float:
        """How long the statement took, in seconds; asked last, as no row needs to wait for it, nor the end of them."""
        try:
            seconds = api.describe(self._meta.statement).duration_seconds
        except CallFailed as failed:
            if failed.code == "AccessDeniedException":
                raise  # it stays so, and somebody has to hear of it
            seconds = max(0.0, self._meta.ended / 1000 - self._meta.started)
        return round(seconds, 3)

    def fail(self, code: str, text: str, *, to: Callable[[Waiter], bool] = lambda _: True) -> None:
        """Tells that there are no (more) rows; to some only, while the others still may get them."""
        run = self._meta.run.id
        log("ERROR", "query failed", run=run, statement_id=self._meta.statement, code=code)
        self.recipients = [one for one in self.recipients if to(one.waiter)]
        self._end(lambda one: error(one.waiter.request, code, text, run=run))

    def _push(self, chunk: Chunk, columns: Sequence[Column]) -> None:
        """Sends a part to all; one that is gone, slow or another's is no recipient any more."""
        alone = len(self.recipients) == 1

        def push(one: Recipient) -> bool:
            if chunk.count and chunk.first + chunk.count <= one.row:
                return True
            if not self._keep(one):
                return False
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

        self._sift(push)

    def _keep(self, one: Recipient) -> bool:
        now = time.monotonic()
        if now - one.since < RENEW_SECONDS:
            return True
        one.since = now
        return self._waiters.renew(one.waiter, self._owner, self._meta.run.id, one.row)

    def _put_aside(self) -> None:
        def put_aside(one: Recipient) -> bool:
            self._waiters.put_aside(one.waiter, self._owner, self._meta.run.id, one.row, 0)
            return False

        self._sift(put_aside)

    def _end(self, message: Callable[[Recipient], dict[str, object]]) -> None:
        """Sends the last message of an answer, to those who are still ours: an asker may have started over."""

        def end(one: Recipient) -> bool:
            if not self._waiters.holds(one.waiter, self._owner):
                return False
            outcome = self._pusher.send(one.waiter.connection, message(one), one.waiter.connected_at)
            if not self._still_there(one, outcome):
                return False
            self._waiters.delivered(one.waiter, self._meta.run.version, self._owner)
            return True

        self._sift(end)

    def _still_there(self, one: Recipient, outcome: Outcome) -> bool:
        if outcome is Outcome.GONE:
            self._waiters.forget(one.waiter)
        elif outcome is Outcome.SLOW:
            pause = 0 if one.moved else ASIDE_SECONDS
            self._waiters.put_aside(one.waiter, self._owner, self._meta.run.id, one.row, pause)
        return outcome is Outcome.SENT

    def _sift(self, work: Callable[[Recipient], bool]) -> None:
        """Does the work for all and keeps those for whom it succeeded; what fails for one holds up nobody."""
        kept = self._pusher.each(partial(self._safely, work), self.recipients)
        self.recipients = [one for one, still in zip(self.recipients, kept, strict=True) if still]

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
