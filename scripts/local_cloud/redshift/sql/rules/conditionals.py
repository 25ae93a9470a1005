"""Functions under other names."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.rules.calls import call
from local_cloud.redshift.sql.rules.rule import FunctionRules


def _isnull(node: exp.Anonymous) -> exp.Expr:
    node.set("this", "coalesce")
    return node


def _grouping(node: exp.Anonymous) -> exp.Expr:
    """GROUPING_ID(a, b) is GROUPING(a, b)."""
    node.set("this", "grouping")
    return node


def _setting(node: exp.Anonymous) -> exp.Expr:
    return call("current_config" if node.name.lower() == "current_setting" else "change_config", *node.expressions)


FUNCTIONS: FunctionRules = {
    "isnull": _isnull,
    "grouping_id": _grouping,
    "current_setting": _setting,
    "set_config": _setting,
}
