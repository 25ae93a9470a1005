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
    """A load of the pipeline; the key is `<schedule>/<occurrence>`."""
    LOAD_ERRORS = "load-errors"
    """Queries why a COPY failed; the key is the id of the failed statement and, after a `/`, its name if that fits."""
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

    @property
    def schedule(self) -> str:
        """The schedule of a load: what a person calls it."""
        return self.key.partition("/")[0]


def client_token(*parts: str) -> str:
    """A ClientToken (64 characters, the most that the service model allows) that stands for exactly these parts."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
