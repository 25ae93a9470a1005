"""A run: one attempt to answer a question at a data version."""

import re
from dataclasses import dataclass

from relay.names import Kind, StatementName


@dataclass(frozen=True)
class Run:
    """One attempt at a question; the name and the token of its statement derive from it."""

    question: str
    version: int
    attempt: int

    @property
    def id(self) -> str:
        """What clients see of a run, and resume with."""
        return f"{self.question}.{self.version}.{self.attempt}"

    def statement_name(self, name_prefix: str) -> StatementName:
        """The name by which a completion event is traced back to the run."""
        return StatementName(name_prefix, Kind.QUERY, self.id)

    @classmethod
    def parse(cls, key: str) -> "Run | None":
        """The run of a statement name's key, or None."""
        found = re.fullmatch(r"([0-9a-f]{32})\.([0-9]{1,18})\.([0-9]{1,18})", key)
        return cls(found[1], int(found[2]), int(found[3])) if found else None
