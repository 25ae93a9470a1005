"""What the analysis asks of the warehouse: the columns of relations and the results of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import psycopg
from sqlglot import exp

from local_cloud.redshift.sql.analysis.types import Type, of_catalog

Columns = Mapping[str, Type]
"""Names and types in the order of the relation."""

COLUMNS_QUERY = "SELECT relation, name, type, modifier FROM redshift.columns_of(%s)"
OUTPUTS_QUERY = "SELECT redshift.outputs_of(%s, %s)"
_FUNCTIONS_QUERY = """
SELECT p.proname, pg_catalog.min(t.typname::pg_catalog.text) FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_type t ON t.oid = p.prorettype
WHERE p.pronamespace IN ('redshift'::pg_catalog.regnamespace, 'pg_catalog'::pg_catalog.regnamespace)
GROUP BY p.proname HAVING pg_catalog.count(DISTINCT p.prorettype) = 1
"""


@dataclass(frozen=True)
class Catalog:
    """`relations` answers for quoted names; `functions` are those with one result type, whatever their arguments."""

    relations: Callable[[Sequence[str]], Mapping[str, Columns]] = field(default=lambda _: {})
    functions: Mapping[str, Type] = field(default_factory=dict)
    outputs: Callable[[str, int], Sequence[int]] = field(default=lambda _name, _inputs: ())
    """Where a procedure (quoted name, number of inputs) has OUT arguments, which CALL leaves out."""
    made: dict[str, Columns] | None = None
    """Tables that earlier statements of the same procedure make; None outside procedures."""

    def columns(self, names: Sequence[str]) -> Mapping[str, Columns]:
        """The columns of the relations that exist, or will when the statement runs."""
        return {**(self.relations(names) if names else {}), **(self.made or {})}

    def for_procedure(self) -> Catalog:
        """The same catalog for the statements of a procedure, in their order."""
        return replace(self, made={})


def relation_name(table: exp.Table) -> str:
    """The name as PostgreSQL looks it up: folded and quoted."""
    return ".".join(exp.to_identifier(part.name.lower(), quoted=True).sql("postgres") for part in table.parts)


def relation_names(tree: exp.Expr) -> list[str]:
    """The names of all tables in a statement, sorted."""
    tables = tree.find_all(exp.Table)
    return sorted({relation_name(table) for table in tables if isinstance(table.this, exp.Identifier)})


def relations_of(rows: Sequence[tuple[object, ...]]) -> dict[str, dict[str, Type]]:
    """The rows of COLUMNS_QUERY by relation."""
    found: dict[str, dict[str, Type]] = {}
    for relation, column, name, modifier in rows:
        kind = Type("late", int(str(modifier))) if name == "late" else of_catalog(str(name), int(str(modifier)))
        found.setdefault(str(relation), {})[str(column)] = kind
    return found


def function_results(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, Type]:
    """Redshift's and PostgreSQL's functions that have one result type."""
    return {str(name): of_catalog(str(kind), -1) for name, kind in connection.execute(_FUNCTIONS_QUERY.encode())}
