"""Sends the messages of one run to many recipients at once."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from threading import Lock
from typing import Any

from relay.log import log
from websocket_gateway.answers.message import Ending, Message
from websocket_gateway.connections.waiter import Waiter
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.delivery.holds import SLOW_DELAY_SECONDS, Hold, Recipient
from websocket_gateway.delivery.management_api import SEND_TIMEOUT_SECONDS, ManagementApi, Outcome
from websocket_gateway.delivery.thread_pool import ThreadPool
from websocket_gateway.protocol.responses import Completed, complete, encode, error, riding
from websocket_gateway.questions.latest_run import LatestRun

MARGIN_MS = 20_000
"""What is left of an invocation when it hands over to the next: more than any message takes."""


class FanOut:
    """Delivers a run to `waiting`, as far as `hold` allows. `errors` collects what went wrong for single waiters."""

    def __init__(
        self,
        latest: LatestRun,
        waiting: Iterable[Waiter],
        hold: Hold,
        waiters: Waiters,
        management: ManagementApi,
        pool: ThreadPool,
        time_left: Callable[[], int],
        errors: list[Exception],
    ) -> None:
        self._latest = latest
        self._hold = hold
        self._waiters = waiters
        self._management = management
        self._pool = pool
        self._time_left = time_left
        self._errors = errors
        self._recipients = [Recipient(waiter) for waiter in waiting]
        self._columns: list[Any] | None = None
        self._first = b""
        self._lock = Lock()
        self._ended: list[Recipient] = []

    @property
    def ended(self) -> list[Waiter]:
        """Those to whom the last message was sent."""
        return [one.waiter for one in self._ended]

    def stream(self, messages: Iterator[tuple[Message, Ending | None]]) -> None:
        """Sends messages as they come. Raises what reading them raises."""
        for message, ending in messages:
            if message.first == 0:
                self._first = message.body
            self._send_to_all(message, ending)
            if not self._recipients and ending is None:
                return

    def send_error(self, code: str, text: str, *, to: Callable[[Waiter], bool] = lambda _: True) -> None:
        """Says that no (more) rows come; `to` selects waiters, where the others may still get them."""
        run = self._latest.run.id
        query = self._latest.definition.query
        log("ERROR", "query failed", query=query, run=run, statement_id=self._latest.statement, code=code)
        self._recipients = [one for one in self._recipients if to(one.waiter)]

        def send(one: Recipient) -> bool:
            data = encode(error(one.waiter.request, code, text, run=run))
            if self._may_send(one) and self._hold.may_end(one) and self._post(one, data, SEND_TIMEOUT_SECONDS):
                self._end(one)
            return False

        self._keep_if(send)

    def give_back(self) -> None:
        """Leaves all who are not served to another invocation."""
        for one in self._recipients:
            self._hold.put_aside(one, 0)

    def _send_to_all(self, message: Message, ending: Ending | None) -> None:
        is_only_one = len(self._recipients) == 1

        def send(one: Recipient) -> bool:
            if not self._may_send(one) or (ending and not self._hold.may_end(one)):
                return False
            data = self._data(one, message, ending)
            # Among others, a slow client has this much time for the whole answer; it gets the rest when they are done.
            if data and not self._post(one, data, SEND_TIMEOUT_SECONDS if is_only_one else one.time_left):
                return False
            one.has_received, one.row = one.has_received or bool(data), max(one.row, message.end)
            if ending:
                self._end(one)
            return not ending

        self._keep_if(send)

    def _data(self, one: Recipient, message: Message, ending: Ending | None) -> bytes | None:
        """The message for a recipient; None if it has these rows. One without rows brings the columns of an empty
        answer. The end rides with the last rows."""
        waiter = one.waiter
        done = self._completed(waiter, ending) if ending else None
        if message.end > one.row or message.end == 0:
            if one.row > message.first or (message.first and not one.has_received):
                message = message.since(one.row, self._described())
            return message.encode(waiter.request, riding(done, live=waiter.live) if done else None)
        return encode(complete(waiter.request, done, live=waiter.live)) if done else None

    def _described(self) -> list[Any]:
        """The columns, for those who begin in the middle."""
        with self._lock:
            if self._columns is None:
                self._columns = list(json.loads(b"{%b}" % self._first)["columns"])
            return self._columns

    def _completed(self, waiter: Waiter, ending: Ending) -> Completed:
        return Completed(
            run=self._latest.run.id,
            version=self._latest.run.version,
            rows=ending.rows,
            truncated=ending.truncated,
            elapsed_seconds=ending.elapsed_seconds,
            cached=waiter.asked_at > self._latest.ended,
            changed_at=self._latest.changed_at,
            finished_at=self._latest.finished_at,
        )

    def _may_send(self, one: Recipient) -> bool:
        if self._time_left() < MARGIN_MS:
            self._hold.put_aside(one, 0)
            return False
        return self._hold.ensure(one)

    def _post(self, one: Recipient, data: bytes, timeout: float) -> bool:
        """Sends; removes a waiter that is gone and puts a slow one aside. Returns whether the message was sent."""
        waiter, before = one.waiter, time.monotonic()
        outcome = self._management.post(waiter.connection, data, waiter.connected_at, timeout)
        one.time_left = max(0.0, one.time_left - max(0.0, time.monotonic() - before - 0.1))
        if outcome is Outcome.GONE:
            self._waiters.remove_gone(waiter)
        elif outcome is Outcome.SLOW:
            self._hold.put_aside(one, 1 if one.has_received else SLOW_DELAY_SECONDS)
        return outcome is Outcome.SENT

    def _end(self, one: Recipient) -> None:
        self._hold.ended(one)
        self._ended.append(one)

    def _keep_if(self, work: Callable[[Recipient], bool]) -> None:
        """Does the work for all recipients and keeps those for whom it returns True; an error stops only its own."""
        kept = self._pool.for_each(partial(self._catch, work), self._recipients)
        self._recipients = [one for one, keep in zip(self._recipients, kept, strict=True) if keep]

    def _catch(self, work: Callable[[Recipient], bool], one: Recipient) -> bool:
        try:
            return work(one)
        except Exception as failed:
            error_text = f"{type(failed).__name__}: {failed}"
            log("ERROR", "answer not delivered", connection=one.waiter.connection, error=error_text)
            self._errors.append(failed)
            self._hold.failed(one)
            return False
