"""Conditional functions under other names."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.rules.rule import FunctionRules


def _isnull(node: exp.Anonymous) -> exp.Expr:
    node.set("this", "coalesce")
    return node


FUNCTIONS: FunctionRules = {"isnull": _isnull}
