"""Finds out why a COPY failed before the failure is announced; each step is a message that SQS delays."""

import time
from dataclasses import replace

from notifier.announcement import Announcement
from notifier.announcer import Announcer, Result
from notifier.delayed_steps import DelayedSteps, Step
from notifier.load_errors import QUERIES, Reason, query_load_errors, read_load_errors
from relay.actions import Event
from relay.data_api import DataApi

QUERY_SECONDS = 5
"""How long a query for load errors usually takes at most: then its result is read."""
READ_AGAIN_SECONDS = 20
"""How long until a query that has not ended is looked at again."""
REPEAT_SECONDS = 30
"""How long after a query without rows the next one starts: the view may lag behind the end of the statement."""
GIVE_UP_SECONDS = 600
"""After this, subscribers are notified without the reason."""


class CopyReasons:
    """Announces events; that of a failed COPY after its reason is known, or cannot be."""

    def __init__(self, announcer: Announcer, steps: DelayedSteps | None, api: DataApi, name_prefix: str) -> None:
        self._announcer = announcer
        self._steps = steps
        self._api = api
        self._name_prefix = name_prefix

    def announce(self, event: Event) -> Result:
        """Announces an event, or starts to find out why a COPY failed. Raises RelayError."""
        announcement = self._announcer.read(event)
        if announcement is None:
            return Result(False, "", "announced by its load event")
        if self._steps is None or not self._announcer.needs_reason(announcement):
            return self._announcer.announce(announcement)
        kept = {"detail-type": event.get("detail-type"), "detail": event.get("detail")}
        return self._query(Step(kept, 1, "", time.time()), announcement, self._steps)

    def continue_with(self, step: Step) -> Result:
        """Takes the next step for a failed COPY. Raises RelayError."""
        announcement = self._announcer.read(step.event)
        if announcement is None or self._steps is None:
            return Result(False, "", "not to be announced")
        if not self._announcer.needs_reason(announcement):
            return Result(False, announcement.statement_id, "announced before")
        if not step.query_id:
            return self._query(step, announcement, self._steps)
        reason = read_load_errors(self._api, step.query_id)
        if self._is_final(reason, step):
            return self._announcer.announce(replace(announcement, load_errors=reason.errors))
        if reason.ended:
            self._steps.send(replace(step, number=step.number + 1, query_id=""), REPEAT_SECONDS)
        else:
            self._steps.send(step, READ_AGAIN_SECONDS)
        return _pending(announcement)

    def _query(self, step: Step, announcement: Announcement, steps: DelayedSteps) -> Result:
        failed = self._announcer.describe_failed(announcement)
        query_id = query_load_errors(self._api, self._name_prefix, failed, step.number) if failed else None
        if query_id is None:
            return self._announcer.announce(announcement)
        steps.send(replace(step, query_id=query_id), QUERY_SECONDS)
        return _pending(announcement)

    @staticmethod
    def _is_final(reason: Reason, step: Step) -> bool:
        """Whether to announce now: there are rows, there will be none, or they do not come."""
        if step.age_seconds > GIVE_UP_SECONDS or reason.errors or reason.failed:
            return True
        return reason.ended and step.number >= QUERIES


def _pending(announcement: Announcement) -> Result:
    return Result(False, announcement.statement_id, "querying Redshift for the reason")
