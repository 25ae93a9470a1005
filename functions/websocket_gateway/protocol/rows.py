"""Rows of an answer as JSON, cut into messages that API Gateway takes."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from websocket_gateway.errors import ClientError
from websocket_gateway.protocol.limits import MAX_EXACT_INTEGER, MAX_MESSAGE_BYTES

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_SPECIAL_NUMBER = re.compile(rb"(?<![.0-9])[0-9]{16}|\b(?:NaN|Infinity)\b")
"""Found in the JSON of each row that may hold a number which a browser cannot represent."""

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    """A column of an answer, with Redshift's type name."""

    name: str
    type: str


@dataclass(frozen=True)
class Chunk:
    """Part of a `rows` message, the same for everybody: rows `first` to `first + count - 1`, each as JSON text."""

    first: int
    lines: tuple[bytes, ...]
    last: bool

    @property
    def count(self) -> int:
        """How many rows it has."""
        return len(self.lines)

    @cached_property
    def json(self) -> bytes:
        """The rows as a JSON list, joined once for all clients."""
        return b"[%b]" % b",".join(self.lines)

    def since(self, row: int) -> "Chunk":
        """What a client lacks that has the rows before `row`."""
        return self if row <= self.first else Chunk(row, self.lines[row - self.first :], self.last)


class RowTooWide(ClientError):
    """A single row does not fit into a message."""

    def __init__(self, number: int) -> None:
        super().__init__("row_too_wide", f"Row {number} does not fit into a message of {MAX_MESSAGE_BYTES:,} bytes.")


def chunks(rows: Sequence[Sequence[Cell]], first: int, columns: Sequence[Column], *, last: bool) -> Iterator[Chunk]:
    """Rows as JSON, cut so that each message stays below the limit; raises RowTooWide after the rows before it.

    With `last`, no rows come after these: the last chunk says so, and comes even if it has no rows.
    """
    room = _bytes_for_rows(columns)
    lines: list[bytes] = []
    start, size = first, 0
    for number, row in enumerate(rows, first):
        line = _line(row)
        width = len(line) + 1
        if lines and size + width > room:
            yield Chunk(start, tuple(lines), last=False)
            lines, start, size = [], number, 0
        if width > room:
            raise RowTooWide(number)
        lines.append(line)
        size += width
    if room < 0:
        raise RowTooWide(first)  # columns alone are too wide
    if lines or last:
        yield Chunk(start, tuple(lines), last)


def _bytes_for_rows(columns: Sequence[Column]) -> int:
    """How many bytes a message has for rows, beside the columns that go with the first one."""
    return MAX_MESSAGE_BYTES - 1_000 - len(json.dumps(_describe(columns)))


def _describe(columns: Sequence[Column]) -> list[dict[str, str]]:
    return [{"name": column.name, "type": column.type} for column in columns]


def _line(row: Sequence[Cell]) -> bytes:
    line = _ENCODER.encode(row).encode(errors="surrogatepass")
    # Nearly all rows go through the encoder unchanged, which is several times faster than checking each cell.
    if _SPECIAL_NUMBER.search(line) or b"\xed" in line:
        cells = [_cell(value) for value in row]
        try:
            return _ENCODER.encode(cells).encode()
        except UnicodeEncodeError:  # half of a surrogate pair is not UTF-8, but JSON can escape it
            return json.dumps(cells, separators=(",", ":")).encode()
    return line


def _cell(value: Cell) -> Cell:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_EXACT_INTEGER:
        return str(value)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return json.dumps(value)  # JSON has no NaN, Infinity or -Infinity: clients get their names
    return value


def rows_message(id_: str, run: str, version: int, chunk: Chunk, columns: Sequence[Column] | None) -> bytes:
    """A `rows` message for one request; the first one to each client has `columns`."""
    head: dict[str, Any] = {"type": "rows", "id": id_, "run": run, "version": version, "first_row": chunk.first}
    if columns is not None:
        head["columns"] = _describe(columns)
    # The rows are bytes already: they are encoded once, however many clients wait for them.
    return b'%b, "rows": %b}' % (json.dumps(head)[:-1].encode(), chunk.json)
