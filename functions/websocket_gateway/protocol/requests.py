"""What clients send: messages, and the first question on the connect URL."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from websocket_gateway.errors import ClientError, bad_request
from websocket_gateway.protocol.limits import MAX_EXACT_INTEGER

SUBPROTOCOL = "relay.v1"
TICKET_SUBPROTOCOL = "relay.ticket."

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_RUN = re.compile(r"[A-Za-z0-9.]{1,100}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Resume:
    """Where a client stopped: it has the rows of `run` before number `row`."""

    run: str
    row: int


@dataclass(frozen=True)
class Ask:
    """The action `query`. To `fresh`, an answer from before does not do."""

    id: str
    query: str
    params: Mapping[str, object] = field(default_factory=dict)
    live: bool = False
    resume: Resume | None = None
    fresh: bool = False


def parse(body: str | None, max_bytes: int) -> dict[str, Any]:
    """Reads a message as a JSON object; raises ClientError."""
    if body is None or not body.strip():
        raise bad_request("The message is empty. Send a JSON object with an action.")
    size = len(body.encode(errors="surrogatepass"))
    if size > max_bytes:
        raise ClientError("too_large", f"A message can have at most {max_bytes:,} bytes, not {size:,}.")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise bad_request("The message is not JSON.") from None
    if not isinstance(message, dict):
        raise bad_request("The message is not a JSON object.")
    return message


def request_id(message: Mapping[str, Any]) -> str:
    """The id that a request carries; raises ClientError."""
    found = message.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise bad_request("id: must have 1 to 64 letters, digits, '_', '.', ':' or '-'.")
    return found


def readable_id(message: Mapping[str, Any]) -> str | None:
    """The id for an error message, or None if the message has no valid one."""
    found = message.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def printable(text: str) -> str:
    """A client's own text for an error message: short and in ASCII, whatever the client sent."""
    escaped = ascii(text[:60])[1:-1]
    return escaped if len(escaped) <= 60 and len(text) <= 60 else f"{escaped[:60]}..."


def parse_ask(message: Mapping[str, Any]) -> Ask:
    """Reads the action `query`; raises ClientError."""
    known = {"action", "id", "query", "params", "live", "resume", "fresh"}
    for name in message:
        if name not in known:
            raise bad_request(f"{printable(name)}: unknown field. Allowed: {', '.join(sorted(known))}.")
    query, params = message.get("query"), message.get("params", {})
    live, fresh = message.get("live", False), message.get("fresh", False)
    if not isinstance(query, str) or not _NAME.fullmatch(query):
        raise bad_request("query: must be the name of a query in the catalog.")
    if not isinstance(params, dict):
        raise bad_request("params: must be an object of parameter names and values.")
    if not isinstance(live, bool):
        raise bad_request("live: must be true or false.")
    if not isinstance(fresh, bool):
        raise bad_request("fresh: must be true or false.")
    return Ask(request_id(message), query, params, live, _resume(message.get("resume")), fresh)


def _resume(given: object) -> Resume | None:
    if given is None:
        return None
    if isinstance(given, dict) and set(given) == {"run", "row"}:
        run, row = given["run"], given["row"]
        number = isinstance(row, int) and not isinstance(row, bool) and 0 <= row <= MAX_EXACT_INTEGER
        if number and isinstance(run, str) and _RUN.fullmatch(run):
            return Resume(run, row)
    raise bad_request('resume: must be {"run": the run, "row": the number of the first missing row}.')


def parse_connect_query(parameters: Mapping[str, str], credentials: Collection[str]) -> Ask | None:
    """The first question on the connect URL: `?query=daily_trips&month=2015-01[&live=true]`; its id is `connect`.

    `credentials` are names of parameters that authenticate the client and are not part of the question.
    """
    given = {name: value for name, value in parameters.items() if name not in credentials}
    query = given.pop("query", None)
    if query is None:
        return None
    live = given.pop("live", "false")
    if live not in ("true", "false"):
        raise bad_request("live: must be true or false.")
    return parse_ask({"id": "connect", "query": query, "params": given, "live": live == "true"})
