"""The relations that a query can name, and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from local_cloud.redshift.sql.analysis.types import Type

Outputs = list[tuple[str, Type | None]]
"""The columns of a relation in order. A name can occur twice."""


@dataclass
class LateralAlias:
    """An expression of the select list that later expressions can name."""

    expression: exp.Expr
    type: Type | None


@dataclass
class Scope:
    """One level of a query. A relation whose columns are not known has None."""

    parent: Scope | None = None
    relations: dict[str, Outputs | None] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)  # columns of JOIN ... USING, which `*` shows once and first
    ctes: dict[str, Outputs | None] = field(default_factory=dict)
    aliases: dict[str, LateralAlias] = field(default_factory=dict)
    reach: int = 0  # how many levels up its columns refer

    def cte(self, name: str) -> tuple[bool, Outputs | None]:
        """Whether a WITH query has this name, and its columns."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.ctes:
                return True, scope.ctes[name]
            scope = scope.parent
        return False, None

    def has_relation(self, name: str) -> bool:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.relations:
                return True
            scope = scope.parent
        return False

    def column(self, name: str, relation: str) -> tuple[bool, Type | None]:
        """Whether the column may exist, and its type if it is known; `relation` is '' for a bare name."""
        scope: Scope | None = self
        while scope is not None:
            for alias, outputs in scope.relations.items():
                if relation and alias != relation:
                    continue
                if outputs is None:
                    return True, None
                for column, kind in outputs:
                    if column == name:
                        return True, kind
            scope = scope.parent
        return False, None

    def level(self, name: str, relation: str) -> int:
        """How many queries up the column's relation is; 0 if that is not known."""
        scope: Scope | None = self
        level = 0
        while scope is not None:
            for alias, outputs in scope.relations.items():
                if relation and alias != relation:
                    continue
                if outputs is None:
                    return 0
                if any(column == name for column, _ in outputs):
                    return level
            level += bool(scope.relations)
            scope = scope.parent
        return 0

    def star(self, relation: str, excluded: set[str]) -> list[tuple[exp.Column, Type | None]] | None:
        """The columns of `*`, or of `relation.*`; None if a relation's columns are not known."""
        chosen = {alias: o for alias, o in self.relations.items() if not relation or alias == relation}
        if not chosen or any(outputs is None for outputs in chosen.values()):
            return None
        merged = [] if relation else self.merged
        columns = [(exp.column(name, quoted=True), self.column(name, "")[1]) for name in merged]
        for alias, outputs in chosen.items():
            columns += [
                (exp.column(name, table=alias, quoted=True), kind) for name, kind in outputs or () if name not in merged
            ]
        return [(column, kind) for column, kind in columns if column.name not in excluded]


def renamed(outputs: Outputs | None, names: list[str]) -> Outputs | None:
    """The columns under the names of `AS t(a, b)`."""
    if outputs is None or not names:
        return outputs
    return [(names[i] if i < len(names) else name, kind) for i, (name, kind) in enumerate(outputs)]


def outputs_of(columns: Mapping[str, Type] | None) -> Outputs | None:
    return None if columns is None else list(columns.items())
