"""EventBridge Scheduler."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from local_cloud.redshift_data.errors import ApiError, ValidationError
from local_cloud.services.events.targets import Targets
from local_cloud.services.iam.roles import Roles
from local_cloud.services.scheduler.requests import check_schedule
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
        self._clock = ScheduleClock()
        self._patch()

    def _patch(self) -> None:
        """Fault: ministack ignores placeholders, time zones, windows, role and DLQ, and checks only every 10 s."""
        self._scheduler._SCHEDULE_TICK_INTERVAL = 1
        self._events._SCHEDULER_TICK_INTERVAL = 1
        self._scheduler._tick_schedules = self._tick
        self._scheduler._create_schedule = self._checked("CreateSchedule", self._scheduler._create_schedule)
        self._scheduler._update_schedule = self._checked("UpdateSchedule", self._scheduler._update_schedule)

    def _checked(self, operation: str, handle: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
        """Fault: ministack takes schedules that AWS refuses."""

        def checked(name: str, body: dict[str, Any]) -> Any:
            try:
                check_schedule(operation, name, body)
            except ValidationError as error:
                return error.answer()
            return handle(name, body)

        return checked

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
