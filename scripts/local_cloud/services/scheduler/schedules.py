"""EventBridge Scheduler."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Any

from local_cloud.redshift_data.errors import ApiError
from local_cloud.services.events.targets import Targets
from local_cloud.services.iam.roles import Roles
from local_cloud.services.scheduler.schedule_clock import ScheduleClock, render

logger = logging.getLogger(__name__)


class Schedules:
    """Fires the schedules that are due, checking every second."""

    def __init__(self, targets: Targets, roles: Roles, *, scheduler: Any, events: Any, responses: Any) -> None:
        self._targets = targets
        self._roles = roles
        self._scheduler = scheduler
        self._events = events
        self._responses = responses
        self._clock = ScheduleClock(self._cron_next, events._parse_rate_seconds)
        self._patch()

    def _patch(self) -> None:
        """Fault: ministack ignores placeholders, time zones, windows, role and DLQ, and checks only every 10 s."""
        self._scheduler._SCHEDULE_TICK_INTERVAL = 1
        self._events._SCHEDULER_TICK_INTERVAL = 1
        self._scheduler._tick_schedules = self._tick

    def _cron_next(self, expression: str, after: datetime) -> datetime | None:
        fields = self._events._parse_cron_fields(expression)
        found: datetime | None = self._events._cron_next_fire(fields, after) if fields else None
        return found

    def _tick(self) -> None:
        schedules = dict(self._scheduler._schedules._data)
        self._clock.forget(set(schedules))
        for key, schedule in schedules.items():
            try:
                occurrence = self._clock.due(key, schedule, time.time())
                if occurrence is not None:
                    with self._responses.request_scope(key[0], key[1]):
                        self._fire(schedule, occurrence)
                    if self._clock.is_one_time(schedule) and schedule.get("ActionAfterCompletion") == "DELETE":
                        self._scheduler._schedules._data.pop(key, None)
            except Exception:
                logger.exception("schedule %s", key)

    def _fire(self, schedule: dict[str, Any], occurrence: float) -> None:
        target = dict(schedule.get("Target") or {})
        if "Input" in target:
            target["Input"] = render(target["Input"], schedule_arn=schedule["Arn"], occurrence=occurrence)
        event = {
            "EventId": self._responses.new_uuid(),
            "Source": "aws.scheduler",
            "DetailType": "Scheduled Event",
            "Detail": "{}",
            "Time": int(occurrence),
            "Resources": [schedule["Arn"]],
            "Account": self._responses.get_account_id(),
            "Region": self._responses.get_region(),
        }
        problem = self._denied_by_role(target) or self._targets.undeliverable(target, None)
        if problem:
            self._targets.dead_letter(target, target.get("Input", "{}"), {"SCHEDULE_ARN": schedule["Arn"], **problem})
            return
        self._targets.deliver(target, event, schedule)

    def _denied_by_role(self, target: dict[str, Any]) -> dict[str, str] | None:
        arn, role = target["Arn"], target.get("RoleArn", "")
        action = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}.get(
            arn.split(":")[2]
        )
        session = self._roles.session(role, "scheduler", ("scheduler.amazonaws.com",))
        if session is None:
            return {"ERROR_CODE": "AWS.Scheduler.InternalServerError", "ERROR_MESSAGE": f"may not assume {role}"}
        if action is None:
            return None
        try:
            self._roles.require(session["aws_access_key_id"], action, arn, arn.split(":")[2])
        except ApiError as error:
            return {"ERROR_CODE": error.code, "ERROR_MESSAGE": error.message}
        return None
