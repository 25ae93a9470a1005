"""Converts the fields of a data file to values of their columns, or reports Redshift's load error.

Codes and reasons: "Load error reference" and "COPY: data conversion parameters", Amazon Redshift Database Developer
Guide; the wording of reasons is Redshift's own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation

from local_cloud.redshift.copy.command import CopyCommand
from local_cloud.redshift.errors import not_emulated

Convert = Callable[[str | None], str | None]
"""A field as PostgreSQL's text; None is NULL, in the file and in the table."""
_Value = Callable[[str], str | None]


class FieldError(Exception):
    """A field (or line) that cannot be loaded."""

    def __init__(self, code: int, reason: str, position: int = 0) -> None:
        self.code = code
        self.reason = reason
        self.position = position
        super().__init__(reason)


@dataclass(frozen=True)
class Column:
    """A column of the table that is loaded; `modifier` is PostgreSQL's atttypmod."""

    name: str
    type: str
    modifier: int
    required: bool

    @property
    def length(self) -> int | None:
        """The declared length of VARCHAR(n) and CHAR(n), in bytes as Redshift counts."""
        return self.modifier - 4 if self.type in {"varchar", "bpchar"} and self.modifier > 4 else None

    @property
    def redshift_type(self) -> str:
        return {"bpchar": "char", "text": "varchar"}.get(self.type, self.type)


def converter(column: Column, command: CopyCommand) -> Convert:
    """The function for the fields of this column."""
    convert: _Value
    if column.type in {"varchar", "bpchar", "text"}:
        convert = _text(column, command)
    elif column.type in _INTEGERS:
        convert = functools.partial(_integer, *_INTEGERS[column.type])
    elif column.type in {"float4", "float8"}:
        convert = _float
    elif column.type == "numeric":
        convert = functools.partial(_decimal, column.modifier, ROUND_HALF_UP if command.round_decimals else ROUND_DOWN)
    elif column.type == "bool":
        convert = _boolean
    elif column.type == "date":
        convert = functools.lru_cache(4096)(functools.partial(_date, command.date_format, command.accept_any_date))
    elif column.type in {"timestamp", "timestamptz"}:
        convert = functools.partial(_timestamp, command.time_format, command.accept_any_date)
    else:
        raise not_emulated(f"COPY into a column of type {column.type}")
    return _nullable(column, command, convert)


def _nullable(column: Column, command: CopyCommand, convert: _Value) -> Convert:
    is_text = column.type in {"varchar", "bpchar", "text"}
    null_as = command.null_as

    def is_null(field: str) -> bool:
        if field == null_as:
            return True
        blank = not field or field.isspace()
        if not is_text:
            return blank
        return (command.empty_as_null and not field) or (command.blanks_as_null and blank)

    def with_null(field: str | None) -> str | None:
        value = None if field is None or is_null(field) else convert(field)
        if value is None and column.required:
            raise FieldError(1213, "Missing data for not-null field")
        return value

    return with_null


def _text(column: Column, command: CopyCommand) -> _Value:
    limit = column.length

    def text(field: str) -> str:
        if command.trim_blanks:
            field = field.rstrip(" ")
        field = _without_invalid(field, command.accept_invalid_characters)
        if limit is not None and len(field.encode()) > limit:
            if not command.truncate_columns:
                raise FieldError(1204, "String length exceeds DDL length")
            field = field.encode()[:limit].decode(errors="ignore")
        return field

    return text


_INVALID = re.compile("[\udc80-\udcff\0]+")  # the surrogates of invalid bytes


def _without_invalid(field: str, replacement: str | None) -> str:
    found = _INVALID.search(field)
    if found is None:
        return field
    if replacement is not None:
        return _INVALID.sub(lambda match: replacement * len(match.group()), field)
    raw = found.group().encode(errors="surrogateescape")[:4].hex()
    reason = f"String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: {raw} (error 2)"
    raise FieldError(1220, reason, found.start())


_INTEGERS = {
    "int2": ("Short", -(2**15), 2**15 - 1),
    "int4": ("Integer", -(2**31), 2**31 - 1),
    "int8": ("Long", -(2**63), 2**63 - 1),
}
_DIGITS = re.compile(r"[+-]?[0-9]+")


def _integer(kind: str, low: int, high: int, field: str) -> str:
    text = field.strip()
    if not _DIGITS.fullmatch(text):
        raise _invalid_digit(text, "0123456789", kind)
    if not low <= int(text) <= high:
        raise FieldError(1204, f"Overflow, (Value '{text}', {kind} valid range is {low} to {high})")
    return text


_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf(inity)?|nan", re.IGNORECASE)


def _float(field: str) -> str:
    text = field.strip()
    if not _FLOAT.fullmatch(text):
        raise _invalid_digit(text, "0123456789.", "Float")
    return text


_EXACT = Context(prec=100)  # more digits than a DECIMAL(38, 37) and what a file may add


