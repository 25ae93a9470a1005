"""Questions and runs: what is asked, and one attempt to answer it at a data version."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from relay.names import Kind, StatementName
from relay.settings import Target
from websocket_gateway.catalog.query import Query


def question_of(name_prefix: str, target: Target, query: Query, bound: Mapping[str, str]) -> str:
    """The id of a question: the same for everybody whose answer would be the same, claims included."""
    claims = sorted((name, one.claim or name) for name, one in query.parameters.items() if one.type == "claim")
    # Who may ask is part of it: when the catalogue takes a right away, the questions of those who had it are others.
    rules = [query.max_rows, query.timeout_seconds, sorted(query.allowed_groups), claims]
    parts = [name_prefix, sorted(target.arguments().items()), query.sql, rules, sorted(bound.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Run:
    """One attempt at a question; its statement's name and token derive from it."""

    question: str
    version: int
    attempt: int

    @property
    def id(self) -> str:
        """What clients see of a run, and resume with."""
        return f"{self.question}.{self.version}.{self.attempt}"

    def statement_name(self, name_prefix: str) -> StatementName:
        """The name from which a completion event leads back here."""
        return StatementName(name_prefix, Kind.QUERY, self.id)

    @classmethod
    def parse(cls, key: str) -> "Run | None":
        """The run of a statement name's key, or None."""
        found = re.fullmatch(r"([0-9a-f]{32})\.([0-9]{1,18})\.([0-9]{1,18})", key)
        return cls(found[1], int(found[2]), int(found[3])) if found else None
