"""The ten columns of a trip as the warehouse loads them: `|` between columns, one trip a line, no header.

Every file that the demo loads is a `.psv.gz` in this form, so that one COPY with GZIP loads them all.
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
"""Characters that no field may hold: the delimiter, line breaks and control characters."""

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
"""Nearly every row matches, and then only its two dates are left to check."""


class DataError(Exception):
    """A file of trips cannot be used. The message names the file and the reason."""


@contextmanager
def open_for_writing(path: Path) -> Iterator[gzip.GzipFile]:
    """Opens a `.psv.gz` without time and name in its header. The file appears when it is complete."""
    part = path.with_name(path.name + ".partial")
    try:
        with part.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            yield packed
        part.replace(path)
    except gzip.BadGzipFile:  # an OSError too, but of a file that is read in the block
        raise
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def open_for_reading(path: Path) -> Iterator[BufferedReader | gzip.GzipFile]:
    """Opens a file and unpacks it if it is a `.gz`; raises DataError."""
    try:
        with path.open("rb") as raw:
            if path.name.lower().endswith(".gz"):
                with gzip.GzipFile("", "rb", fileobj=raw) as packed:
                    yield packed
            else:
                yield raw
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path}: not a complete gzip file: {error}") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


def line_of(fields: Sequence[str]) -> str:
    """Returns the line of a row, without its line end."""
    return DELIMITER.join(fields)


def problem_of(fields: Sequence[str]) -> str | None:
    """Returns why the warehouse will probably refuse a row of ten fields, or None. The warehouse decides."""
    ordinary = _ORDINARY.fullmatch(line_of(fields))
    if ordinary and _is_day(ordinary[1]) and _is_day(ordinary[2]):
        return None
    for column, text in zip(COLUMNS, fields, strict=True):
        if text and (problem := _problem_of_value(column, text)):
            return f"{column} is {text[:60]!r}: {problem}"
    return None


def _problem_of_value(column: str, text: str) -> str | None:
    if UNLOADABLE.search(text):
        return "holds a delimiter, a line break or a control character"
    if column == "pickup_date":
        return None if _is_day(text) else "not a date YYYY-MM-DD"
    if column.endswith("_datetime"):
        return None if _is_time(text) else "not a time YYYY-MM-DD HH:MM:SS"
    if column in SMALLINT:
        whole = re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII)
        return None if whole and -32768 <= int(text) <= 32767 else "not a SMALLINT"
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
