"""New York's taxis in numbers: the distributions that trips.generator draws from.

Fitted to samples of TLC's yellow-taxi records of 2015-01, 2016-01 and 2019-11
(https://www.nyc.gov/site/tlc/about/tlc-trip-record-data.page). They are tables and not formulas, because the
logarithms and exponentials of two machines may differ in the last bit, and a seed must give the same trips on both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Choice(Generic[T]):
    """Draws one of the keys, in proportion to its weight."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._values = list(weights)
        self._bounds = list(accumulate(weights.values()))

    def draw(self, rng: Random) -> T:
        index = bisect_right(self._bounds, rng.random() * self._bounds[-1])
        return self._values[min(index, len(self._values) - 1)]


class Curve:
    """A line through points. As a distribution, it is the quantile function."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        self._x = [x for x, _ in points]
        self._y = [y for _, y in points]

    def at(self, x: float) -> float:
        right = min(max(bisect_right(self._x, x), 1), len(self._x) - 1)
        x0, x1, y0, y1 = self._x[right - 1], self._x[right], self._y[right - 1], self._y[right]
        return y0 + (y1 - y0) * (min(max(x, x0), x1) - x0) / (x1 - x0)

    def draw(self, rng: Random) -> float:
        return self.at(rng.random())


@dataclass(frozen=True)
class Tariff:
    """The cost of a trip from a day on, in cents (https://www.nyc.gov/site/tlc/passengers/taxi-fare.page, and the
    fares before it as the records show them), and how people paid and traffic flowed in those years."""

    since: date
    drop: int  # when the meter starts
    unit: int  # per fifth of a mile, or per minute in slow traffic
    jfk: int  # flat, between Manhattan and the airport
    newark: int  # on top of the meter
    night: int  # from 20:00 to 06:00
    rush: int  # on weekdays from 16:00 to 20:00
    improvement: int
    congestion: int
    toll: int  # a tunnel or a bridge
    card_share: float
    speed: float  # relative to 2019


TARIFFS = (
    Tariff(date.min, 250, 40, 4500, 1500, 50, 100, 0, 0, 457, 0.40, 1.25),
    Tariff(date(2012, 9, 4), 250, 50, 5200, 1750, 50, 100, 0, 0, 533, 0.55, 1.22),
    Tariff(date(2015, 1, 1), 250, 50, 5200, 1750, 50, 100, 30, 0, 533, 0.615, 1.2),
    Tariff(date(2016, 1, 1), 250, 50, 5200, 1750, 50, 100, 30, 0, 554, 0.635, 1.15),
    Tariff(date(2017, 1, 1), 250, 50, 5200, 1750, 50, 100, 30, 0, 576, 0.68, 1.05),
    Tariff(date(2019, 2, 2), 250, 50, 5200, 1750, 50, 100, 30, 250, 612, 0.715, 1.0),
    Tariff(date(2022, 12, 19), 300, 70, 7000, 2000, 100, 250, 100, 250, 655, 0.8, 1.05),
    Tariff(date(2025, 1, 5), 300, 70, 7000, 2000, 100, 250, 100, 325, 694, 0.8, 1.1),
)
MTA_TAX = 50

WEEKDAY = (298, 340, 347, 355, 362, 348, 305)  # relative trips a day, Monday first

_MONDAY_TO_THURSDAY = (17, 10, 9, 4, 6, 8, 24, 47, 59, 46, 46, 49, 52, 51, 58, 59, 51, 61, 75, 67, 59, 54, 50, 40)
_FRIDAY = (31, 21, 10, 6, 8, 10, 22, 52, 49, 49, 44, 46, 63, 62, 52, 48, 48, 58, 65, 70, 52, 43, 52, 40)
_SATURDAY = (55, 38, 19, 22, 10, 9, 10, 20, 26, 34, 34, 54, 45, 52, 55, 61, 59, 59, 72, 57, 45, 51, 55, 57)
_SUNDAY = (56, 52, 37, 24, 15, 7, 13, 16, 25, 36, 56, 50, 59, 53, 66, 54, 63, 56, 53, 52, 53, 32, 47, 27)
HOURS = tuple(Choice(dict(enumerate(weights))) for weights in (*[_MONDAY_TO_THURSDAY] * 4, _FRIDAY, _SATURDAY, _SUNDAY))

RATECODES = Choice({1: 0.9712, 2: 0.0225, 3: 0.0018, 4: 0.0004, 5: 0.004, 99: 0.0001})
PAYMENTS_WITHOUT_CARD = Choice({2: 0.985, 3: 0.011, 4: 0.004})
VENDORS = {2015: Choice({1: 0.447, 2: 0.553}), 2019: Choice({1: 0.344, 2: 0.656})}
PASSENGERS = {
    (2015, 1): Choice({1: 3586, 2: 597, 3: 165, 4: 83, 0: 3, 5: 2}),
    (2015, 2): Choice({1: 3354, 2: 811, 5: 553, 6: 388, 3: 260, 4: 123}),
    (2019, 1): Choice({1: 2344, 2: 507, 0: 195, 3: 120, 4: 70, 6: 5, 5: 2}),
    (2019, 2): Choice({1: 4324, 2: 915, 5: 374, 3: 257, 6: 186, 4: 158}),
}

MILES = {
    1: Curve(
        [
            (0, 0.11), (0.005, 0.26), (0.01, 0.3), (0.02, 0.4), (0.05, 0.5), (0.1, 0.65), (0.15, 0.78), (0.2, 0.88),
            (0.25, 0.98), (0.3, 1.08), (0.35, 1.2), (0.4, 1.33), (0.45, 1.47), (0.5, 1.6), (0.55, 1.77), (0.6, 1.97),
            (0.65, 2.18), (0.7, 2.46), (0.75, 2.85), (0.8, 3.31), (0.85, 4.06), (0.9, 5.4), (0.93, 6.7), (0.95, 8.15),
            (0.97, 9.9), (0.98, 11.0), (0.99, 12.9), (0.995, 14.8), (0.999, 18.5), (1, 28.0),
        ]
    ),
    2: Curve([(0, 9.0), (0.05, 14.6), (0.25, 16.8), (0.5, 18.0), (0.75, 19.2), (0.95, 21.3), (1, 26.0)]),
    3: Curve([(0, 10.0), (0.25, 15.0), (0.5, 17.2), (0.75, 19.5), (1, 30.0)]),
    4: Curve([(0, 10.0), (0.25, 15.9), (0.5, 18.7), (0.75, 25.6), (1, 57.0)]),
    5: Curve([(0, 0.0), (0.5, 0.0), (0.7, 0.4), (0.8, 5.0), (1, 45.0)]),
    99: Curve([(0, 0.0), (1, 3.0)]),
}  # fmt: skip

MPH_BY_HOUR = (
    9.0, 9.6, 10.0, 10.9, 11.5, 12.3, 11.4, 9.0, 7.6, 7.4, 7.3, 7.0,
    6.6, 6.8, 6.7, 6.6, 6.6, 6.6, 7.0, 7.4, 8.1, 8.4, 8.7, 9.1,
)  # fmt: skip
SPEED_BY_MILES = Curve([(0.1, 0.97), (0.5, 0.92), (1, 1.0), (2, 1.17), (4, 1.48), (8, 2.01), (15, 2.7), (28, 3.4)])
SPEED_LUCK = Curve(
    [
        (0, 0.3), (0.005, 0.35), (0.02, 0.47), (0.05, 0.56), (0.1, 0.65), (0.2, 0.76), (0.3, 0.84), (0.4, 0.92),
        (0.5, 1.01), (0.6, 1.1), (0.7, 1.2), (0.8, 1.33), (0.9, 1.54), (0.95, 1.75), (0.98, 2.05), (0.995, 2.5),
        (1, 3.0),
    ]
)  # fmt: skip
WEEKEND_SPEED = 1.07

TIPS = Choice({0: 0.05, 20: 0.46, 25: 0.08, 30: 0.04, 15: 0.06, 10: 0.03, "dollars": 0.28})
TIP_DOLLARS = Curve([(0, 1.0), (0.5, 1.9), (0.85, 3.0), (1, 8.0)])
"""TIPS are percent of the metered total, or whole dollars, which TIP_DOLLARS draws."""
