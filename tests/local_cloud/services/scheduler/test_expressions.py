"""Schedule expressions and time zones that AWS takes or refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.services.scheduler.cron import Cron, InvalidExpression
from local_cloud.services.scheduler.expressions import At, Rate, ZonedCron, parse_expression


@pytest.mark.parametrize(
    "expression",
    [
        "cron(30 2 * * *)",  # * in both day fields
        "cron(30 2 * * * *)",
        "cron(30 2 ? * ? *)",
        "cron(30 2 1 * MON *)",
        "cron(30 25 * * ? *)",
        "cron(60 2 * * ? *)",
        "cron(0 0 32 * ? *)",
        "cron(0 0 0 * ? *)",
        "cron(0 0 ? * 8 *)",
        "cron(0 0 ? * 0 *)",
        "cron(0 0 ? 13 MON *)",
        "cron(0 0 ? FOO MON *)",
        "cron(0 0 * * ? 1969)",
        "cron(0 0 * * ? 2200)",
        "cron(0 0 ? * 3#6 *)",
        "cron(0 0 ? * 3#1,4#2 *)",
        "cron(0/0 0 * * ? *)",
        "cron(9-5 0 * * ? *)",
        "cron(* * ? *)",
        "cron(0 0 * * ? * *)",
        "cron()",
        "cron(? 0 * * ? *)",
        "rate(1 day s)",
        "rate(0 minutes)",
        "rate(-1 minutes)",
        "rate(1.5 hours)",
        "rate(5 seconds)",
        "rate(5minutes)",
        "rate(2 weeks)",
        "at(2026-13-01T00:00:00)",
        "at(2026-02-30T00:00:00)",
        "at(2026-12-01T00:00)",
        "at(2026-12-01T00:00:00Z)",
        "at(tomorrow)",
        "every day",
        " rate(1 day)",
    ],
)
def test_aws_refuses(expression: str) -> None:
    with pytest.raises(InvalidExpression):
        parse_expression(expression, "UTC")


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        ("rate(1 hour)", Rate(3600)),
        ("rate(1 days)", Rate(86400)),
        ("rate(5 minutes)", Rate(300)),
        ("at(2026-12-01T00:00:00)", At(datetime(2026, 12, 1, tzinfo=UTC).timestamp())),
    ],
)
def test_aws_takes(expression: str, meant: At | Rate | ZonedCron) -> None:
    assert parse_expression(expression, "UTC") == meant


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        ("30 2 * * ?", ["2026-01-01T02:30", "2026-01-02T02:30"]),
        ("0/20 8 1 * ? *", ["2026-01-01T08:00", "2026-01-01T08:20", "2026-01-01T08:40", "2026-02-01T08:00"]),
        ("0 8-10/2 1 1 ? *", ["2026-01-01T08:00", "2026-01-01T10:00", "2027-01-01T08:00"]),
        ("0 0 ? * MON-WED *", ["2026-01-05T00:00", "2026-01-06T00:00", "2026-01-07T00:00", "2026-01-12T00:00"]),
        ("15 10 ? * 6L 2026-2027", ["2026-01-30T10:15", "2026-02-27T10:15"]),
        ("0 0 ? * 3#2 *", ["2026-01-13T00:00", "2026-02-10T00:00"]),
        ("0 0 ? * L *", ["2026-01-03T00:00"]),
        ("0 0 L * ? *", ["2026-01-31T00:00", "2026-02-28T00:00"]),
        ("0 0 3W * ? *", ["2026-01-02T00:00", "2026-02-03T00:00"]),
        ("0 0 31W 2,5 ? *", ["2026-05-29T00:00"]),
        ("0 0 29 FEB ? *", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("0 0 1 jan ? 2030/5", ["2030-01-01T00:00", "2035-01-01T00:00"]),
        ("8-8 0 1,15 * ? *", ["2026-01-01T00:08", "2026-01-15T00:08"]),
    ],
)
def test_the_times_of_cron(fields: str, first: list[str]) -> None:
    found = islice(Cron.parse(fields).after(datetime.fromisoformat("2025-12-31T23:59")), len(first))
    assert [moment.isoformat(timespec="minutes") for moment in found] == first


def test_the_last_time_of_cron() -> None:
    assert list(Cron.parse("0 0 31 12 ? 2199").after(datetime.fromisoformat("2199-12-31T00:00"))) == []


def create(cloud: Any, **members: Any) -> None:
    cloud.client("scheduler").create_schedule(
        **{
            "Name": "refused",
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "RoleArn": "arn:aws:iam::000000000000:role/r"},
            **members,
        }
    )


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ScheduleExpression": "cron(30 25 * * ? *)"}, "Invalid Schedule Expression cron(30 25 * * ? *)."),
        ({"ScheduleExpression": "rate(1 day s)"}, "Invalid Schedule Expression rate(1 day s)."),
        ({"ScheduleExpressionTimezone": "Berlin"}, "Invalid Schedule Expression Timezone Berlin."),
        ({"Name": "a" * 65}, "'name' failed to satisfy constraint: Member must have length less than or equal to 64"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1441}}, "less than or equal to 1440"),
        ({"State": "ON"}, "enum value set: [ENABLED, DISABLED]"),
    ],
)
def test_a_schedule_that_aws_refuses(cloud: Any, members: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError) as refused:
        create(cloud, **members)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert message in refused.value.response["Error"]["Message"]


def test_an_update_is_checked_too(cloud: Any) -> None:
    create(cloud, Name="checked", ScheduleExpressionTimezone="Europe/Berlin", State="DISABLED")
    scheduler = cloud.client("scheduler")
    made = scheduler.get_schedule(Name="checked")
    update = {name: made[name] for name in ("Name", "FlexibleTimeWindow", "Target", "State")}
    with pytest.raises(ClientError, match="Invalid Schedule Expression"):
        scheduler.update_schedule(ScheduleExpression="cron(30 2 * * *)", **update)
    scheduler.update_schedule(ScheduleExpression="cron(30 2 * * ? *)", **update)
    scheduler.delete_schedule(Name="checked")
