"""The wire protocol, described in modules/websocket_gateway/asyncapi.yaml: what clients send, and what they get.

A message holds at most 128 KB, a frame from a client 32 KB:
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from websocket_gateway.errors import ClientError, bad_request

SUBPROTOCOL = "relay.v1"
TICKET_SUBPROTOCOL = "relay.ticket."
MAX_MESSAGE_BYTES = 120_000
"""Below API Gateway's 128 KB (131,072 bytes), whichever way it counts."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
MAX_EXACT_INTEGER = 2**53
"""Beyond this a JSON number is no longer exact in a browser."""

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_RUN = re.compile(r"[A-Za-z0-9.]{1,100}")
_LONG = re.compile(rb"(?<![.0-9])[0-9]{16}|\b(?:NaN|Infinity)\b")
"""What a row's JSON holds if it may hold a number that is none of a browser's."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Resume:
    """Where a client stopped: it has the rows of `run` before number `row`."""

    run: str
    row: int


@dataclass(frozen=True)
class Ask:
    """A request `query`."""

    id: str
    query: str
    params: Mapping[str, object] = field(default_factory=dict)
    live: bool = False
    resume: Resume | None = None


def parse(body: str | None, most: int) -> dict[str, Any]:
    """A message as a JSON object; raises ClientError."""
    if body is None or not body.strip():
        raise bad_request("the message is empty; send a JSON object with an action")
    size = len(body.encode(errors="surrogatepass"))
    if size > most:
        raise ClientError("too_large", f"a message may have {most:,} bytes, yours has {size:,}")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise bad_request("the message is not JSON") from None
    if not isinstance(message, dict):
        raise bad_request("the message is not a JSON object")
    return message


def request_id(message: Mapping[str, Any]) -> str:
    """The id that a request carries; raises ClientError."""
    found = message.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise bad_request("id: 1 to 64 letters, digits, '_', '.', ':' or '-'")
    return found


def readable_id(message: Mapping[str, Any]) -> str | None:
    """The id for an error message: null unless the message has one."""
    found = message.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def shown(text: str) -> str:
    """A client's own text within a sentence for it: short, and fit to be encoded whatever it holds."""
    escaped = ascii(text[:60])[1:-1]
    return escaped if len(escaped) <= 60 and len(text) <= 60 else f"{escaped[:60]}..."


def parse_ask(message: Mapping[str, Any]) -> Ask:
    """A request `query`; raises ClientError."""
    known = {"action", "id", "query", "params", "live", "resume"}
    for name in message:
        if name not in known:
            raise bad_request(f"{shown(name)} is none of {', '.join(sorted(known))}")
    query, params, live = message.get("query"), message.get("params", {}), message.get("live", False)
    if not isinstance(query, str) or not _NAME.fullmatch(query):
        raise bad_request("query: the name of a query of the catalogue")
    if not isinstance(params, dict):
        raise bad_request("params: an object of parameter names and values")
    if not isinstance(live, bool):
        raise bad_request("live: true or false")
    return Ask(request_id(message), query, params, live, _resume(message.get("resume")))


def _resume(given: object) -> Resume | None:
    if given is None:
        return None
    if isinstance(given, dict) and set(given) == {"run", "row"}:
        run, row = given["run"], given["row"]
        number = isinstance(row, int) and not isinstance(row, bool) and 0 <= row <= MAX_EXACT_INTEGER
        if number and isinstance(run, str) and _RUN.fullmatch(run):
            return Resume(run, row)
    raise bad_request('resume: {"run": the run, "row": the number of the first row that is missing}')


def parse_connect_query(parameters: Mapping[str, str], credentials: Collection[str]) -> Ask | None:
    """The first question on the connect URL: `?query=daily_trips&month=2015-01[&live=true]`; its id is `connect`.

    `credentials` are names of parameters that say who connects, and are none of the question's.
    """
    given = {name: value for name, value in parameters.items() if name not in credentials}
    query = given.pop("query", None)
    if query is None:
        return None
    live = given.pop("live", "false")
    if live not in ("true", "false"):
        raise bad_request("live: true or false")
    return parse_ask({"id": "connect", "query": query, "params": given, "live": live == "true"})


def accepted(id_: str, query: str, run: str, *, held: bool) -> dict[str, Any]:
    """The question is asked; rows may overtake this message."""
    return {"type": "accepted", "id": id_, "query": query, "run": run, "held": held}


def cancelled(id_: str) -> dict[str, Any]:
    """The answer to `cancel`: nothing more comes for this id but rows that were on their way."""
    return {"type": "cancelled", "id": id_}


