"""The demo's comparison names every figure that differs by more than its tolerance."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from demonstration.answers import compare_days, compare_months
from trips.expected import Daily, Monthly

MONTH = Monthly(date(2015, 1, 1), Fraction(10, 3), None, 3, Decimal(10), Decimal("1000000.00"))
MONTH_ROW = {
    "pickup_month": "2015-01-01",
    "avg_distance": 3.33,
    "avg_fare": None,
    "total_trips": 3,
    "total_distance_per_month": 10.0,
    "total_fare_per_month": 1000000.5,
}
DAY = Daily(date(2015, 1, 5), Fraction(1, 3), Decimal(2), None, 3)
DAY_ROW = {"trip_date": "2015-01-05", "total_hours": 1 / 3, "total_distance": 2.0, "total_fare": None, "trips": 3}


def test_figures_within_their_tolerance_are_right() -> None:
    assert list(compare_months([MONTH_ROW], [MONTH])) == []
    assert list(compare_days([DAY_ROW], [DAY])) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("total_trips", 4),
        ("avg_distance", 3.35),
        ("avg_distance", None),
        ("avg_fare", 0.0),
        ("total_distance_per_month", 10.0001),
        ("total_fare_per_month", 1000002.0),
    ],
)
def test_a_wrong_figure_of_a_month_is_named(column: str, value: Any) -> None:
    (problem,) = compare_months([MONTH_ROW | {column: value}], [MONTH])
    assert problem.startswith(f"2015-01-01 {column}: {value}, not ")


@pytest.mark.parametrize(
    ("column", "value"), [("trips", 2), ("total_hours", 0.3334), ("total_fare", 0), ("total_distance", None)]
)
def test_a_wrong_figure_of_a_day_is_named(column: str, value: Any) -> None:
    (problem,) = compare_days([DAY_ROW | {column: value}], [DAY])
    assert problem.startswith(f"2015-01-05 {column}: {value}, not ")


def test_missing_and_further_rows_are_named() -> None:
    assert list(compare_months([], [MONTH])) == ["months: []"]
    assert list(compare_days([DAY_ROW, DAY_ROW], [DAY])) == ["days: ['2015-01-05', '2015-01-05']"]
