"""LISTAGG, which is STRING_AGG in PostgreSQL."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.rules.rule import FunctionRules, NodeRules


def _listagg(node: exp.Anonymous) -> exp.Expr:
    """With WITHIN GROUP, the rule for the node above it applies."""
    return node if isinstance(node.parent, exp.WithinGroup) else _string_agg(list(node.expressions), None)


def _within_group(node: exp.WithinGroup) -> exp.Expr:
    """LISTAGG(x, ',') WITHIN GROUP (ORDER BY y) is STRING_AGG(x, ',' ORDER BY y)."""
    function = node.this
    if isinstance(function, exp.Anonymous) and function.name.lower() == "listagg":
        return _string_agg(list(function.expressions), node.expression)
    return node


def _string_agg(arguments: list[exp.Expr], order: exp.Expr | None) -> exp.Expr:
    distinct = isinstance(arguments[0], exp.Distinct)
    if distinct:
        arguments = list(arguments[0].expressions)
    value, separator = arguments[0], arguments[1] if len(arguments) > 1 else exp.Literal.string("")
    text = exp.cast(value.copy(), exp.DType.TEXT)
    if order is not None:
        for key in order.expressions:
            if distinct and key.this == value:  # PostgreSQL: with DISTINCT, the order is by the argument itself
                key.set("this", text.copy())
        separator = exp.Order(this=separator, expressions=order.expressions)
    first: exp.Expr = exp.Distinct(expressions=[text]) if distinct else text
    return exp.Anonymous(this="string_agg", expressions=[first, separator])


NODES: NodeRules = {exp.WithinGroup: _within_group}
FUNCTIONS: FunctionRules = {"listagg": _listagg}
