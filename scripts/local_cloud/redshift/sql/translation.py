"""The result of translating a statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Translation:
    """A statement for PostgreSQL; `parameters` are the names of its `:name`."""

    sql: str
    kind: str  # SELECT, INSERT, COPY, CREATE TABLE, ...
    parameters: tuple[str, ...] = ()
    commits: bool = False  # TRUNCATE commits the transaction around it
    hides_result: bool = False  # PostgreSQL returns rows where Redshift returns none
    before: str = ""  # a call that runs first: redshift.f(...)

    @property
    def statements(self) -> str:
        """All of it, for a session."""
        return f"SELECT {self.before}; {self.sql}" if self.before else self.sql


Translate = Callable[[str], Translation]
"""Translates a whole statement. A procedure, which contains statements, gets it as an argument."""
