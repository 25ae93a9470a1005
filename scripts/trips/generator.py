"""Generates trips that look like New York's: the same for the same seed, on every machine and Python.

Only Random.random() is used, whose sequence Python guarantees (https://docs.python.org/3/library/random.html,
"Notes on Reproducibility"); the rest is plain arithmetic. So the rows are the same everywhere. The packed
bytes are the same where zlib is.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from trips import city
from trips.rows import COLUMNS, line_of, open_for_writing

_NEW_COLUMNS = date(2017, 1, 1)  # TLC writes 0.5 and 11.0 from about this day on, and wrote .50 and 11 before
_TARIFF_DAYS = [tariff.since for tariff in city.TARIFFS]

# The share of odd records, as in the samples.
_NEGATIVE = 0.002
_FORGOTTEN_METER = 0.0009
_NO_TIME = 0.0006
_NOT_MOVED = 0.006
_NOT_ENTERED = 0.006
_NO_SURCHARGE_ZONE = 0.13


def write_trips(folder: Path, *, months: Sequence[date], trips_per_month: int, seed: int) -> list[Path]:
    """Writes yellow_tripdata_YYYY-MM.psv.gz for each month. The trips of a month do not depend on other months."""
    firsts = [month.replace(day=1) for month in months]
    if len(set(firsts)) != len(firsts):
        raise ValueError(f"months repeat: {', '.join(f'{first:%Y-%m}' for first in firsts)}")
    if trips_per_month < 1:
        raise ValueError(f"trips_per_month is {trips_per_month}. It must be at least 1, since an empty load fails.")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for first in firsts:
        path = folder / f"yellow_tripdata_{first.year:04}-{first.month:02}.psv.gz"
        with open_for_writing(path) as file:
            for fields in trips(first, count=trips_per_month, seed=seed):
                file.write(f"{line_of(fields)}\n".encode("ascii"))
        paths.append(path)
    return paths


def trips(month: date, *, count: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Returns the trips of a month by time of pickup, each as fields in the order of rows.COLUMNS."""
    rng = Random(f"{seed}/{month.year}-{month.month}")  # noqa: S311 - repeatable on purpose, and not secret
    first = month.replace(day=1)
    days = [first + timedelta(days=n) for n in range(monthrange(first.year, first.month)[1])]
    day_of = city.Choice({day: city.WEEKDAY[day.weekday()] for day in days})
    generated = []
    for number in range(count):
        day = day_of.draw(rng)
        hour = city.HOURS[day.weekday()].draw(rng)
        pickup = datetime(day.year, day.month, day.day, hour) + timedelta(seconds=int(rng.random() * 3600))  # noqa: DTZ001 - TLC's times are local and name no zone
        generated.append((pickup, number, _trip(rng, pickup)))
    return (fields for _, _, fields in sorted(generated))


