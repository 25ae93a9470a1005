"""TRY_CAST, and the functions of text that cast numbers, dates and times."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.rules.calls import call
from local_cloud.redshift.sql.rules.rule import FunctionRules, NodeRules


def _try_cast(node: exp.TryCast) -> exp.Expr:
    name = exp.Literal.string(node.to.sql("postgres"))
    return exp.cast(call("try_cast", node.this, name, exp.cast(exp.null(), node.to.copy())), node.to)


def _concat(node: exp.Anonymous) -> exp.Expr:
    """Exactly two arguments; NULL if one of them is, unlike PostgreSQL's."""
    if len(node.expressions) != 2:
        raise SqlError(f"function concat with {len(node.expressions)} arguments does not exist")
    return call("concat", *node.expressions)


def _position(node: exp.StrPosition) -> exp.Expr:
    return call("position", node.args["substr"], node.this)


def _substring(node: exp.Substring) -> exp.Expr:
    bounds = [bound for name in ("start", "length") if (bound := node.args.get(name)) is not None]
    return call("substring", node.this, *bounds)


NODES: NodeRules = {exp.TryCast: _try_cast, exp.StrPosition: _position, exp.Substring: _substring}
FUNCTIONS: FunctionRules = {"concat": _concat}
