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


def _when(node: exp.When) -> exp.Expr:
    """MERGE ... INSERT VALUES (...) without columns: sqlglot takes VALUES for a function."""
    insert = node.args.get("then")
    if isinstance(insert, exp.Insert) and isinstance(insert.this, exp.Tuple) and len(insert.this.expressions) == 1:
        values = insert.this.expressions[0]
        if isinstance(values, exp.Anonymous) and values.name.upper() == "VALUES":
            insert.set("this", None)
            insert.set("expression", exp.Tuple(expressions=values.expressions))
    return node


NODES: NodeRules = {exp.Delete: _delete, exp.When: _when}