def pong() -> dict[str, Any]:
    """The answer to `ping`."""
    return {"type": "pong"}


def catalog(queries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The answer to `catalog`; descriptions are left out where they do not fit into a message."""
    message = {"type": "catalog", "queries": list(queries)}
    if len(encode(message)) > MAX_MESSAGE_BYTES:
        message["queries"] = [_undescribed(query) for query in queries]
    return message


def _undescribed(query: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [{**parameter, "description": ""} for parameter in query["parameters"]]
    return {**query, "description": "", "parameters": parameters}


def error(id_: str | None, code: str, message: str, *, run: str | None = None) -> dict[str, Any]:
    """Something went wrong; `id` is null when the message had none that could be read."""
    return {"type": "error", "id": id_, "code": code, "message": message, "run": run}


@dataclass(frozen=True)
class Column:
    """A column of an answer, with Redshift's type name."""

    name: str
    type: str


@dataclass(frozen=True)
class Chunk:
    """Part of a `rows` message, the same for everybody: rows `first` to `first + count - 1` as JSON text."""

    first: int
    count: int
    json: bytes
    last: bool


class RowTooWide(ClientError):
    """A single row does not fit into a message."""

    def __init__(self, number: int) -> None:
        super().__init__("row_too_wide", f"row {number} does not fit into a message of {MAX_MESSAGE_BYTES:,} bytes")


def chunks(rows: Sequence[Sequence[Cell]], first: int, columns: Sequence[Column], *, last: bool) -> Iterator[Chunk]:
    """Rows as JSON, cut so that each message stays below the limit; raises RowTooWide after the rows before it.

    With `last`, no rows come after these: the last part says so, and is there even if it has no row.
    """
    room = _room(columns)
    lines: list[bytes] = []
    start, size = first, 0
    for number, row in enumerate(rows, first):
        line = _line(row)
        width = len(line) + 1
        if lines and size + width > room:
            yield Chunk(start, len(lines), b"[%b]" % b",".join(lines), last=False)
            lines, start, size = [], number, 0
        if width > room:
            raise RowTooWide(number)
        lines.append(line)
        size += width
    if room < 0:
        raise RowTooWide(first)  # columns alone are too wide
    if lines or last:
        yield Chunk(start, len(lines), b"[%b]" % b",".join(lines), last)


def _room(columns: Sequence[Column]) -> int:
    """What a message has left for rows, with the columns that go with the first part."""
    return MAX_MESSAGE_BYTES - 1_000 - len(json.dumps(_described(columns)))


def _described(columns: Sequence[Column]) -> list[dict[str, str]]:
    return [{"name": column.name, "type": column.type} for column in columns]


def _line(row: Sequence[Cell]) -> bytes:
    line = _ENCODER.encode(row).encode(errors="surrogatepass")
    # Nearly all rows go through the encoder as they are, which is several times faster than looking at each cell.
    if _LONG.search(line) or b"\xed" in line:
        cells = [_cell(value) for value in row]
        try:
            return _ENCODER.encode(cells).encode()
        except UnicodeEncodeError:  # half of a surrogate pair is no UTF-8, but JSON can say it
            return json.dumps(cells, separators=(",", ":")).encode()
    return line


def _cell(value: Cell) -> Cell:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_EXACT_INTEGER:
        return str(value)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return json.dumps(value)  # JSON has no NaN, Infinity or -Infinity, but these names for them
    return value


def rows_message(id_: str, run: str, version: int, chunk: Chunk, columns: Sequence[Column] | None) -> bytes:
    """A `rows` message for one request; `columns` go with the first one that the client gets."""
    head: dict[str, Any] = {"type": "rows", "id": id_, "run": run, "version": version, "first_row": chunk.first}
    if columns is not None:
        head["columns"] = _described(columns)
    # The rows are bytes already: they are encoded once, however many clients wait.
    return b'%b, "rows": %b}' % (json.dumps(head)[:-1].encode(), chunk.json)


@dataclass(frozen=True)
class Completed:
    """What `complete` tells; seconds are Redshift's own, `changed_at` is when the data version came to be."""

    run: str
    version: int
    rows: int
    truncated: bool
    elapsed_seconds: float
    held: bool
    changed_at: str | None


def complete(id_: str, done: Completed, *, live: bool) -> dict[str, Any]:
    """All rows of a run were sent; with `live` another answer follows when the data changes."""
    return {"type": "complete", "id": id_, **vars(done), "live": live}


def encode(message: Mapping[str, Any]) -> bytes:
    """A message as it goes over the wire."""
    return json.dumps(message).encode()
