"""Statements that change rows."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.rules.rule import NodeRules


def _delete(node: exp.Delete) -> exp.Expr:
    """DELETE t: the FROM is optional in Redshift."""
    if node.args.get("tables") and not node.this:
        node.set("this", node.args["tables"][0])
        node.set("tables", None)
    return node


NODES: NodeRules = {exp.Delete: _delete}
