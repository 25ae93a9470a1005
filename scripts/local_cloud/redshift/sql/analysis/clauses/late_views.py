"""Late-binding views: the function that runs the view's query takes its place (internal/views/late_views.sql)."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.analysis.catalog import Columns
from local_cloud.redshift.sql.analysis.types import Type

MARK = ""
"""The name of the column that marks a late-binding view; its precision is the view's number."""


def bound(node: exp.Table, columns: Columns) -> exp.Subquery:
    """The rows of the view. That no row of the empty view exists checks the right to read it."""
    names = [(name, kind) for name, kind in columns.items() if name != MARK]
    types = [
        exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=exp.Var(this=_written(kind)))
        for name, kind in names
    ]
    rows = exp.Table(
        this=exp.Anonymous(this=f"redshift.late_{columns[MARK].precision}"),
        alias=exp.TableAlias(this=exp.to_identifier("late"), columns=types),
    )
    view = exp.Table(this=node.this.copy(), db=node.args.get("db"), catalog=node.args.get("catalog"))
    readable = exp.Exists(this=exp.select("1").from_(view).where(exp.false()))
    query = exp.select(*(exp.column(name, quoted=True) for name, _ in names)).from_(rows).where(exp.not_(readable))
    alias = node.args.get("alias") or exp.TableAlias(this=node.this.copy())
    return exp.Subquery(this=query, alias=alias.copy())


def _written(kind: Type) -> str:
    """The type as PostgreSQL writes it."""
    if not kind.precision:
        return "redshift.super" if kind.name == "super" else kind.name
    sizes = f"{kind.precision},{kind.scale}" if kind.name == "numeric" else str(kind.precision)
    return f"{kind.name}({sizes})"
