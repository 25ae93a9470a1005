"""What a deliverer holds while it sends: a pass over many waiters, or single waiters that are served by themselves."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from websocket_gateway.connections.waiter import Waiter
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.delivery.management_api import SEND_TIMEOUT_SECONDS
from websocket_gateway.questions.passes import RENEW_SECONDS
from websocket_gateway.questions.run import Run

SLOW_DELAY_SECONDS = 5
"""How long a client that accepted nothing is left alone."""


@dataclass
class Recipient:
    """A waiter while a run is delivered to it: `row` is the first that it lacks, `leased_at` (monotonic) None before
    a lease of its own, `time_left` the seconds that it may still keep others waiting."""

    waiter: Waiter
    row: int = 0
    leased_at: float | None = None
    time_left: float = SEND_TIMEOUT_SECONDS
    has_received: bool = False


class Hold(Protocol):
    """The right to send a run to recipients, and what is noted about them."""

    def ensure(self, one: Recipient) -> bool:
        """Whether a message may be sent now; leases and renews."""

    def may_end(self, one: Recipient) -> bool:
        """Whether the last message may be sent."""

    def ended(self, one: Recipient) -> None:
        """The last message was sent."""

    def put_aside(self, one: Recipient, delay_seconds: int) -> None:
        """Another invocation goes on with this one."""

    def failed(self, one: Recipient) -> None:
        """Sending to this one raised an error."""


class PassHold:
    """One lease for all; those who are served to the end are noted slice by slice."""

    def __init__(self, run: Run, renew: Callable[[str], bool], waiters: Waiters, cursor: str) -> None:
        """`renew` extends the lease and notes up to which sort key the run is delivered; False if it is another's."""
        self._run = run
        self._renew_lease = renew
        self._waiters = waiters
        self._renewed_at = time.monotonic()
        self._lock = Lock()
        self._ended: list[Waiter] = []
        self.cursor = cursor
        self.is_lost = False
        self.handed_over: list[str] = []
        """Sort keys of those with whom another invocation has to go on at once."""

    def ensure(self, one: Recipient) -> bool:
        """A deliverer sends only while its lease lasts longer than a message takes."""
        del one
        with self._lock:
            if not self.is_lost and time.monotonic() - self._renewed_at >= RENEW_SECONDS:
                self._renew(self.cursor)
            return not self.is_lost

    def may_end(self, one: Recipient) -> bool:
        """A request that starts over has another waiter."""
        del one
        return True

    def ended(self, one: Recipient) -> None:
        """A live waiter stays as it is."""
        if not one.waiter.live:
            self._ended.append(one.waiter)

    def put_aside(self, one: Recipient, delay_seconds: int) -> None:
        """It is served by itself from now on."""
        self._waiters.set_aside(one.waiter, self._run, one.row, delay_seconds)
        if not delay_seconds:
            self.handed_over.append(one.waiter.key.sk)

    def failed(self, one: Recipient) -> None:
        """The sweep tries again. Without this note the pass is not done."""
        self._waiters.set_aside(one.waiter, self._run, one.row, SLOW_DELAY_SECONDS)

    def end_slice(self, cursor: str, *, is_last: bool) -> bool:
        """Notes that all waiters up to a sort key are served; False if another has taken over."""
        self.remove_ended()
        with self._lock:
            self.cursor = cursor
            if not is_last and not self.is_lost:
                self._renew(cursor)
            return not self.is_lost

    def remove_ended(self) -> None:
        """Removes those who are served to the end."""
        self._waiters.remove(self._ended)
        self._ended = []

    def _renew(self, cursor: str) -> None:
        now = time.monotonic()
        self.is_lost = not self._renew_lease(cursor)
        self._renewed_at = now


class OwnHold:
    """A lease on each waiter by itself."""

    def __init__(self, run: Run, owner: str, waiters: Waiters) -> None:
        self._run = run
        self._owner = owner
        self._waiters = waiters

    def ensure(self, one: Recipient) -> bool:
        """Takes the lease, and renews it while rows are sent."""
        now = time.monotonic()
        if one.leased_at is None:
            leased = self._waiters.lease(one.waiter, self._run, self._owner)
            if leased is None:
                return False
            one.waiter, one.leased_at = leased, now
            one.row = leased.resume_row if leased.resume_run == self._run.id else 0
            return True
        if now - one.leased_at < RENEW_SECONDS:
            return True
        one.leased_at = now
        return self._waiters.renew(one.waiter, self._owner, self._run.id, one.row)

    def may_end(self, one: Recipient) -> bool:
        """Others may have taken over between messages; the first one comes right after the lease."""
        return not one.has_received or self._waiters.is_owned(one.waiter, self._owner)

    def ended(self, one: Recipient) -> None:
        """Notes the version, or removes the waiter."""
        self._waiters.mark_delivered(one.waiter, self._run.version, self._owner)

    def put_aside(self, one: Recipient, delay_seconds: int) -> None:
        """Ends the lease."""
        if one.leased_at is not None:
            self._waiters.release(one.waiter, self._owner, self._run.id, one.row, delay_seconds)

    def failed(self, one: Recipient) -> None:
        """Its lease runs out, and the sweep tries again."""
