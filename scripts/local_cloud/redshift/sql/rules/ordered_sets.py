"""Aggregates of ordered values: LISTAGG, PERCENTILE_CONT, PERCENTILE_DISC, MEDIAN; alone and over a window.

PostgreSQL has no ordered aggregate over a window. There, the window gets the order of WITHIN GROUP and a frame of the
whole partition, so a plain aggregate meets the values in order.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.rules.calls import call, function_name
from local_cloud.redshift.sql.rules.rule import FunctionRules, NodeRules

_ORDERED = ("listagg", "percentile_cont", "percentile_disc", "median")


def _function(node: exp.Anonymous) -> exp.Expr:
    """Below WITHIN GROUP or OVER, the rule for the node above applies."""
    return node if isinstance(node.parent, exp.WithinGroup | exp.Window) else _aggregate(node, None, None)


def _within_group(node: exp.WithinGroup) -> exp.Expr:
    if function_name(node.this) not in _ORDERED or isinstance(node.parent, exp.Window):
        return node
    return _aggregate(node.this, node.expression, None)


def ordered_window(node: exp.Window) -> exp.Expr | None:
    """The function over its window, or None if it is another function."""
    function, order = node.this, None
    if isinstance(function, exp.WithinGroup):
        function, order = function.this, function.expression
    return _aggregate(function, order, node) if function_name(function) in _ORDERED else None


def _aggregate(function: exp.Anonymous, order: exp.Order | None, window: exp.Window | None) -> exp.Expr:
    name, arguments = function_name(function), list(function.expressions)
    if name == "listagg":
        return _listagg(arguments, order, window)
    if name == "median":
        order = exp.Order(expressions=[exp.Ordered(this=arguments[0].copy())])
        return call(name, _sorted(arguments[0], order, window))
    if order is None:
        return function
    value = order.expressions[0].this.copy()
    return call(name, _sorted(value, order, window), *arguments)


def _sorted(value: exp.Expr, order: exp.Order, window: exp.Window | None) -> exp.Expr:
    return _ordered(exp.Anonymous(this="array_agg", expressions=[value]), order, window)


def _listagg(arguments: list[exp.Expr], order: exp.Order | None, window: exp.Window | None) -> exp.Expr:
    distinct = isinstance(arguments[0], exp.Distinct)
    if distinct:
        arguments = list(arguments[0].expressions)
    value = arguments[0]
    text: exp.Expr = exp.cast(value.copy(), exp.DType.TEXT)
    separator = arguments[1] if len(arguments) > 1 else exp.Literal.string("")
    if distinct and window is None:
        for key in order.expressions if order else ():
            if key.this == value:  # PostgreSQL: with DISTINCT, the order is by the argument itself
                key.set("this", text.copy())
        text = exp.Distinct(expressions=[text])
    if distinct and window is not None and order is None:
        order = exp.Order(expressions=[exp.Ordered(this=text.copy())])
    name = "listagg_distinct" if distinct and window is not None else "listagg"
    return _ordered(exp.Anonymous(this=name, expressions=[text, separator]), order, window)


def _ordered(aggregate: exp.Anonymous, order: exp.Order | None, window: exp.Window | None) -> exp.Expr:
    if window is None:
        if order is not None:
            *others, last = aggregate.expressions
            aggregate.set("expressions", [*others, exp.Order(this=last, expressions=order.expressions)])
        return aggregate
    whole = exp.WindowSpec(
        kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="UNBOUNDED", end_side="FOLLOWING"
    )
    over = window.copy()
    over.set("this", aggregate)
    over.set("order", order.copy() if order is not None else None)
    over.set("spec", whole)
    return over


NODES: NodeRules = {exp.WithinGroup: _within_group}
FUNCTIONS: FunctionRules = dict.fromkeys(("listagg", "median"), _function)
