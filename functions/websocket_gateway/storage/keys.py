"""The keys of the gateway's table: built and read only here.

    Q#<question>    META                        the question and its latest run
    Q#<question>    W#<connection>#<request>    a waiter
    C#<connection>  META                        a connection
    C#<connection>  R#<request>                 the question that a request asked
    T#<hash>        META                        a ticket
    CATALOG         <query>                     a query, written by Terraform
    VERSION         CURRENT                     the data version
    RUNNING         CURRENT                     the slots of the runs in flight

Index `pending` (pending, since) lists what the sweep has to check, and from when on. Index `live` (live) lists live
waiters, for the fan-out of a data version.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

META = "META"
WAITERS = "W#"
"""Prefix of the sort keys of a question's waiters."""
REQUESTS = "R#"
"""Prefix of the sort keys of a connection's requests."""
CATALOG = "CATALOG"
LIVE = "yes"
"""Value of the attribute `live` of every live waiter."""


class Pending(StrEnum):
    """Values of the attribute `pending`: what the sweep checks."""

    RUN = "run"
    """A run in flight."""
    WAITER = "waiter"
    """A waiter without its answer."""
    CONNECTION = "connection"
    """A connection, which ends at some time."""


class Key(NamedTuple):
    """Partition key and sort key of an item."""

    pk: str
    sk: str


DATA_VERSION = Key("VERSION", "CURRENT")
RUN_SLOTS = Key("RUNNING", "CURRENT")


def question_partition(question: str) -> str:
    """The partition of a question and its waiters."""
    return f"Q#{question}"


def connection_partition(connection: str) -> str:
    """The partition of a connection and its requests."""
    return f"C#{connection}"


def question_key(question: str) -> Key:
    """The item of a question and its latest run."""
    return Key(question_partition(question), META)


def waiter_key(question: str, connection: str, request: str) -> Key:
    """The item of a waiter."""
    return Key(question_partition(question), f"{WAITERS}{connection}#{request}")


def connection_key(connection: str) -> Key:
    """The item of a connection."""
    return Key(connection_partition(connection), META)


def request_key(connection: str, request: str) -> Key:
    """The item of a request."""
    return Key(connection_partition(connection), f"{REQUESTS}{request}")


def ticket_key(digest: str) -> Key:
    """The item of a ticket, by the ticket's SHA-256."""
    return Key(f"T#{digest}", META)


def query_key(name: str) -> Key:
    """The item of a query in the catalog."""
    return Key(CATALOG, name)


def question_of(item: Mapping[str, Any]) -> str:
    """The question to whose partition an item belongs."""
    return str(item["pk"]).removeprefix("Q#")


def connection_of(item: Mapping[str, Any]) -> str:
    """The connection to whose partition an item belongs."""
    return str(item["pk"]).removeprefix("C#")


def waiter_of(item: Mapping[str, Any]) -> tuple[str, str]:
    """(connection, request) of a waiter's item."""
    _, connection, request = str(item["sk"]).split("#", 2)
    return connection, request


def request_of(item: Mapping[str, Any]) -> str:
    """The id of a request's item."""
    return str(item["sk"]).removeprefix(REQUESTS)
