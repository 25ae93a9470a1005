"""PIVOT and UNPIVOT of relations, as GROUP BY with CASE and as UNION ALL.

Source: "FROM clause", PIVOT and UNPIVOT, Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.analysis.scope import Outputs

_AGGREGATES = {"avg", "count", "max", "min", "sum"}


def pivoted(node: exp.Expr, outputs: Outputs | None) -> exp.Subquery:
    """The subquery that takes the place of a relation with PIVOT or UNPIVOT; `outputs` are the relation's columns."""
    pivots = node.args["pivots"]
    if outputs is None:
        raise not_emulated("PIVOT or UNPIVOT of a relation that does not exist yet")
    above = node.parent
    joined = isinstance(above, exp.Join) and (above.args.get("on") or above.args.get("using") or above.side)
    if len(pivots) > 1 or joined or node.args.get("joins"):
        raise SqlError("PIVOT and UNPIVOT can be applied to tables, subqueries and CTEs only")
    pivot = pivots[0]
    relation = node.copy()
    relation.set("pivots", None)
    fields = pivot.args.get("fields") or []
    if len(fields) != 1 or not isinstance(fields[0], exp.In) or fields[0].args.get("query"):
        raise SqlError("PIVOT and UNPIVOT require FOR column IN (...) with values, not a subquery")
    names = [name for name, _ in outputs]
    query = (_unpivot if pivot.args.get("unpivot") else _pivot)(pivot, fields[0], relation, names)
    alias = pivot.args.get("alias") or node.args.get("alias") or exp.TableAlias(this=exp.to_identifier("pivoted"))
    return exp.Subquery(this=query, alias=alias.copy())


def _pivot(pivot: exp.Pivot, field: exp.In, relation: exp.Expr, names: list[str]) -> exp.Query:
    aggregates = [(one.unalias(), one.alias) for one in pivot.expressions]
    used = {field.this.name.lower()}
    for function, _ in aggregates:
        name = "count" if isinstance(function, exp.Count) else function.name.lower()
        if name not in _AGGREGATES or not isinstance(function, exp.Count | exp.Anonymous):
            raise SqlError("PIVOT supports the aggregates AVG, COUNT, MAX, MIN and SUM only")
        used |= {column.name.lower() for column in function.find_all(exp.Column)}
    if len(aggregates) > 1 and not all(alias for _, alias in aggregates):
        raise not_emulated("PIVOT with several aggregates without aliases")
    columns: list[exp.Expr] = []
    for value in field.expressions:
        name = value.args["alias"].name if isinstance(value, exp.PivotAlias) else _name(value.unalias())
        literal = value.this if isinstance(value, exp.PivotAlias) else value
        if literal.find(exp.Query, exp.Column):
            raise SqlError("PIVOT requires constants in its IN list")
        condition: exp.Expr = (
            exp.Is(this=field.this.copy(), expression=exp.null())
            if isinstance(literal, exp.Null)
            else exp.EQ(this=field.this.copy(), expression=literal.copy())
        )
        for function, alias in aggregates:
            columns.append(exp.alias_(_only_if(condition, function), f"{name}_{alias}" if alias else name, quoted=True))
    groups = [exp.column(name, quoted=True) for name in names if name not in used]
    query = exp.select(*groups, *columns).from_(relation)
    return query.group_by(*(exp.Literal.number(i + 1) for i in range(len(groups)))) if groups else query


def _only_if(condition: exp.Expr, function: exp.Expr) -> exp.Expr:
    """The aggregate of the rows that meet the condition."""
    function = function.copy()
    argument = function.this if isinstance(function, exp.Count) else function.expressions[0]
    distinct = argument if isinstance(argument, exp.Distinct) else None
    value = distinct.expressions[0] if distinct else argument
    chosen = exp.Literal.number(1) if isinstance(value, exp.Star) else value.copy()
    value.replace(exp.Case(ifs=[exp.If(this=condition.copy(), true=chosen)]))
    return function


def _name(value: exp.Expr) -> str:
    return "null" if isinstance(value, exp.Null) else value.name.lower()


def _unpivot(pivot: exp.Pivot, field: exp.In, relation: exp.Expr, names: list[str]) -> exp.Query:
    value, label = pivot.expressions[0].name.lower(), field.this.name.lower()
    chosen = [
        (one.this.name.lower(), one.args["alias"].name) if isinstance(one, exp.PivotAlias) else (one.name.lower(), "")
        for one in field.expressions
    ]
    missing = [name for name, _ in chosen if name not in names]
    if missing:
        raise SqlError(f'column "{missing[0]}" does not exist')
    kept = [name for name in names if name not in {name for name, _ in chosen}]
    length = max(len((alias or name).encode()) for name, alias in chosen)
    parts: list[exp.Select] = []
    for name, alias in chosen:
        text = exp.cast(exp.Literal.string(alias or name), exp.DataType.build(f"varchar({length})"))
        column = exp.column(name, quoted=True)
        part = exp.select(
            *(exp.column(other, quoted=True) for other in kept),
            exp.alias_(text, label, quoted=True),
            exp.alias_(column, value, quoted=True),
        ).from_(relation.copy())
        if not pivot.args.get("include_nulls"):
            part = part.where(exp.Not(this=exp.Is(this=column.copy(), expression=exp.null())))
        parts.append(part)
    query: exp.Query = parts[0]
    for part in parts[1:]:
        query = exp.Union(this=query, expression=part, distinct=False)
    return query
