"""Identifiers and keywords."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.rules.rule import NodeRules


def _fold(node: exp.Identifier) -> exp.Expr:
    """Redshift folds quoted names to lower case too: enable_case_sensitive_identifier is off by default."""
    node.set("this", node.this.lower())
    if node.name.startswith("#"):
        node.set("quoted", True)  # a temporary table, which PostgreSQL reads only in quotes
    return node


def _sysdate(node: exp.CurrentTimestamp) -> exp.Expr:
    return exp.Anonymous(this="sysdate") if node.args.get("sysdate") else node


def _current_user_id(_: exp.CurrentUserId) -> exp.Expr:
    return exp.Anonymous(this="current_user_id")


def _function_of_schema(node: exp.Dot) -> exp.Expr:
    """pg_catalog.f(): Redshift's functions are in another schema here, and the search path finds both."""
    return node.expression if node.this.name.lower() == "pg_catalog" else node


NODES: NodeRules = {
    exp.Identifier: _fold,
    exp.Dot: _function_of_schema,
    exp.CurrentTimestamp: _sysdate,
    exp.CurrentUserId: _current_user_id,
}
