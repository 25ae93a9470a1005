"""The keys of the gateway's table: built and read only here.

    Q#<question>    META                                the question, its latest run and the pass over its waiters
    Q#<question>    W#<connection>#<request>#<ask>      a waiter
    Q#<question>    P#<attempt>#<number>                a range of a large pass
    A#<run>         META                                the messages of an answer, or how many objects hold them
    C#<connection>  META                                a connection
    C#<connection>  R#<request>#<ask>                   the question that a request asked
    T#<hash>        META                        a ticket
    U#<person>      META                        a person's connections, and the statements of this minute
    CATALOG         <query>                     a query, written by Terraform
    VERSION         CURRENT                     the data version
    RUNNING         CURRENT                     the slots of the runs in flight
    TURN            CURRENT                     where the chain is that visits the live questions

Each ask has sort keys of its own, so that a late write or delete of an earlier ask with the same id touches nothing
of a later one.

Index `pending` (pending, since) lists what the sweep has to check, and from when on. Index `live` (live) lists live
waiters, for the fan-out of a data version. The keys of both end in one of SPREAD values, because one key of an index
takes 1,000 writes a second, and a throttled index stops the writes of its table:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations
"""

import secrets
import time
import zlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

META = "META"
WAITERS = "W#"
"""Prefix of the sort keys of a question's waiters."""
REQUESTS = "R#"
"""Prefix of the sort keys of a connection's requests."""
CATALOG = "CATALOG"
RANGES = "P#"
"""Prefix of the sort keys of a question's ranges."""
LIVE = "live"
"""Beginning of the attribute `live` of every live waiter."""
SPREAD = 64
"""Values over which each key of an index is spread."""


class Pending(StrEnum):
    """Values of the attribute `pending`: what the sweep checks."""

    RUN = "run"
    """A run in flight."""
    WAITER = "waiter"
    """A waiter without its answer."""
    CONNECTION = "connection"
    """A connection, which ends at some time."""
    RANGE = "range"
    """A range of a pass that is not delivered yet."""


class Key(NamedTuple):
    """Partition key and sort key of an item."""

    pk: str
    sk: str


DATA_VERSION = Key("VERSION", "CURRENT")
RUN_SLOTS = Key("RUNNING", "CURRENT")
TURN = Key("TURN", "CURRENT")


def question_partition(question: str) -> str:
    """The partition of a question and its waiters."""
    return f"Q#{question}"


def connection_partition(connection: str) -> str:
    """The partition of a connection and its requests."""
    return f"C#{connection}"


def question_key(question: str) -> Key:
    """The item of a question and its latest run."""
    return Key(question_partition(question), META)


def waiter_key(question: str, connection: str, request: str, ask: str) -> Key:
    """The item of a waiter."""
    return Key(question_partition(question), f"{WAITERS}{connection}#{request}#{ask}")


def range_key(question: str, attempt: int, number: int) -> Key:
    """The item of a range of the pass over a run."""
    return Key(question_partition(question), f"{ranges_of(attempt)}{number:05}")


def ranges_of(attempt: int) -> str:
    """Prefix of the sort keys of the ranges of one pass."""
    return f"{RANGES}{attempt:018}#"


def answer_key(run: str) -> Key:
    """The item of the answer of a run."""
    return Key(f"A#{run}", META)


def new_ask(after: str = "") -> str:
    """The id of an ask: those of one request sort by time, in milliseconds, and `after` an earlier one whose clock was
    ahead."""
    now = time.time_ns() // 1_000_000
    earlier = int(after.partition("-")[0]) + 1 if after else 0
    return f"{max(now, earlier):013}-{secrets.token_hex(4)}"


def spread(kind: str, of: str) -> str:
    """The key under which an index lists an item of a kind, by a hash of what tells the items apart."""
    return f"{kind}#{zlib.crc32(of.encode()) % SPREAD}"


def spread_all(kind: str) -> list[str]:
    """All keys under which an index lists items of a kind."""
    return [f"{kind}#{number}" for number in range(SPREAD)]


def connection_key(connection: str) -> Key:
    """The item of a connection."""
    return Key(connection_partition(connection), META)


def request_key(connection: str, request: str, ask: str) -> Key:
    """The item of a request."""
    return Key(connection_partition(connection), f"{REQUESTS}{request}#{ask}")


def ticket_key(digest: str) -> Key:
    """The item of a ticket, by the ticket's SHA-256."""
    return Key(f"T#{digest}", META)


def person_key(person: str) -> Key:
    """The item of what a person uses."""
    return Key(f"U#{person}", META)


def query_key(name: str) -> Key:
    """The item of a query in the catalog."""
    return Key(CATALOG, name)


def question_of(item: Mapping[str, Any]) -> str:
    """The question to whose partition an item belongs."""
    return str(item["pk"]).removeprefix("Q#")


def connection_of(item: Mapping[str, Any]) -> str:
    """The connection to whose partition an item belongs."""
    return str(item["pk"]).removeprefix("C#")


def waiter_of(item: Mapping[str, Any]) -> tuple[str, str, str]:
    """(connection, request, ask) of a waiter's item."""
    _, connection, request, ask = str(item["sk"]).split("#", 3)
    return connection, request, ask


def request_of(item: Mapping[str, Any]) -> tuple[str, str]:
    """(request, ask) of a request's item."""
    _, request, ask = str(item["sk"]).split("#", 2)
    return request, ask
