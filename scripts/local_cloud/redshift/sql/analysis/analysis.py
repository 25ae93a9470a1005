"""Analyzes one statement: types, lateral aliases, QUALIFY and the names of its columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from local_cloud.redshift.sql.analysis.catalog import Catalog, relation_names
from local_cloud.redshift.sql.analysis.labels import postgres_label
from local_cloud.redshift.sql.analysis.queries import Queries, cast_outputs
from local_cloud.redshift.sql.analysis.scope import Scope


@dataclass(frozen=True)
class Analysis:
    """The columns without alias of the statement's queries."""

    labels: list[tuple[exp.Select, int, str]] = field(default_factory=list)

    def name_columns(self) -> None:
        """Gives a column Redshift's name as an alias, where PostgreSQL would choose another for the final tree."""
        for select, i, name in self.labels:
            if i < len(select.expressions):
                one = select.expressions[i]
                if not isinstance(one, exp.Alias) and postgres_label(one) != name:
                    alias = exp.alias_(exp.Null(), name, quoted=True)
                    one.replace(alias)
                    alias.set("this", one)


def analyze(tree: exp.Expr, catalog: Catalog) -> Analysis:
    """Changes the tree; raises SqlError for what its types forbid."""
    names = relation_names(tree)
    queries = Queries(catalog, catalog.relations(names) if names else {})
    scope = queries.with_queries(tree, Scope()) if not isinstance(tree, exp.Query) else Scope()
    _STATEMENTS.get(type(tree), _query)(tree, queries, scope)
    return Analysis(queries.labels)


def _query(tree: exp.Expr, queries: Queries, scope: Scope) -> None:
    """A query's result, and a view's or a table's columns, show precision and scale."""
    query = tree.expression if isinstance(tree, exp.Create) else tree
    if not isinstance(query, exp.Query):
        queries.expressions.visit(tree, scope)
        return
    outputs = queries.query(query, scope)
    if outputs is not None:
        cast_outputs(query, [kind for _, kind in outputs], outputs)


def _insert(tree: exp.Insert, queries: Queries, scope: Scope) -> None:
    if tree.expression is not None:
        queries.expressions.type_of(tree.expression, scope)


def _change(tree: exp.Expr, queries: Queries, scope: Scope) -> None:
    """UPDATE, DELETE and MERGE: the target and what is beside it are in scope everywhere."""
    beside = tree.args.get("using") or tree.args.get("from_")
    sources = beside if isinstance(beside, list) else [beside.this if isinstance(beside, exp.From) else beside]
    for source in (tree.this, *sources):
        if isinstance(source, exp.Table | exp.Query):
            queries.add_relation(source, scope)
    for key, value in list(tree.args.items()):
        if key not in ("this", "using", "from_", "with_"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, exp.Expr):
                    queries.expressions.type_of(child, scope)


_STATEMENTS: dict[type[exp.Expr], Callable[..., None]] = {
    exp.Insert: _insert,
    exp.Update: _change,
    exp.Delete: _change,
    exp.Merge: _change,
}