def _trip(rng: Random, pickup: datetime) -> tuple[str, ...]:
    tariff = city.TARIFFS[bisect_right(_TARIFF_DAYS, pickup.date()) - 1]
    era = 2015 if pickup.date() < _NEW_COLUMNS else 2019
    vendor = city.VENDORS[era].draw(rng)
    ratecode = city.RATECODES.draw(rng)
    passengers = city.PASSENGERS[era, vendor].draw(rng)

    miles = 0.0 if rng.random() < _NOT_MOVED else city.MILES[ratecode].draw(rng)
    hundredths = int(miles * 100)
    if vendor == 1:  # its meters count tenths of a mile
        hundredths -= hundredths % 10
    seconds = _seconds(rng, miles, pickup, tariff)
    fare = _fare(rng, ratecode, miles, seconds, tariff)
    total = fare + _surcharges(rng, ratecode, miles, pickup, tariff)
    payment = 1 if rng.random() < tariff.card_share else city.PAYMENTS_WITHOUT_CARD.draw(rng)
    if payment == 1:
        total += _tip(rng, total)

    odd = rng.random()
    entered = True
    if odd < _NEGATIVE:  # a refunded fare
        fare, total, payment, vendor = -fare, -fare - tariff.improvement - city.MTA_TAX, 2 + int(rng.random() * 3), 2
    elif odd < _NEGATIVE + _FORGOTTEN_METER:  # a meter that was stopped a day later
        seconds, vendor = 86400 - int(rng.random() * 5000), 2
    elif odd < _NEGATIVE + _FORGOTTEN_METER + _NO_TIME:
        hundredths = seconds = 0
    elif era == 2019 and odd < _NEGATIVE + _FORGOTTEN_METER + _NO_TIME + _NOT_ENTERED:
        entered = False  # booked by an app: whole minutes, and no fields that a driver enters
        pickup, seconds = pickup.replace(second=0), seconds - seconds % 60 + 60
        fare += 800 + int(rng.random() * 1200)
        total = fare + tariff.improvement + city.MTA_TAX + tariff.congestion

    values = {
        "pickup_date": pickup.date().isoformat(),
        "pickup_datetime": pickup.isoformat(" "),
        "dropoff_datetime": (pickup + timedelta(seconds=seconds)).isoformat(" "),
        "ratecode": str(ratecode) if entered else "",
        "passenger_count": str(passengers) if entered else "",
        "trip_distance": _miles_text(hundredths, era),
        "fare_amount": _money_text(fare, era),
        "total_amount": _money_text(total, era),
        "payment_type": str(payment) if entered else "",
        "vendorid": str(vendor) if entered else "",
    }
    return tuple(values[column] for column in COLUMNS)


def _seconds(rng: Random, miles: float, pickup: datetime, tariff: city.Tariff) -> int:
    if miles < 0.05:  # a meter started by mistake, or an agreed fare entered at the end
        return 4 + int(rng.random() * rng.random() * 90)
    speed = city.MPH_BY_HOUR[pickup.hour] * city.SPEED_BY_MILES.at(miles) * city.SPEED_LUCK.draw(rng) * tariff.speed
    if pickup.weekday() >= 5:
        speed *= city.WEEKEND_SPEED
    return max(20, int(miles / speed * 3600))


def _fare(rng: Random, ratecode: int, miles: float, seconds: int, tariff: city.Tariff) -> int:
    if ratecode == 2:
        return tariff.jfk
    if ratecode == 5:
        return 100 * (10 + int(rng.random() * 75))
    # The meter counts distance while the taxi moves and time while it stands. This sum fits the samples' fares.
    units = max(0, int(0.765 * 5 * miles + 0.7 * seconds / 60 - 0.75))
    if ratecode == 4:
        units += units // 2  # twice the meter beyond the city line
    return tariff.drop + tariff.unit * units + (tariff.newark if ratecode == 3 else 0)


def _surcharges(rng: Random, ratecode: int, miles: float, pickup: datetime, tariff: city.Tariff) -> int:
    cents = city.MTA_TAX + tariff.improvement
    if rng.random() >= _NO_SURCHARGE_ZONE:
        cents += tariff.congestion
    if ratecode == 1:
        if pickup.hour >= 20 or pickup.hour < 6:
            cents += tariff.night
        elif pickup.weekday() < 5 and 16 <= pickup.hour < 20:
            cents += tariff.rush
    if rng.random() < (0.65 if ratecode in {2, 3} else 0.3 if miles > 7 else 0.002):
        cents += tariff.toll
    return cents


def _tip(rng: Random, cents: int) -> int:
    kind = city.TIPS.draw(rng)
    if isinstance(kind, int):
        return cents * kind // 100
    return 100 * int(city.TIP_DOLLARS.draw(rng))


def _miles_text(hundredths: int, era: int) -> str:
    whole, part = divmod(hundredths, 100)
    if era == 2015:
        return f"{whole or ''}.{part:02}"
    return f"{whole}.{part:02}".removesuffix("0") if part % 10 == 0 else f"{whole}.{part:02}"


def _money_text(cents: int, era: int) -> str:
    whole, part = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    if part == 0:
        return f"{sign}{whole}" if era == 2015 else f"{sign}{whole}.0"
    return f"{sign}{whole}.{part:02}".removesuffix("0")
