"""Analyzes one statement: types, lateral aliases, QUALIFY and the names of its columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.analysis.catalog import Catalog, Columns, relation_name, relation_names
from local_cloud.redshift.sql.analysis.labels import postgres_label
from local_cloud.redshift.sql.analysis.queries import Queries, cast_outputs
from local_cloud.redshift.sql.analysis.scope import Outputs, Scope
from local_cloud.redshift.sql.analysis.system_catalog import resolve_system_relations
from local_cloud.redshift.sql.analysis.types import of_data_type

_NAVIGATION = ("redshift.super_attribute", "redshift.super_element")


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
    resolve_system_relations(tree)
    names = [] if isinstance(tree, exp.Drop | exp.Alter) else relation_names(tree)
    queries = Queries(catalog, catalog.columns(names))
    scope = queries.with_queries(tree, Scope()) if not isinstance(tree, exp.Query) else Scope()
    outputs = _STATEMENTS.get(type(tree), _query)(tree, queries, scope)
    if catalog.made is not None and isinstance(tree, exp.Create) and tree.kind == "TABLE":
        _remember(tree, outputs, catalog.made)
    return Analysis(queries.labels)


def _remember(tree: exp.Create, outputs: Outputs | None, made: dict[str, Columns]) -> None:
    """The columns of a table that a statement of a procedure makes."""
    schema = tree.this
    table = schema.this if isinstance(schema, exp.Schema) else schema
    if isinstance(schema, exp.Schema):
        definitions = [one for one in schema.expressions if isinstance(one, exp.ColumnDef)]
        outputs = [
            (one.name.lower(), of_data_type(one.args["kind"]) if one.args.get("kind") else None) for one in definitions
        ]
    if isinstance(table, exp.Table) and outputs is not None and all(kind is not None for _, kind in outputs):
        made[relation_name(table)] = {name: kind for name, kind in outputs if kind is not None}


def _query(tree: exp.Expr, queries: Queries, scope: Scope) -> Outputs | None:
    """A query's result, and a view's or a table's columns, show precision and scale."""
    query = tree.expression if isinstance(tree, exp.Create) else tree
    if not isinstance(query, exp.Query):
        queries.expressions.visit(tree, scope)
        return None
    outputs = queries.query(query, scope)
    if outputs is not None:
        cast_outputs(query, [kind for _, kind in outputs], outputs)
    return outputs


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
    if isinstance(tree, exp.Merge) and any(one.name.startswith(_NAVIGATION) for one in tree.find_all(exp.Anonymous)):
        raise SqlError("Partial reference of SUPER column is not supported in MERGE statement")


_STATEMENTS: dict[type[exp.Expr], Callable[..., Outputs | None]] = {
    exp.Insert: _insert,
    exp.Update: _change,
    exp.Delete: _change,
    exp.Merge: _change,
}