def _decimal(modifier: int, rounding: str, field: str) -> str:
    """COPY cuts digits beyond the scale, and rounds with ROUNDEC."""
    text = field.strip()
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise _invalid_digit(text, "0123456789.", "Decimal") from None
    if not value.is_finite():
        raise _invalid_digit(text, "0123456789.", "Decimal")
    precision, scale = ((modifier - 4) >> 16, (modifier - 4) & 0x7FF) if modifier >= 4 else (38, 37)
    if abs(value) >= Decimal(10) ** (precision - scale):
        raise FieldError(1207, f"Overflow for NUMERIC({precision},{scale})")
    if modifier >= 4 and -int(value.as_tuple().exponent) > scale:
        return format(value.quantize(Decimal(1).scaleb(-scale), rounding, _EXACT), "f")
    return text


def _invalid_digit(text: str, allowed: str, kind: str) -> FieldError:
    position = next((i for i, c in enumerate(text) if c not in allowed and not (i == 0 and c in "+-")), 0)
    shown = text[position : position + 1].encode("ascii", "replace").decode()
    return FieldError(1207, f"Invalid digit, Value '{shown}', Pos {position}, Type: {kind}", position)


_BOOLEANS = dict.fromkeys(("t", "true", "y", "yes", "1"), "t") | dict.fromkeys(("f", "false", "n", "no", "0"), "f")


def _boolean(field: str) -> str:
    try:
        return _BOOLEANS[field.strip().lower()]
    except KeyError:
        raise FieldError(1210, "Unknown boolean format") from None


_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?")
_AUTO_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%d-%b-%Y",
               "%b %d %Y", "%b %d, %Y", "%b %d,%Y", "%B %d %Y", "%B %d, %Y", "%d %b %Y", "%Y-%b-%d")  # fmt: skip
_AUTO_TIMES = ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H%M%S")


def _date(pattern: str | None, any_date: bool, field: str) -> str | None:
    text = field.strip()
    try:
        return _as_date(text, pattern).isoformat()
    except ValueError:
        if any_date:
            return None
        short = pattern is None and len(text) < len("YYYY-MM-DD")
        detail = "length must be 10 or more" if short else f"value [{pattern or 'YYYY-MM-DD'}]"
        raise FieldError(1205, f"Invalid Date Format - {detail}") from None


def _as_date(text: str, pattern: str | None) -> date:
    if pattern is None:
        return date.fromisoformat(text[:10] if _ISO_DATE.match(text) else "")
    if pattern.lower() == "auto":
        return _auto(text).date()
    return datetime.strptime(text, _strptime(pattern)).date()  # noqa: DTZ007 (a DATE has no zone)


def _timestamp(pattern: str | None, any_date: bool, field: str) -> str | None:
    text = field.strip()
    try:
        return _as_timestamp(text, pattern).isoformat(" ")
    except (ValueError, InvalidOperation, OverflowError):
        if any_date:
            return None
        shown = "YYYY-MM-DD HH24:MI:SS" if pattern in {None, "auto"} else pattern
        raise FieldError(1206, f"Invalid timestamp format or value [{shown}]") from None


def _as_timestamp(text: str, pattern: str | None) -> datetime:
    if pattern is None:
        return datetime.fromisoformat(text if _ISO_TIME.fullmatch(text) else "")
    if pattern.lower() in {"epochsecs", "epochmillisecs"}:
        seconds = Decimal(text) / (1000 if pattern.lower() == "epochmillisecs" else 1)
        return datetime.fromtimestamp(float(seconds), UTC).replace(tzinfo=None)
    if pattern.lower() == "auto":
        return _auto(text)
    return datetime.strptime(text, _strptime(pattern))  # noqa: DTZ007 (a TIMESTAMP has no zone)


def _auto(text: str) -> datetime:
    """'auto' recognizes ISO 8601 and the common orders of month, day and year."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    for day in _AUTO_DATES:
        for pattern in (day, *(f"{day} {time}" for time in _AUTO_TIMES)):
            try:
                return datetime.strptime(text, pattern)  # noqa: DTZ007
            except ValueError:
                continue
    raise ValueError(text)


_PATTERNS = [
    ("YYYY", "%Y"), ("HH24", "%H"), ("HH12", "%I"), ("MONTH", "%B"), ("MON", "%b"), ("HH", "%H"), ("YY", "%y"),
    ("MM", "%m"), ("DD", "%d"), ("MI", "%M"), ("SS", "%S"), ("US", "%f"), ("AM", "%p"), ("PM", "%p"),
]  # fmt: skip


@functools.cache
def _strptime(pattern: str) -> str:
    """Redshift's datetime format ('DD.MM.YYYY') as strptime's."""
    translated = dict(_PATTERNS)
    names = "|".join(name for name, _ in _PATTERNS)
    return re.sub(names, lambda match: translated[match.group().upper()], pattern, flags=re.IGNORECASE)
