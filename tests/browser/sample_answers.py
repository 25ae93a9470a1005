"""What the fake gateway knows: a catalog with every type of parameter, and answers of every shape."""

import calendar
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from websocket_gateway.catalog.query import Query
from websocket_gateway.protocol.rows import Cell, Column


def _query(description: str, units: Mapping[str, str], **parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "sql": "SELECT 1",
        "description": description,
        "parameters": parameters,
        "columns": {name: {"unit": unit} for name, unit in units.items()},
        "max_rows": 100_000,
        "timeout_seconds": 300,
        "max_age_seconds": None,
        "min_refresh_seconds": 0,
    }


CATALOG = {
    "daily_trips": _query(
        "Trips, hours, distance and fares of each day of a month",
        {"total_fare": "$", "total_distance": "mi"},
        month={"type": "month", "description": "Month of the pick-up", "minimum": "2015-01", "maximum": "2019-12"},
    ),
    "monthly_volume": _query(
        "Averages and totals of each month, from the materialized view",
        {"avg_fare": "$"},
    ),
    "fares_by_payment": _query(
        "What was paid, by kind of payment",
        {"total_fare": "$"},
        since={"type": "date", "description": "First day", "default": "2015-01-01"},
        zone={
            "type": "choice",
            "description": "Where it began",
            "choices": ["all", "airport", "city"],
            "default": "all",
        },
        passengers={
            "type": "integer",
            "description": "At least so many",
            "minimum": "1",
            "maximum": "6",
            "default": "1",
        },
    ),
    "longest_trips": _query(
        "The longest trips, one by one",
        {},
        rows={"type": "integer", "description": "How many", "minimum": "0", "maximum": "100000"},
        vendor={"type": "text", "description": "Name of the vendor", "max_length": 20, "default": "any"},
    ),
}


def catalog_of(options: Mapping[str, Mapping[str, Any]]) -> dict[str, Query]:
    """The queries with what their authors say by name; `parameters` are options by name, in the author's order."""
    return {name: _told(name, options.get(name, {})) for name in CATALOG}


def _told(name: str, options: Mapping[str, Any]) -> Query:
    given, told = CATALOG[name], options.get("parameters", {})
    order = {key: {"order": number} for number, key in enumerate(told)}
    parameters = {key: one | told.get(key, {}) | order.get(key, {}) for key, one in given["parameters"].items()}
    return Query.from_definition(name, {**given, **options, "parameters": parameters})


@dataclass
class Result:
    """Columns and rows of an answer."""

    columns: list[Column]
    rows: list[list[Cell]] = field(default_factory=list)


def result_of(query: str, params: Mapping[str, object], version: int) -> Result:
    """The answer at a data version."""
    match query:
        case "daily_trips":
            return daily_trips(str(params["month"]), version)
        case "monthly_volume":
            return monthly_volume(version)
        case "fares_by_payment":
            return fares_by_payment()
        case _:
            return longest_trips(int(str(params["rows"])))


def daily_trips(month: str, version: int) -> Result:
    """A row for each day; a version after the seventh has the last days anew. Nothing happened in 2016-02."""
    columns = [
        Column("trip_date", "date"),
        Column("trips", "int8"),
        Column("total_hours", "float8"),
        Column("total_distance", "float8"),
        Column("total_fare", "float8"),
    ]
    year, number = map(int, month.split("-"))
    rows: list[list[Cell]] = []
    for day in range(1, calendar.monthrange(year, number)[1] + 1):
        at = date(year, number, day)
        wave = (
            1
            + 0.16 * math.sin(day * 0.9)
            + (0.12 if at.weekday() >= 4 else -0.05)
            - 0.3 * math.exp(-((day - 27) ** 2) / 2)
        )
        trips = round(11_800 * wave) + (version - 7) * 137 * (day > 29)
        rows.append([at.isoformat(), trips, round(trips * 0.2213, 4), round(trips * 2.81, 2), round(trips * 12.37, 2)])
    return Result(columns, [] if month == "2016-02" else rows)


def monthly_volume(version: int) -> Result:
    """Five years of months."""
    columns = [
        Column("pickup_month", "date"),
        Column("avg_distance", "numeric"),
        Column("avg_fare", "numeric"),
        Column("total_trips", "int8"),
    ]
    rows: list[list[Cell]] = []
    for number in range(60):
        wave = math.sin(number / 12 * 2 * math.pi)
        trips = round((360_000 - number * 2_100) * (1 + 0.07 * wave)) + (version - 7)
        at = date(2015 + number // 12, number % 12 + 1, 1)
        rows.append([at.isoformat(), f"{2.9 + 0.1 * wave:.2f}", f"{11.5 + number * 0.03:.2f}", trips])
    return Result(columns, rows)


def fares_by_payment() -> Result:
    """Names on the axis, a NULL, an integer that a browser cannot hold, and text that wants to be a formula."""
    columns = [
        Column("payment", "varchar"),
        Column("total_fare", "numeric"),
        Column("trips", "int8"),
        Column("note", "varchar"),
    ]
    return Result(
        columns,
        [
            ["Credit card", "184203311.90", 9_007_199_254_740_993, "=1+1"],
            ["Cash", "90211034.10", 7_204_112, 'said "exact change"'],
            ["No charge", "120.00", 48_120, None],
            ["Dispute", None, 12_044, ""],
        ],
    )


def longest_trips(count: int) -> Result:
    """As many rows as one likes."""
    columns = [
        Column("trip", "int8"),
        Column("pickup_datetime", "timestamp"),
        Column("vendorid", "varchar"),
        Column("trip_distance", "float8"),
        Column("airport", "bool"),
    ]
    first = date(2015, 1, 1)
    return Result(
        columns,
        [
            [
                at + 1,
                f"{first + timedelta(days=at % 365)} {at % 24:02}:{at % 60:02}:00",
                ["VTS", "CMT", "DDS"][at % 3],
                None if at % 97 == 0 else round(60 - at * 0.001 + (at % 7) * 0.01, 3),
                at % 5 == 0,
            ]
            for at in range(count)
        ],
    )
