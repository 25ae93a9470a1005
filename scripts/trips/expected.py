"""The answers that the warehouse must give, computed from the files alone and with exact decimals.

Nothing is shared with the SQL, so that agreement is evidence. Rows are read as COPY ... EMPTYASNULL loads them: an
empty field is NULL, which SUM and AVG ignore.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from trips.rows import COLUMNS, DELIMITER, DataError, open_for_reading

_WIDE = Context(prec=60)  # sums of a year of trips are exact in it


@dataclass(frozen=True)
class Monthly:
    """One row of the materialized view, unrounded. None is SQL's NULL."""

    pickup_month: date
    avg_distance: Fraction | None
    avg_fare: Fraction | None
    total_trips: int
    total_distance_per_month: Decimal | None
    total_fare_per_month: Decimal | None


@dataclass(frozen=True)
class Daily:
    """One row of daily_trips, unrounded. Hours are the minutes of DATEDIFF divided by 60."""

    trip_date: date
    total_hours: Fraction | None
    total_distance: Decimal | None
    total_fare: Decimal | None
    trips: int


@dataclass
class _Sum:
    total: Decimal = Decimal(0)
    count: int = 0

    def add(self, value: Decimal | None) -> None:
        if value is not None:
            self.total = _WIDE.add(self.total, value)
            self.count += 1

    @property
    def sum(self) -> Decimal | None:
        return self.total if self.count else None

    @property
    def average(self) -> Fraction | None:
        return Fraction(self.total) / self.count if self.count else None


@dataclass
class _Group:
    trips: int = 0
    distance: _Sum = field(default_factory=_Sum)
    fare: _Sum = field(default_factory=_Sum)
    minutes: _Sum = field(default_factory=_Sum)

    @property
    def hours(self) -> Fraction | None:
        return Fraction(self.minutes.total) / 60 if self.minutes.count else None


@dataclass(frozen=True)
class _Trip:
    day: date
    minutes: Decimal | None
    distance: Decimal | None
    fare: Decimal | None


def expected_monthly(paths: Sequence[Path]) -> list[Monthly]:
    """Returns a row for each month of pickup_date, whatever the names of the files; raises DataError."""
    groups: defaultdict[date, _Group] = defaultdict(_Group)
    for trip in _trips(paths):
        _count(groups[trip.day.replace(day=1)], trip)
    return [
        Monthly(month, group.distance.average, group.fare.average, group.trips, group.distance.sum, group.fare.sum)
        for month, group in sorted(groups.items())
    ]


def expected_daily(paths: Sequence[Path], month: date | None = None) -> list[Daily]:
    """Returns a row for each pickup_date of all files, or of one month; raises DataError."""
    groups: defaultdict[date, _Group] = defaultdict(_Group)
    for trip in _trips(paths):
        if month is None or trip.day.replace(day=1) == month.replace(day=1):
            _count(groups[trip.day], trip)
    return [
        Daily(day, group.hours, group.distance.sum, group.fare.sum, group.trips)
        for day, group in sorted(groups.items())
    ]


def _count(group: _Group, trip: _Trip) -> None:
    group.trips += 1
    group.distance.add(trip.distance)
    group.fare.add(trip.fare)
    group.minutes.add(trip.minutes)


def _trips(paths: Sequence[Path]) -> Iterator[_Trip]:
    for path in paths:
        with open_for_reading(path) as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield _trip(line.decode("utf-8").rstrip("\n").split(DELIMITER))
                except (ValueError, InvalidOperation) as error:
                    raise DataError(f"{path} line {number}: the row has no expected answer: {error}") from error


def _trip(fields: list[str]) -> _Trip:
    if len(fields) != len(COLUMNS):
        raise ValueError(f"{len(fields)} fields instead of {len(COLUMNS)}")
    row = dict(zip(COLUMNS, fields, strict=True))
    return _Trip(
        day=date.fromisoformat(row["pickup_date"]),
        minutes=_minutes(row["pickup_datetime"], row["dropoff_datetime"]),
        distance=_decimal(row["trip_distance"]),
        fare=_decimal(row["fare_amount"]),
    )


def _decimal(text: str) -> Decimal | None:
    if not text:
        return None
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(f"{text} cannot be summed")
    return value


def _minutes(start: str, end: str) -> Decimal | None:
    """Counts the minute boundaries between two times as DATEDIFF does: 00:59:59 to 01:00:00 is one minute."""
    if not start or not end:
        return None
    crossed = _minute(end) - _minute(start)
    return Decimal(crossed // timedelta(minutes=1))


def _minute(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(second=0, microsecond=0)
