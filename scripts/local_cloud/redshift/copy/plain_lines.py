"""Lines of a text file that need no conversion, found by one regular expression: COPY passes them on as they are.

A field is plain if PostgreSQL reads it as Redshift's COPY would: a number within its column's digits, an ISO date,
ASCII text that fits. Every other line takes the way through records.py and fields.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from local_cloud.redshift.copy.command import CopyCommand
from local_cloud.redshift.copy.fields import Column

_BLOCK = 256 * 1024
"""Bytes read at a time."""
_INTEGERS = {"int2": 4, "int4": 9, "int8": 18}  # digits that always fit
_DATE = (
    rb"(?:19|20)[0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    rb"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_TIME = rb" (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"


def plain_lines(columns: Sequence[Column], command: CopyCommand) -> re.Pattern[bytes] | None:
    """Matches as many plain lines as there are; None if the columns or the options allow none."""
    if command.csv or command.widths or command.json or command.parquet or len(command.delimiter) != 1:
        return None
    if command.escape or command.remove_quotes or command.trim_blanks or command.blanks_as_null or command.no_load:
        return None
    if command.null_as != "\\N" or command.delimiter in "\\\n\r0123456789-.:" or not command.delimiter.isascii():
        return None
    fields = [_field(column, command) for column in columns]
    if not all(fields):
        return None
    delimiter = re.escape(command.delimiter.encode())
    return re.compile(rb"(?:" + delimiter.join(filter(None, fields)) + rb"\n)*+")


def _field(column: Column, command: CopyCommand) -> bytes | None:
    kind = column.type
    if kind in _INTEGERS:
        return rb"-?[0-9]{1,%d}+" % _INTEGERS[kind]
    if kind == "float8":
        return rb"-?[0-9]{1,15}+(?:\.[0-9]{1,15}+)?"
    if kind == "bool":
        return rb"(?:true|false|[tf])"
    if kind == "date":
        return _DATE if command.date_format in {None, "auto"} else None
    if kind == "timestamp":
        return _DATE + _TIME if command.time_format in {None, "auto"} else None
    if kind == "numeric" and column.modifier >= 4:
        precision, scale = (column.modifier - 4) >> 16, (column.modifier - 4) & 0x7FF
        fraction = rb"(?:\.[0-9]{1,%d}+)?" % scale if scale else b""
        return rb"-?[0-9]{1,%d}+%b" % (precision - scale, fraction) if precision > scale else None
    if kind in {"varchar", "bpchar"} and column.length:
        least = 1 if command.empty_as_null or command.ignore_blank_lines else 0
        return rb"[%b]{%d,%d}+" % (_text_class(command.delimiter), least, column.length)
    return None


def _text_class(delimiter: str) -> bytes:
    """Printable ASCII without the delimiter and the backslash, which PostgreSQL would take for an escape."""
    allowed = (chr(code) for code in range(32, 127))
    return "".join(re.escape(one) for one in allowed if one not in (delimiter, "\\")).encode()


@dataclass(frozen=True)
class Piece:
    """Whole lines that are plain, or one line that is not; `line` is the number of the first."""

    data: bytes
    line: int
    plain: bool


def pieces(content: BinaryIO, plain: re.Pattern[bytes], header: int) -> Iterator[Piece]:
    """A file behind its `header` lines. Only the last line may lack its end."""
    number, tail = 1, b""
    while block := content.read(_BLOCK):
        data = tail + block
        cut = data.rfind(b"\n") + 1
        tail = data[cut:]
        for piece in _pieces(data[:cut], plain, number):
            lines = piece.data.count(b"\n")
            number += lines
            if header and (piece := _behind(piece, header)).line > header:
                header = 0
            if not header and piece.data:
                yield piece
    if tail and number > header:
        yield Piece(tail, number, plain=False)


def _pieces(data: bytes, plain: re.Pattern[bytes], number: int) -> Iterator[Piece]:
    at = 0
    while at < len(data):
        found = plain.match(data, at)
        end = found.end() if found else at
        is_plain = end > at
        if not is_plain:
            end = data.index(b"\n", at) + 1
        yield Piece(data[at:end], number, is_plain)
        number += data.count(b"\n", at, end)
        at = end


def _behind(piece: Piece, header: int) -> Piece:
    """What is left of a piece without the header's lines."""
    data, line = piece.data, piece.line
    while data and line <= header:
        data = data[data.index(b"\n") + 1 :]
        line += 1
    return Piece(data, line, piece.plain)
