"""Rows of an answer as JSON, cut into messages that API Gateway takes. relay/result_records.py reads NULL as None."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from websocket_gateway.errors import ClientError
from websocket_gateway.protocol.limits import MAX_EXACT_INTEGER, message_bytes

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))
"""Raises ValueError for NaN and Infinity, which JSON does not have."""
_FIRST_ROWS = 64
"""Rows that are encoded together before their size is known."""
_PIECES = 16
"""How many pieces fill a message: few enough calls of the encoder, and little to encode again at the end of it."""

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    """A column of an answer, with Redshift's type name."""

    name: str
    type: str


@dataclass(frozen=True)
class Chunk:
    """Part of a `rows` message, the same for everybody: rows `first` to `first + count - 1`, `json` as a JSON list."""

    first: int
    rows: Sequence[Sequence[Cell]]
    json: bytes
    last: bool

    @property
    def count(self) -> int:
        """How many rows it has."""
        return len(self.rows)

    def since(self, row: int) -> "Chunk":
        """What a client lacks that has the rows before `row`."""
        if row <= self.first:
            return self
        rest = self.rows[row - self.first :]
        return Chunk(row, rest, b"[%b]" % _encode(rest), self.last)


class RowTooWide(ClientError):
    """A single row does not fit into a message."""

    def __init__(self, number: int) -> None:
        super().__init__("row_too_wide", f"Row {number} does not fit into a message of {message_bytes():,} bytes.")


def chunks(rows: Sequence[Sequence[Cell]], first: int, columns: Sequence[Column], *, last: bool) -> Iterator[Chunk]:
    """Rows as JSON, cut so that each message stays below the limit; raises RowTooWide after the rows before it.

    With `last`, no rows come after these: the last chunk says so, and comes even if it has no rows.
    """
    room = _bytes_for_rows(columns)
    pieces: list[bytes] = []
    start, end, size, step = 0, 0, 0, _FIRST_ROWS
    while end < len(rows):
        # Many rows go through the encoder at once, which costs a fraction of a call for each.
        piece = rows[end : end + step]
        encoded = _encode(piece)
        width = len(encoded) + 1
        if size + width <= room:
            pieces.append(encoded)
            end, size = end + len(piece), size + width
            step = max(1, len(piece) * room // (width * _PIECES))
        elif len(piece) > 1 and room - size > room // _PIECES:
            step = len(piece) // 2
        elif pieces:
            yield Chunk(first + start, rows[start:end], _list(pieces), last=False)
            pieces, start, size = [], end, 0
        else:
            raise RowTooWide(first + end)
    if room < 0:
        raise RowTooWide(first)  # columns alone are too wide
    if pieces or last:
        yield Chunk(first + start, rows[start:end], _list(pieces), last)


def _list(pieces: Sequence[bytes]) -> bytes:
    return b"[%b]" % b",".join(pieces)


def _bytes_for_rows(columns: Sequence[Column]) -> int:
    """How many bytes a message has for rows, beside the columns that go with the first one."""
    return message_bytes() - 1_000 - len(json.dumps(_describe(columns)))


def _describe(columns: Sequence[Column]) -> list[dict[str, str]]:
    return [{"name": column.name, "type": column.type} for column in columns]


def _encode(rows: Sequence[Sequence[Cell]]) -> bytes:
    """Rows as JSON with commas between them. Nearly all go through the encoder together and unchanged."""
    try:
        if all(map(_is_exact, zip(*rows, strict=True))):
            return _ENCODER.encode(rows)[1:-1].encode()
    except ValueError:
        pass  # NaN, Infinity, or half of a surrogate pair
    return b",".join(map(_encode_row, rows))


def _is_exact(column: Sequence[Cell]) -> bool:
    """Whether a browser can represent all integers of a column."""
    types = set(map(type, column))
    if int not in types:
        return True
    integers = column if len(types) == 1 else [cell for cell in column if type(cell) is int]
    return max(integers) <= MAX_EXACT_INTEGER and min(integers) >= -MAX_EXACT_INTEGER  # type: ignore[type-var, operator]


def _encode_row(row: Sequence[Cell]) -> bytes:
    cells = [_cell(value) for value in row]
    try:
        return _ENCODER.encode(cells).encode()
    except UnicodeEncodeError:  # half of a surrogate pair is not UTF-8, but JSON can escape it
        return json.dumps(cells, separators=(",", ":")).encode()


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
