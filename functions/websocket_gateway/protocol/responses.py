"""What the server sends, beside rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from websocket_gateway.protocol.limits import message_bytes


def accepted(id_: str, query: str, run: str, *, cached: bool) -> dict[str, Any]:
    """The question is accepted; rows may arrive before this message."""
    return {"type": "accepted", "id": id_, "query": query, "run": run, "cached": cached}


def cancelled(id_: str) -> dict[str, Any]:
    """The answer to `cancel`: nothing follows for this id except rows already on their way."""
    return {"type": "cancelled", "id": id_}


def catalog(queries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The answer to `catalog`; what does not fit into a message is omitted: descriptions first, then columns."""
    message: dict[str, Any] = {"type": "catalog", "fresh": True, "queries": list(queries)}
    for shorten in (_without_descriptions, _without_columns):
        if len(encode(message)) > message_bytes():
            message["queries"] = [shorten(query) for query in message["queries"]]
    return message


def _without_descriptions(query: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [{**parameter, "description": ""} for parameter in query["parameters"]]
    return {**query, "description": "", "parameters": parameters}


def _without_columns(query: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in query.items() if key != "columns"}


def error(id_: str | None, code: str, message: str, *, run: str | None = None) -> dict[str, Any]:
    """A request failed; `id` is null if the message had no valid one."""
    return {"type": "error", "id": id_, "code": code, "message": message, "run": run}


@dataclass(frozen=True)
class Completed:
    """What `complete` says.

    Seconds are Redshift's own, `changed_at` is when the data changed to this version, `finished_at` when the run ended.
    """

    run: str
    version: int
    rows: int
    truncated: bool
    elapsed_seconds: float
    cached: bool
    changed_at: str | None
    finished_at: str | None


def complete(id_: str, done: Completed, *, live: bool) -> dict[str, Any]:
    """All rows of a run have been sent; with `live` another answer follows when the data changes."""
    return {"type": "complete", "id": id_, **vars(done), "live": live}


def riding(done: Completed, *, live: bool) -> dict[str, Any]:
    """What `complete` says, as part of the last `rows` message, which has run and version itself."""
    return {name: value for name, value in vars(done).items() if name not in ("run", "version")} | {"live": live}


def encode(message: Mapping[str, Any]) -> bytes:
    """A message as it goes over the wire."""
    return json.dumps(message).encode()
