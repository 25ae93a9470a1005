"""Functions under other names."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.rules.calls import call
from local_cloud.redshift.sql.rules.rule import FunctionRules, NodeRules


def _isnull(node: exp.Anonymous) -> exp.Expr:
    node.set("this", "coalesce")
    return node


def _grouping(node: exp.Anonymous) -> exp.Expr:
    """GROUPING_ID(a, b) is GROUPING(a, b)."""
    node.set("this", "grouping")
    return node


def _setting(node: exp.Anonymous) -> exp.Expr:
    return call("current_config" if node.name.lower() == "current_setting" else "change_config", *node.expressions)


def _where(node: exp.Where) -> exp.Expr:
    """WHERE 1 AND ...: a number is TRUE unless it is 0, which sqlalchemy-redshift's queries rely on."""
    conditions = list(node.this.flatten()) if isinstance(node.this, exp.And) else [node.this]
    for one in conditions:
        if isinstance(one, exp.Literal) and not one.is_string:
            one.replace(exp.Boolean(this=one.this != "0"))
    return node


NODES: NodeRules = {exp.Where: _where}
FUNCTIONS: FunctionRules = {
    "isnull": _isnull,
    "grouping_id": _grouping,
    "current_setting": _setting,
    "set_config": _setting,
}
