"""Delivers the answer of a question to everybody who waits for it."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from relay.data_api import DataApi
from relay.errors import CallFailed, StatementNotFound
from relay.log import log
from websocket_gateway.catalogue_table import Catalogue
from websocket_gateway.protocol import (
    Chunk,
    Column,
    Completed,
    RowTooWide,
    chunks,
    complete,
    error,
    no_rows,
    rows_message,
)
from websocket_gateway.push import PATIENCE_SECONDS, Outcome, Pusher
from websocket_gateway.questions import EXPIRED, FINISHED, NOT_STARTED, TIMEOUT, UNWANTED, Meta, Questions
from websocket_gateway.runs import Runs
from websocket_gateway.waiters import RENEW_SECONDS, Waiter, Waiters

MARGIN_MS = 20_000
"""What is left of an invocation when it hands over: more than any message takes."""
GIVE_UP_SECONDS = 600
"""How long a waiter waits for an answer that is there and cannot be read, before it is told so."""
ASIDE_SECONDS = 5
"""How long a client that took nothing is left alone."""
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


@dataclass
class _Recipient:
    """A waiter while a run is delivered to it: `row` is the first that it does not have, `since` when it was leased."""

    waiter: Waiter
    row: int
    since: float
    patience: float = PATIENCE_SECONDS
    told_columns: bool = False
    moved: bool = False


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
        # Not the id of the invocation, which a second delivery of its event shares.
        self._owner = uuid.uuid4().hex
        self._troubles: list[Exception] = []

    def deliver(self, question: str, ended: Meta | None = None) -> int:
        """Delivers to all who wait, until nobody is left that the latest run answers; returns to how many.

        `ended` is a run that has just ended: it is delivered even if the next one is in flight already. Raises what
        kept an answer from somebody, after all others have theirs.
        """
        served = 0
        meta = ended or self._questions.read(question)
        while meta and not meta.in_flight and self._time_left() > MARGIN_MS:
            if meta.reason == UNWANTED and meta.state != FINISHED:
                # Somebody may have asked while the run was being cancelled: they get a run of their own.
                if self.awaited(meta):
                    self._next(meta)
                break
            leased = self._lease(meta)
            if not leased:
                break
            self._send(meta, leased)
            served += len(leased)
            meta = self._questions.read(question)
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
                self._forget(waiter)

        self._pusher.each(tell, self._waiters.of(question))

    def _next(self, meta: Meta) -> None:
        if not self._catalogue.offers(meta):
            # Nothing runs again that may no longer be asked.
            self.dismiss(meta.question, "CHANGED")
            return
        self._runs.ensure(meta.question, meta.definition, self._questions.version())

    def _lease(self, meta: Meta) -> list[_Recipient]:
        now = time.time()
        waiting = [w for w in self._waiters.of(meta.question) if w.takes(meta.run) and w.ends_at > now]

        def lease(waiter: Waiter) -> _Recipient | None:
            since = time.monotonic()
            ours = self._waiters.lease(waiter, meta.run, self._owner)
            if ours is None:
                return None
            return _Recipient(ours, ours.resume_row if ours.resume_run == meta.run.id else 0, since)

        return [one for one in self._pusher.each(lease, waiting) if one]

    def _send(self, meta: Meta, leased: list[_Recipient]) -> None:
        if meta.state != FINISHED:
            self._fail(meta, leased, *MESSAGES[meta.reason if meta.reason in MESSAGES else meta.state])
            return
        recipients = list(leased)
        try:
            self._stream(meta, recipients)
        except RowTooWide as wide:
            self._fail(meta, recipients, wide.code, wide.message)
        except StatementNotFound:
            self._questions.forget(meta.run)
            self._fail(meta, recipients, *MESSAGES[EXPIRED])
        except CallFailed as failed:
            long_ago = time.time() - GIVE_UP_SECONDS
            self._fail(
                meta,
                [one for one in recipients if max(meta.ended, one.waiter.asked_at) / 1000 < long_ago],
                *MESSAGES["UNREADABLE"],
            )
            self._troubles.append(failed)

    def _stream(self, meta: Meta, recipients: list[_Recipient]) -> None:
        """One page at a time, so that memory does not grow with the answer; `recipients` shrinks as they are lost."""
        most = meta.definition.max_rows
        sent, truncated = 0, False
        columns: list[Column] = []
        for page in self._api.results(meta.statement):
            columns = [Column(column.name, column.type) for column in page.columns]
            room = most - sent
            truncated = truncated or len(page.rows) > room
            for chunk in chunks(page.rows[:room], sent, columns):
                self._push(meta, recipients, chunk, columns)
                if self._time_left() < MARGIN_MS:
                    self._hand_over(meta, recipients)
                if not recipients:
                    return
            sent += min(room, len(page.rows))
            if truncated:
                break
        if sent == 0:
            self._push(meta, recipients, no_rows(columns), columns)
        # Asked last: the rows need not wait for how long they took.
        elapsed = round(self._api.describe(meta.statement).duration_seconds, 3)

        def completed(one: _Recipient) -> dict[str, object]:
            done = Completed(
                run=meta.run.id,
                version=meta.run.version,
                rows=sent,
                truncated=truncated,
                elapsed_seconds=elapsed,
                held=one.waiter.asked_at > meta.ended,
                changed_at=meta.changed_at,
            )
            return complete(one.waiter.request, done, live=one.waiter.live)

        self._end(meta, recipients, completed)

    def _push(self, meta: Meta, recipients: list[_Recipient], chunk: Chunk, columns: Sequence[Column]) -> None:
        """Sends a part to all; one that is gone, slow or another's is no recipient any more."""
        alone = len(recipients) == 1

        def push(one: _Recipient) -> bool:
            if chunk.count and chunk.first + chunk.count <= one.row:
                return True
            if not self._keep(meta, one):
                return False
            head = None if one.told_columns else columns
            data = rows_message(one.waiter.request, meta.run.id, meta.run.version, chunk, head)
            before = time.monotonic()
            patience = PATIENCE_SECONDS if alone else one.patience
            outcome = self._pusher.post(one.waiter.connection, data, one.waiter.connected_at, patience)
            # Among others, a slow client has so much time for the whole answer; its rest comes when they are done.
            one.patience = max(0.0, one.patience - max(0.0, time.monotonic() - before - 0.1))
            if not self._still_there(meta, one, outcome):
                return False
            one.told_columns, one.moved, one.row = True, True, chunk.first + chunk.count
            return True

        self._sift(recipients, push)

    def _keep(self, meta: Meta, one: _Recipient) -> bool:
        now = time.monotonic()
        if now - one.since < RENEW_SECONDS:
            return True
        one.since = now
        return self._waiters.renew(one.waiter, self._owner, meta.run.id, one.row)

    def _hand_over(self, meta: Meta, recipients: list[_Recipient]) -> None:
        """The time is nearly up: another invocation goes on."""

        def put_aside(one: _Recipient) -> bool:
            self._waiters.put_aside(one.waiter, self._owner, meta.run.id, one.row, 0)
            return False

        self._sift(recipients, put_aside)
        self._runs.deliver_soon(meta.question)

    def _fail(self, meta: Meta, recipients: list[_Recipient], code: str, text: str) -> None:
        log("ERROR", "query failed", run=meta.run.id, statement_id=meta.statement, code=code)
        self._end(meta, recipients, lambda one: error(one.waiter.request, code, text, run=meta.run.id))

    def _end(
        self, meta: Meta, recipients: list[_Recipient], message: Callable[[_Recipient], dict[str, object]]
    ) -> None:
        """Sends the last message of an answer, to those who are still ours: an asker may have started over."""

        def end(one: _Recipient) -> bool:
            if not self._waiters.holds(one.waiter, self._owner):
                return False
            outcome = self._pusher.send(one.waiter.connection, message(one), one.waiter.connected_at)
            if not self._still_there(meta, one, outcome):
                return False
            self._waiters.delivered(one.waiter, meta.run.version, self._owner)
            return True

        self._sift(recipients, end)

    def _still_there(self, meta: Meta, one: _Recipient, outcome: Outcome) -> bool:
        if outcome is Outcome.GONE:
            self._forget(one.waiter)
        elif outcome is Outcome.SLOW:
            pause = 0 if one.moved else ASIDE_SECONDS
            self._waiters.put_aside(one.waiter, self._owner, meta.run.id, one.row, pause)
        return outcome is Outcome.SENT

    def _forget(self, waiter: Waiter) -> None:
        self._waiters.disconnect(waiter.connection)
        self._waiters.remove(waiter.connection, waiter.request, waiter.question)

    def _sift(self, recipients: list[_Recipient], work: Callable[[_Recipient], bool]) -> None:
        """Does the work for all and keeps those for whom it succeeded; what fails for one holds up nobody."""
        kept = self._pusher.each(partial(self._safely, work), recipients)
        recipients[:] = [one for one, still in zip(recipients, kept, strict=True) if still]

    def _safely(self, work: Callable[[_Recipient], bool], one: _Recipient) -> bool:
        try:
            return work(one)
        except Exception as trouble:
            # Its lease runs out, and the sweep tries again.
            log(
                "ERROR", "not delivered", connection=one.waiter.connection, error=f"{type(trouble).__name__}: {trouble}"
            )
            self._troubles.append(trouble)
            return False
