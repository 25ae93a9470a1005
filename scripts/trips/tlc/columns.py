"""TLC's column names of every year, and the ten columns that they become.

Names are compared without case, spaces and underscores. That covers ` pickup_datetime` (2014) and the camel case of
open data portals. Data dictionaries:
https://www.nyc.gov/site/tlc/about/tlc-trip-record-data.page
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trips.rows import COLUMNS, DataError

NAMES: dict[str, tuple[str, ...]] = {
    "pickup_datetime": (
        "tpep_pickup_datetime",  # yellow, 2015 on
        "lpep_pickup_datetime",  # green
        "pickup_datetime",  # 2010 to 2014
        "Trip_Pickup_DateTime",  # 2009
    ),
    "dropoff_datetime": (
        "tpep_dropoff_datetime",
        "lpep_dropoff_datetime",
        "dropoff_datetime",
        "Trip_Dropoff_DateTime",
    ),
    "ratecode": ("RatecodeID", "rate_code"),
    "passenger_count": ("passenger_count",),
    "trip_distance": ("trip_distance",),
    "fare_amount": ("fare_amount", "Fare_Amt"),
    "total_amount": ("total_amount", "Total_Amt"),
    "payment_type": ("payment_type",),
    "vendorid": ("VendorID", "vendor_name"),
}
"""The columns that a file must have. pickup_date is taken from pickup_datetime."""

assert set(NAMES) | {"pickup_date"} == set(COLUMNS)  # noqa: S101 - a mistake here shifts columns

PAYMENTS = {
    **dict.fromkeys(("credit", "crd", "cre", "credit card"), "1"),
    **dict.fromkeys(("cash", "csh", "cas"), "2"),
    **dict.fromkeys(("no charge", "noc", "no"), "3"),
    **dict.fromkeys(("dispute", "dis"), "4"),
    **dict.fromkeys(("unknown", "unk"), "5"),
    **dict.fromkeys(("voided trip", "void", "voi"), "6"),
}
"""The words of 2009 to 2014 in lower case, and the codes that TLC has used since."""


def find(header: Sequence[str], source: Path) -> dict[str, int]:
    """Returns {column: its position in the header}; raises DataError with the missing and the present names."""
    positions: dict[str, list[int]] = {_plain(name): [] for names in NAMES.values() for name in names}
    for position, name in enumerate(header):
        if _plain(name) in positions:
            positions[_plain(name)].append(position)
    found = {
        column: [position for name in names for position in positions[_plain(name)]] for column, names in NAMES.items()
    }

    for column, repeated in found.items():
        if len(repeated) > 1:
            twice = ", ".join(header[position].strip() for position in repeated)
            raise DataError(f"{source}: more than one column for {column}: {twice}. Keep one of them.")
    missing = [column for column in found if not found[column]]
    if missing:
        needed = "; ".join(f"{column} ({' or '.join(NAMES[column])})" for column in missing)
        there = ", ".join(name.strip() if name.isprintable() else ascii(name) for name in header) or "nothing"
        raise DataError(f"{source}: columns are missing: {needed}. Found: {there[:1000]}.")
    return {column: position for column, (position,) in found.items()}


def _plain(name: str) -> str:
    return "".join(name.split()).replace("_", "").casefold()
