"""When a schedule is due, and its input at that time.

Scheduler user guide: `at` and `cron` are in the schedule's time zone; a flexible window delays an invocation within
its minutes; `<aws.scheduler.scheduled-time>` and the other context attributes are replaced in the input.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local_cloud.services.scheduler.expressions import At, ZonedCron, epoch_of, parse_expression


@dataclass
class _Planned:
    signature: tuple[object, ...]
    occurrence: float | None
    fire_at: float


class ScheduleClock:
    """Remembers the next occurrence of each schedule."""

    def __init__(self) -> None:
        self._planned: dict[Hashable, _Planned] = {}

    def due(self, key: Hashable, schedule: Mapping[str, Any], now: float) -> float | None:
        """The occurrence (epoch seconds) to fire now, returned once; None if none is due."""
        if schedule.get("State") != "ENABLED":
            self._planned.pop(key, None)
            return None
        # Only a change of the timing restarts the schedule: a change of the target must not fire a past `at` again.
        signature = tuple(
            str(schedule.get(part))
            for part in ("ScheduleExpression", "ScheduleExpressionTimezone", "StartDate", "EndDate", "CreationDate")
        )
        planned = self._planned.get(key)
        if planned is None or planned.signature != signature:
            since = max(float(schedule.get("LastModificationDate") or now), epoch_of(schedule.get("StartDate")) or 0.0)
            planned = self._plan(signature, schedule, since, last=None)
            self._planned[key] = planned
        if planned.occurrence is None or now < planned.fire_at:
            return None
        occurrence = planned.occurrence
        self._planned[key] = self._plan(signature, schedule, now, last=occurrence)
        return occurrence

    def forget(self, known: set[Hashable]) -> None:
        """Forget deleted schedules."""
        self._planned = {key: planned for key, planned in self._planned.items() if key in known}

    @staticmethod
    def is_one_time(schedule: Mapping[str, Any]) -> bool:
        """Whether the schedule is an `at(...)`."""
        return str(schedule.get("ScheduleExpression")).startswith("at(")

    def _plan(
        self, signature: tuple[object, ...], schedule: Mapping[str, Any], since: float, *, last: float | None
    ) -> _Planned:
        window = schedule.get("FlexibleTimeWindow") or {}
        delay = int(window.get("MaximumWindowInMinutes") or 0) * 60 if window.get("Mode") == "FLEXIBLE" else 0
        if last is not None:
            since = max(last, since - delay)  # missed occurrences are not made up
        occurrence = self._next(schedule, since, last)
        end = epoch_of(schedule.get("EndDate"))
        if occurrence is None or (end is not None and occurrence > end):
            return _Planned(signature, None, 0.0)
        return _Planned(signature, occurrence, occurrence + random.uniform(0, delay))  # noqa: S311

    def _next(self, schedule: Mapping[str, Any], since: float, last: float | None) -> float | None:
        text, zone = str(schedule.get("ScheduleExpression")), schedule.get("ScheduleExpressionTimezone") or "UTC"
        expression = parse_expression(text, zone)
        if isinstance(expression, At):
            return None if last is not None else expression.epoch
        if isinstance(expression, ZonedCron):
            return expression.next(since)
        if last is not None:
            return last + expression.seconds * ((since - last) // expression.seconds + 1)
        start = epoch_of(schedule.get("StartDate"))
        return start if start and start >= since else since + expression.seconds


def render(text: str, *, schedule_arn: str, occurrence: float) -> str:
    """The input with Scheduler's context attributes filled in."""
    values = {
        "scheduled-time": datetime.fromtimestamp(occurrence, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": str(uuid.uuid4()),
        "schedule-arn": schedule_arn,
        "attempt-number": "1",
    }
    for name, value in values.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
