"""Statement names `<name_prefix>/<kind>/<key>`: the correlation id of the whole system, built and parsed only here."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from relay.errors import InputError

MAX_LENGTH = 500
"""Characters of a StatementName: the Data API takes 2048, an EventBridge target 500 (the service models of both)."""


class Kind(StrEnum):
    """What a statement is for."""

    LOAD = "load"
    """A run of a load; the key is `<load>/<occurrence>`, from the second attempt on `<load>/<occurrence>/<attempt>`."""
    LOAD_ERRORS = "load-errors"
    """Queries why a COPY failed; the key is `<id of the failed statement>/<number of the query, from 1>`."""
    FILE_ERRORS = "file-errors"
    """Queries which files of a manifest a COPY could not load; the key is the id of the failed statement."""
    QUERY = "query"
    """Answers a question of the gateway; the key is the run."""
    OBJECTS = "objects"
    """Creates warehouse objects; the key is the id of the request or, for a nontransactional file, `<file>/<token>`."""
    HISTORY = "history"
    """Reads which warehouse objects were created; the key is the id of the request."""


@dataclass(frozen=True)
class StatementName:
    """The name of a statement of ours."""

    prefix: str
    kind: Kind
    key: str

    def __post_init__(self) -> None:
        if not (self.prefix and self.key) or "/" in self.prefix:
            raise InputError("statement name", f"{str(self)!r} is not <prefix without '/'>/<kind>/<key>")
        if len(str(self)) > MAX_LENGTH:
            raise InputError("statement name", f"at most {MAX_LENGTH} characters, not {len(str(self))}")

    def __str__(self) -> str:
        return f"{self.prefix}/{self.kind}/{self.key}"

    @classmethod
    def parse(cls, text: str) -> "StatementName | None":
        """The parts of a name, or None when the name is not one of ours."""
        prefix, _, rest = text.partition("/")
        kind, _, key = rest.partition("/")
        if not (prefix and key and kind in set(Kind)) or len(text) > MAX_LENGTH:
            return None
        return cls(prefix, Kind(kind), key)

    @classmethod
    def of_load(cls, prefix: str, load: str, occurrence: str, attempt: int = 1) -> "StatementName":
        """The name of an attempt to run a load; raises InputError."""
        return cls(prefix, Kind.LOAD, f"{load}/{occurrence}" + (f"/{attempt}" if attempt > 1 else ""))

    @property
    def load(self) -> str:
        """The load that a statement runs."""
        return self.key.split("/")[0]

    @property
    def occurrence(self) -> str:
        """The occurrence of the load; empty if the key has none."""
        return self.key.split("/")[1] if "/" in self.key else ""

    @property
    def attempt(self) -> int:
        """Which attempt of the occurrence, from 1; 0 if the key does not end in an attempt."""
        attempt = self.key.split("/")[2:] or ["1"]
        return int(attempt[0]) if len(attempt) == 1 and attempt[0].isascii() and attempt[0].isdigit() else 0


def client_token(*parts: str) -> str:
    """A ClientToken (64 characters, the most that the service model allows) that stands for exactly these parts."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
