"""When schedules are due: time zones, windows, start and end, changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_cloud.services.scheduler.schedule_clock import ScheduleClock, render

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ScheduleClock:
    return ScheduleClock()


def schedule(expression: str, **more: Any) -> dict[str, Any]:
    made = NOW.timestamp()
    return {
        "ScheduleExpression": expression,
        "State": "ENABLED",
        "CreationDate": made,
        "LastModificationDate": made,
        **more,
    }


def fires(clock: ScheduleClock, what: dict[str, Any], hours: float, step: float = 60) -> list[str]:
    """The occurrences within the hours after NOW, looked for every `step` seconds."""
    found = []
    for tick in range(int(hours * 3600 / step) + 1):
        occurrence = clock.due("k", what, NOW.timestamp() + tick * step)
        if occurrence is not None:
            found.append(datetime.fromtimestamp(occurrence, UTC).strftime("%dT%H:%M:%S"))
    return found


def test_at_fires_once_in_its_time_zone(clock: ScheduleClock) -> None:
    what = schedule("at(2026-03-28T14:30:00)", ScheduleExpressionTimezone="Europe/Berlin")
    assert fires(clock, what, 12) == ["28T13:30:00"]


def test_cron_follows_summer_time(clock: ScheduleClock) -> None:
    what = schedule("cron(0 7 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin")
    assert fires(clock, what, 48) == ["29T05:00:00", "30T05:00:00"]  # the clocks change on the 29th
    assert fires(clock, {**what, "ScheduleExpressionTimezone": "UTC"}, 24) == ["29T07:00:00"]


def test_a_time_that_does_not_exist_is_skipped(clock: ScheduleClock) -> None:
    what = schedule("cron(30 2 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin")
    assert fires(clock, what, 60) == ["30T00:30:00"]  # not on the 29th, when 2:00 is followed by 3:00


def test_a_time_that_comes_twice_fires_at_the_first(clock: ScheduleClock) -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC).timestamp()
    times = {"ScheduleExpressionTimezone": "Europe/Berlin", "LastModificationDate": before, "CreationDate": before}
    found = []
    for expression in ("cron(30 2 * * ? *)", "cron(0,30 2 * * ? *)"):
        for tick in range(0, 40 * 3600, 60):
            moment = clock.due(expression, schedule(expression, **times), before + tick)
            if moment is not None:
                found.append(datetime.fromtimestamp(moment, UTC).strftime("%dT%H:%M"))
    assert found == ["25T00:30", "26T01:30", "25T00:00", "25T00:30", "26T01:00", "26T01:30"]


def test_days_of_a_rate_have_24_hours(clock: ScheduleClock) -> None:
    what = schedule("rate(1 day)", ScheduleExpressionTimezone="Europe/Berlin")
    assert fires(clock, what, 50) == ["29T12:00:00", "30T12:00:00"]


def test_rate_counts_from_its_creation(clock: ScheduleClock) -> None:
    assert fires(clock, schedule("rate(5 minutes)"), 0.25) == ["28T12:05:00", "28T12:10:00", "28T12:15:00"]


def test_missed_occurrences_are_not_made_up(clock: ScheduleClock) -> None:
    what = schedule("rate(5 minutes)")
    clock.due("k", what, NOW.timestamp())
    later = NOW.timestamp() + 3600
    assert clock.due("k", what, later) is not None
    assert clock.due("k", what, later + 1) is None


def test_start_and_end(clock: ScheduleClock) -> None:
    start, end = NOW + timedelta(minutes=30), NOW + timedelta(minutes=37)
    what = schedule("rate(5 minutes)", StartDate=start.timestamp(), EndDate=end.isoformat())
    assert fires(clock, what, 2) == ["28T12:30:00", "28T12:35:00"]


def test_a_window_delays_but_the_occurrence_stays(clock: ScheduleClock) -> None:
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}
    what = schedule("at(2026-03-28T13:00:00)", FlexibleTimeWindow=window)
    moments = []
    for round_ in range(20):
        for tick in range(0, 2 * 3600 + 30, 30):
            if (occurrence := clock.due(round_, what, NOW.timestamp() + tick)) is not None:
                moments.append(tick)
                assert occurrence == (NOW + timedelta(hours=1)).timestamp()
    assert len(moments) == 20
    assert min(moments) >= 3600
    assert len(set(moments)) > 1


def test_a_delayed_occurrence_does_not_shift_the_next_one(clock: ScheduleClock) -> None:
    what = schedule("rate(5 minutes)", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 4})
    assert fires(clock, what, 0.5, 1) == [f"28T12:{minute:02}:00" for minute in (5, 10, 15, 20, 25)]


def test_a_changed_target_does_not_fire_again_but_a_changed_time_does(clock: ScheduleClock) -> None:
    what = schedule("at(2026-03-28T12:01:00)")
    assert fires(clock, what, 1) == ["28T12:01:00"]
    assert fires(clock, {**what, "LastModificationDate": NOW.timestamp() + 3600}, 2) == []
    assert fires(clock, {**what, "ScheduleExpression": "at(2026-03-28T12:02:00)"}, 2) == ["28T12:02:00"]


def test_disabled_schedules_never_fire(clock: ScheduleClock) -> None:
    assert fires(clock, schedule("at(2026-03-28T12:01:00)", State="DISABLED"), 1) == []


def test_placeholders(clock: ScheduleClock) -> None:
    text = render(
        '{"a":"<aws.scheduler.scheduled-time>","b":"<aws.scheduler.schedule-arn>","c":<aws.scheduler.attempt-number>}',
        schedule_arn="arn:x",
        occurrence=NOW.timestamp(),
    )
    assert text == '{"a":"2026-03-28T12:00:00Z","b":"arn:x","c":1}'
    assert len(render("<aws.scheduler.execution-id>", schedule_arn="a", occurrence=0)) == 36
