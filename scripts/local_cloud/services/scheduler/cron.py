"""Cron expressions of EventBridge Scheduler.

Scheduler user guide, "Schedule types" (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html).
Lists, ranges, steps of ranges and ranges of one value are accepted as AWS does, measured:
https://github.com/localstack/localstack/issues/13572.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LAST_YEAR = 2199
_SATURDAY = 7

_DayTest = Callable[[date], bool]


class InvalidExpression(ValueError):
    """AWS refuses the expression."""


@dataclass(frozen=True)
class Cron:
    """The local times of a cron expression."""

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    day_matches: _DayTest

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Reads what is between `cron(` and `)`: five fields, and optionally the year. Raises InvalidExpression."""
        fields = text.split()
        if len(fields) == 5:
            fields.append("*")
        if len(fields) != 6:
            raise InvalidExpression(text)
        minutes, hours, days, months, weekdays, years = fields
        if (days == "?") == (weekdays == "?"):
            raise InvalidExpression(text)
        return cls(
            _numbers(minutes, 0, 59),
            _numbers(hours, 0, 23),
            _numbers(months, 1, 12, _MONTHS),
            _numbers(years, 1970, _LAST_YEAR),
            _day_of_month(days) if weekdays == "?" else _day_of_week(weekdays),
        )

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The matching minutes after a local time, in order; neither has a time zone."""
        times = [time(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes)]
        day = moment.date()
        while day.year <= _LAST_YEAR:
            if day.year not in self.years:
                day = date(day.year + 1, 1, 1)
                continue
            if day.month in self.months and self.day_matches(day):
                yield from (found for one in times if (found := datetime.combine(day, one)) > moment)
            day += timedelta(days=1)


def _numbers(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    return frozenset().union(*(_part(part, low, high, names) for part in field.split(",")))


def _part(part: str, low: int, high: int, names: tuple[str, ...]) -> range:
    """`*`, `3`, `3-5`, or one of them with a step: `3/10` counts from 3."""
    match = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", part)
    if match is None:
        raise InvalidExpression(part)
    begin, end, step = match.groups()
    if begin == "*":
        first, last = low, high
        if end is not None:
            raise InvalidExpression(part)
    else:
        first = _number(begin, low, high, names)
        last = _number(end, low, high, names) if end else (high if step else first)
    if first > last or (step is not None and int(step) == 0):
        raise InvalidExpression(part)
    return range(first, last + 1, int(step or 1))


def _number(text: str, low: int, high: int, names: tuple[str, ...]) -> int:
    if text.upper() in names:
        return names.index(text.upper()) + low
    if not text.isdecimal() or not low <= int(text) <= high:
        raise InvalidExpression(text)
    return int(text)


def _day_of_month(field: str) -> _DayTest:
    """Also `L`, the last day, and `3W`, the weekday closest to the 3rd."""
    if field == "L":
        return lambda day: day.day == _days_in_month(day)
    if match := re.fullmatch(r"(\d+)W", field):
        wanted = _number(match[1], 1, 31, ())
        return lambda day: day.day == _closest_weekday(day, wanted)
    days = _numbers(field, 1, 31)
    return lambda day: day.day in days


def _day_of_week(field: str) -> _DayTest:
    """1 is Sunday. Also `L`, Saturday; `6L`, the last Friday; and `3#2`, the second Tuesday."""
    if field == "L":
        return lambda day: _weekday(day) == _SATURDAY
    if match := re.fullmatch(r"(\w+)L", field):
        last = _number(match[1], 1, 7, _DAYS)
        return lambda day: _weekday(day) == last and day.day + 7 > _days_in_month(day)
    if match := re.fullmatch(r"(\w+)#([1-5])", field):
        wanted, nth = _number(match[1], 1, 7, _DAYS), int(match[2])
        return lambda day: _weekday(day) == wanted and (day.day - 1) // 7 + 1 == nth
    days = _numbers(field, 1, 7, _DAYS)
    return lambda day: _weekday(day) in days


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _days_in_month(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _closest_weekday(day: date, wanted: int) -> int | None:
    """The weekday of the month that is closest to a day; None if the month lacks the day."""
    last = _days_in_month(day)
    if wanted > last:
        return None
    weekday = day.replace(day=wanted).isoweekday()
    if weekday == 6:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == 7:
        return wanted + 1 if wanted < last else wanted - 2
    return wanted
