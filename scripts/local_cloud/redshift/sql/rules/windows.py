"""Window functions that PostgreSQL lacks: IGNORE NULLS, RATIO_TO_REPORT, and the aggregates of ordered values."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.rules.calls import call, function_name
from local_cloud.redshift.sql.rules.ordered_sets import ordered_window
from local_cloud.redshift.sql.rules.rule import NodeRules

_FRAMES = {
    "lag": exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="1", end_side="PRECEDING"),
    "lead": exp.WindowSpec(kind="ROWS", start="1", start_side="FOLLOWING", end="UNBOUNDED", end_side="FOLLOWING"),
}


def _window(node: exp.Window) -> exp.Expr:
    function, ignores_nulls = _without_nulls_clause(node.this)
    node.set("this", function)
    name = function_name(function)
    if name == "ratio_to_report":
        value = function.expressions[0]
        node.set("this", exp.Sum(this=value.copy()))
        return call(name, value, node.copy())
    if name == "ntile":
        return exp.cast(node, exp.DType.BIGINT)
    if ignores_nulls:
        return _ignore_nulls(node, name, list(function.expressions))
    return ordered_window(node) or node


def _without_nulls_clause(function: exp.Expr) -> tuple[exp.Expr, bool]:
    """The function without IGNORE or RESPECT NULLS, which may follow its first argument; whether it ignores nulls."""
    if isinstance(function, exp.IgnoreNulls | exp.RespectNulls):
        return function.this, isinstance(function, exp.IgnoreNulls)
    first = function.expressions[0] if isinstance(function, exp.Anonymous) and function.expressions else None
    if isinstance(first, exp.IgnoreNulls | exp.RespectNulls):
        function.set("expressions", [first.this, *function.expressions[1:]])
        return function, isinstance(first, exp.IgnoreNulls)
    return function, False


def _ignore_nulls(node: exp.Window, name: str, arguments: list[exp.Expr]) -> exp.Expr:
    value, offset = arguments[0], arguments[1] if len(arguments) > 1 else exp.Literal.number(1)
    if name == "first_value":
        return _over(node, call("first_not_null", value))
    if name == "last_value":
        return _over(node, call("last_not_null", value))
    values = exp.Anonymous(this="array_agg", expressions=[value])
    return call(name, _over(node, values, _FRAMES.get(name)), offset)


def _over(node: exp.Window, aggregate: exp.Expr, frame: exp.WindowSpec | None = None) -> exp.Window:
    node = node.copy()
    node.set("this", aggregate)
    if frame is not None:
        node.set("spec", frame.copy())
    return node


NODES: NodeRules = {exp.Window: _window}
