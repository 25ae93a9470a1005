"""The ten-column form of a trip that the warehouse loads: `|` between columns, one trip a line, no header.

Every file of trips that the demo loads is a `.psv.gz` in this form, so that one COPY with GZIP takes them all.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from io import BufferedReader
from pathlib import Path

COLUMNS = (
    "pickup_date",
    "pickup_datetime",
    "dropoff_datetime",
    "ratecode",
    "passenger_count",
    "trip_distance",
    "fare_amount",
    "total_amount",
    "payment_type",
    "vendorid",
)
DELIMITER = "|"

UNLOADABLE = re.compile(r"[\x00-\x1f\x7f|]")
"""What no field may hold in this form: the delimiter, and whatever ends a line or a string somewhere."""

SMALLINT = frozenset({"ratecode", "passenger_count", "payment_type"})
FLOAT4 = frozenset({"trip_distance", "fare_amount", "total_amount"})
VENDORID_LENGTH = 20  # bytes, as VARCHAR counts them

_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_NUMBER = r"(?:-?(?:\d+\.?\d*|\.\d+))?"
_ORDINARY = re.compile(
    rf"({_DAY})\|\1 {_TIME}\|({_DAY}) {_TIME}\|\d{{0,2}}\|\d{{0,3}}\|{_NUMBER}\|{_NUMBER}\|{_NUMBER}\|\d?\|\w{{0,20}}",
    re.ASCII,
)
"""What nearly every row looks like: one match tells that nothing is wrong with it, except a day that is no day."""


class DataError(Exception):
    """A file of trips that cannot be used. The message names the file and says what to do."""


@contextmanager
def writing(path: Path) -> Iterator[gzip.GzipFile]:
    """Opens a `.psv.gz` that appears when all of it is written, and holds no time and no name."""
    part = path.with_name(path.name + ".partial")
    try:
        with part.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            yield packed
        part.replace(path)
    except gzip.BadGzipFile:  # an OSError too, but of the file that is read meanwhile
        raise
    except OSError as error:
        raise DataError(f"{path}: cannot be made: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def reading(path: Path) -> Iterator[BufferedReader | gzip.GzipFile]:
    """Opens a file, packed or not; what cannot be read is a DataError that names it."""
    try:
        with path.open("rb") as raw:
            if path.name.lower().endswith(".gz"):
                with gzip.GzipFile("", "rb", fileobj=raw) as packed:
                    yield packed
            else:
                yield raw
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path}: not a whole gzip file: {error}") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


def line_of(fields: Sequence[str]) -> str:
    return DELIMITER.join(fields)


def what_is_wrong(fields: Sequence[str]) -> str | None:
    """What the warehouse is likely to refuse in a row of ten fields, or None. It says so and decides nothing."""
    ordinary = _ORDINARY.fullmatch(line_of(fields))
    if ordinary and _is_day(ordinary[1]) and _is_day(ordinary[2]):
        return None
    for column, text in zip(COLUMNS, fields, strict=True):
        if text and (wrong := _wrong_value(column, text)):
            return f"{column} is {text[:60]!r}: {wrong}"
    return None


def _wrong_value(column: str, text: str) -> str | None:
    if UNLOADABLE.search(text):
        return "holds a delimiter, a line break or a control character"
    if column == "pickup_date":
        return None if _is_day(text) else "not a date YYYY-MM-DD"
    if column.endswith("_datetime"):
        return None if _is_time(text) else "not a time YYYY-MM-DD HH:MM:SS"
    if column in SMALLINT:
        return None if re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII) and -32768 <= int(text) <= 32767 else "no SMALLINT"
    if column in FLOAT4:
        number = re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?", text, re.ASCII)
        return None if number else "not a number"
    encoded = text.encode("utf-8", "surrogateescape")
    if any(0xDC80 <= ord(character) <= 0xDCFF for character in text):
        return "not UTF-8"
    return None if len(encoded) <= VENDORID_LENGTH else f"longer than {VENDORID_LENGTH} bytes"


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?", text, re.ASCII):
        return False
    try:
        return datetime.fromisoformat(text) is not None
    except ValueError:
        return False
