"""The messages of an answer, complete but for the id of the request, and how the answer ends."""

import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from websocket_gateway.protocol.rows import Chunk, Column

_FRAME = struct.Struct(">QII")
"""First row, number of rows, length of the body."""


@dataclass(frozen=True)
class Message:
    """Rows `first` to `first + count - 1`. `body` is a `rows` message without its id and without the brace at its end:
    `"type": "rows", ..., "rows": [...]`."""

    first: int
    count: int
    body: bytes

    @property
    def end(self) -> int:
        """The number of the row after the last one."""
        return self.first + self.count

    def encode(self, request: str, complete: Mapping[str, Any] | None = None) -> bytes:
        """The message for one request; with `complete`, which describes the end of the answer, it is the last one."""
        end = b', "complete": %b}' % json.dumps(complete).encode() if complete is not None else b"}"
        return b'{"id": %b, %b%b' % (json.dumps(request).encode(), self.body, end)

    def since(self, row: int, columns: Sequence[Any]) -> "Message":
        """What a client lacks that has the rows before `row`, with the columns: it is the first that it gets."""
        row = max(row, self.first)
        message = json.loads(b"{%b}" % self.body)
        message |= {"first_row": row, "columns": columns, "rows": message["rows"][row - self.first :]}
        return Message(row, self.end - row, json.dumps(message).encode()[1:-1])


@dataclass(frozen=True)
class Ending:
    """What is known of an answer when its last row is: the columns, the number of rows, whether more exist, and how
    many seconds the statement took."""

    columns: Sequence[Any]
    rows: int
    truncated: bool
    elapsed_seconds: float


def message_of(run: str, version: int, chunk: Chunk, columns: Sequence[Column]) -> Message:
    """The message of a chunk; the first one has the columns."""
    head: dict[str, Any] = {"type": "rows", "run": run, "version": version, "first_row": chunk.first}
    if chunk.first == 0:
        head["columns"] = described(columns)
    return Message(chunk.first, chunk.count, b'%b, "rows": %b' % (json.dumps(head)[1:-1].encode(), chunk.json))


def described(columns: Sequence[Column]) -> list[dict[str, str]]:
    """Columns as clients see them."""
    return [{"name": column.name, "type": column.type} for column in columns]


def pack(messages: Iterable[Message]) -> bytes:
    """Messages as they are stored."""
    return b"".join(_FRAME.pack(one.first, one.count, len(one.body)) + one.body for one in messages)


def unpack(data: bytes) -> Iterator[Message]:
    """The messages that `pack` made bytes of."""
    at = 0
    while at < len(data):
        first, count, length = _FRAME.unpack_from(data, at)
        at += _FRAME.size + length
        yield Message(first, count, data[at - length : at])
