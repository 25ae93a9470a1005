"""Compares the warehouse's answers with those that were computed from the files."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from trips.expected import Daily, Monthly

SUM_TOLERANCE = 1e-6
"""Relative. The columns are FLOAT4, which Redshift sums in double precision."""
AVERAGE_TOLERANCE = 0.01
"""Absolute. The view rounds its averages to two decimals."""


def compare_months(rows: Sequence[Mapping[str, Any]], expected: Sequence[Monthly]) -> Iterator[str]:
    """Yields one line for each figure of the materialized view that is wrong."""
    if [row["pickup_month"] for row in rows] != [str(month.pickup_month) for month in expected]:
        yield f"months: {[row['pickup_month'] for row in rows]}"
        return
    for row, month in zip(rows, expected, strict=True):
        if row["total_trips"] != month.total_trips:
            yield f"{month.pickup_month} total_trips: {row['total_trips']}, not {month.total_trips}"
        for column in ("total_distance_per_month", "total_fare_per_month", "avg_distance", "avg_fare"):
            found, wanted = row[column], getattr(month, column)
            tolerance = AVERAGE_TOLERANCE if column.startswith("avg_") else _sum_tolerance(wanted)
            if not _is_close(found, wanted, tolerance):
                yield f"{month.pickup_month} {column}: {found}, not {wanted}"


def compare_days(rows: Sequence[Mapping[str, Any]], expected: Sequence[Daily]) -> Iterator[str]:
    """Yields one line for each figure of daily_trips that is wrong."""
    if [_date(row["trip_date"]) for row in rows] != [day.trip_date for day in expected]:
        yield f"days: {[row['trip_date'] for row in rows]}"
        return
    for row, day in zip(rows, expected, strict=True):
        for column in ("total_hours", "total_distance", "total_fare", "trips"):
            found, wanted = row[column], getattr(day, column)
            if not _is_close(found, wanted, _sum_tolerance(wanted)):
                yield f"{day.trip_date} {column}: {found}, not {wanted}"


def _sum_tolerance(wanted: Any) -> float:
    return max(abs(float(wanted or 0)) * SUM_TOLERANCE, 1e-9)


def _is_close(found: Any, wanted: Any, tolerance: float) -> bool:
    """None is SQL's NULL, and close to itself only."""
    if found is None or wanted is None:
        return found is wanted
    return abs(float(found) - float(wanted)) <= tolerance


def _date(text: str) -> date:
    return datetime.fromisoformat(text).date()
