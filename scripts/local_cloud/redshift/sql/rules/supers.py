"""Constructors of SUPER values: ARRAY(...) and OBJECT(...)."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.rules.calls import call
from local_cloud.redshift.sql.rules.rule import FunctionRules

_VALUE_FIRST = {"array_contains", "array_position", "array_positions"}


def _array(node: exp.Anonymous) -> exp.Expr:
    values = [_super(value, "ARRAY") for value in node.expressions]
    return call("array", exp.Array(expressions=values)) if values else call("array")


def _object(node: exp.Anonymous) -> exp.Expr:
    names, values = node.expressions[::2], [_super(value, "OBJECT") for value in node.expressions[1::2]]
    if len(names) != len(values):
        raise SqlError("OBJECT requires an even number of arguments: names and values")
    return call("object", exp.Array(expressions=names), exp.Array(expressions=values)) if names else call("object")


def _search(node: exp.Anonymous) -> exp.Expr:
    """The value that is searched can have any type."""
    array, *others = node.expressions
    if others:
        others[0] = _super(others[0], node.name.upper())
    return call(node.name, array, *others)


def _serialize(node: exp.Anonymous) -> exp.Expr:
    """PostgreSQL's grammar has a JSON_SERIALIZE of its own."""
    return call(node.name, *node.expressions)


def _super(value: exp.Expr, function: str) -> exp.Expr:
    return call("to_super", value, exp.Literal.string(function))


FUNCTIONS: FunctionRules = {
    "array": _array,
    "object": _object,
    "json_serialize": _serialize,
    **dict.fromkeys(_VALUE_FIRST, _search),
}
