"""Delivers an ended run to waiters: its rows, or the error that it ended with."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from relay.data_api import DataApi
from relay.errors import CallFailed, StatementNotFound
from websocket_gateway.answers.answer_source import AnswerSource, Result
from websocket_gateway.answers.answer_store import AnswerStore
from websocket_gateway.connections.waiter import Waiter
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.delivery.fan_out import FanOut
from websocket_gateway.delivery.holds import Hold, OwnHold
from websocket_gateway.delivery.management_api import ManagementApi
from websocket_gateway.delivery.thread_pool import ThreadPool
from websocket_gateway.protocol.rows import RowTooWide
from websocket_gateway.questions.latest_run import EXPIRED, FINISHED, NOT_STARTED, TIMEOUT, UNWANTED, LatestRun
from websocket_gateway.questions.question_store import QuestionStore

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


@dataclass(frozen=True)
class AnswerDelivery:
    """Delivers during one invocation, which has `time_left` milliseconds. `errors` collects what went wrong."""

    questions: QuestionStore
    waiters: Waiters
    store: AnswerStore
    api: DataApi
    management: ManagementApi
    pool: ThreadPool
    time_left: Callable[[], int]
    errors: list[Exception]
    owner: str

    def source(self, latest: LatestRun, result: Result | None = None) -> AnswerSource:
        """The answer of a run; with `result`, it is being read already."""
        return AnswerSource(latest, self.store, self.api, self.pool, self.errors, result)

    def to_slice(self, latest: LatestRun, source: AnswerSource, waiting: Sequence[Waiter], hold: Hold) -> int | None:
        """Delivers a run to waiters that its pass covers; returns to how many, None if some have to be tried again."""
        fan_out = self._fan_out(latest, waiting, hold)
        try:
            self._send(latest, source, fan_out)
        except StatementNotFound:
            self.questions.mark_expired(latest.run)
            fan_out.send_error(*ERROR_MESSAGES[EXPIRED])
        except CallFailed as failed:
            self.errors.append(failed)
            if latest.ended / 1000 >= time.time() - UNREADABLE_TIMEOUT_SECONDS:
                return None
            fan_out.send_error(*ERROR_MESSAGES["UNREADABLE"])
        return len(fan_out.ended)

    def to_each(self, latest: LatestRun, waiting: Sequence[Waiter]) -> list[Waiter]:
        """Delivers a run to waiters that are leased one by one; returns those who have it now.

        An answer that is no longer available is marked as expired, and its waiters are left for the next run.
        """
        fan_out = self._fan_out(latest, waiting, OwnHold(latest.run, self.owner, self.waiters))
        try:
            self._send(latest, self.source(latest), fan_out)
        except StatementNotFound:
            fan_out.give_back()
            self.questions.mark_expired(latest.run)
        except CallFailed as failed:
            self.errors.append(failed)
            since = time.time() - UNREADABLE_TIMEOUT_SECONDS
            fan_out.send_error(
                *ERROR_MESSAGES["UNREADABLE"], to=lambda waiter: max(latest.ended, waiter.asked_at) / 1000 < since
            )
        return fan_out.ended

    def _fan_out(self, latest: LatestRun, waiting: Sequence[Waiter], hold: Hold) -> FanOut:
        return FanOut(latest, waiting, hold, self.waiters, self.management, self.pool, self.time_left, self.errors)

    def _send(self, latest: LatestRun, source: AnswerSource, fan_out: FanOut) -> None:
        if latest.state != FINISHED:
            fan_out.send_error(*ERROR_MESSAGES[latest.reason if latest.reason in ERROR_MESSAGES else latest.state])
            return
        try:
            fan_out.stream(source.messages())
        except RowTooWide as wide:
            fan_out.send_error(wide.code, wide.message)
