"""Schedules: time zone, context attributes, role and dead-letter queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.local_cloud.setting import Setting


def schedule(setting: Setting, zone: str, *, role: str, arn: str | None = None) -> datetime:
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    setting.cloud.client("scheduler").create_schedule(
        Name=setting.name,
        ScheduleExpression=f"at({moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S})",
        ScheduleExpressionTimezone=zone,
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={
            "Arn": arn or setting.arn,
            "RoleArn": role,
            "Input": '{"t":"<aws.scheduler.scheduled-time>","s":"<aws.scheduler.schedule-arn>"}',
            "DeadLetterConfig": {"Arn": setting.dead_arn},
        },
    )
    return moment


def test_a_schedule_fires_in_its_time_zone_with_its_occurrence(setting: Setting) -> None:
    right = {"Action": "lambda:InvokeFunction", "Resource": setting.arn}
    role = setting.cloud.role(f"{setting.name}-by", "scheduler.amazonaws.com", right)
    moment = schedule(setting, "Asia/Kolkata", role=role)
    (body,) = setting.bodies()
    assert body["t"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert body["s"].endswith(f":schedule/default/{setting.name}")
    assert datetime.now(UTC) - moment < timedelta(seconds=60)
    assert not [
        one for one in setting.cloud.client("scheduler").list_schedules()["Schedules"] if one["Name"] == setting.name
    ]


def test_a_schedule_whose_role_may_not_invoke_goes_to_its_dead_letter_queue(setting: Setting) -> None:
    role = setting.cloud.role(f"{setting.name}-by"[:60], "scheduler.amazonaws.com")
    schedule(setting, "UTC", role=role)
    (dead,) = setting.cloud.messages(setting.dead, 1)
    assert dead["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "AccessDeniedException"
    assert '"t":"20' in dead["Body"]
