"""Applies the rules to the syntax tree of one Redshift statement."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.analysis.analysis import analyze
from local_cloud.redshift.sql.context import NO_CONTEXT, Context
from local_cloud.redshift.sql.physical_design import without_design
from local_cloud.redshift.sql.restrictions.node_types import check_nodes
from local_cloud.redshift.sql.restrictions.restrictions import check_restrictions
from local_cloud.redshift.sql.rules import (
    aggregates,
    casts,
    changes,
    conditionals,
    dates,
    names,
    ordered_sets,
    supers,
    types,
    windows,
)
from local_cloud.redshift.sql.rules.rule import FunctionRules, NodeRules
from local_cloud.redshift.sql.unsupported import check_supported

_NODES: NodeRules = {
    **names.NODES,
    **types.NODES,
    **dates.NODES,
    **ordered_sets.NODES,
    **windows.NODES,
    **casts.NODES,
    **changes.NODES,
    **conditionals.NODES,
}
_FUNCTIONS: FunctionRules = {
    **dates.FUNCTIONS,
    **conditionals.FUNCTIONS,
    **ordered_sets.FUNCTIONS,
    **aggregates.FUNCTIONS,
    **casts.FUNCTIONS,
    **supers.FUNCTIONS,
}


def rewrite(tree: exp.Expr, context: Context = NO_CONTEXT, *, named: bool = True) -> exp.Expr:
    """Raises SqlError for what Redshift would not run, then changes what PostgreSQL would run differently."""
    check_nodes(tree)
    check_supported(tree)
    check_restrictions(tree)
    tree = without_design(tree)
    analysis = analyze(tree, context.catalog)
    for node in reversed(list(tree.walk())):  # leaves first, so that the arguments of a replaced node are done
        changed = _rewritten(node)
        if changed is not node:
            tree = changed if node is tree else tree
            node.replace(changed)
    if named:
        analysis.name_columns()
    return tree


def _rewritten(node: exp.Expr) -> exp.Expr:
    rule = _FUNCTIONS.get(node.name.lower()) if isinstance(node, exp.Anonymous) else _NODES.get(type(node))
    return node if rule is None else rule(node)  # type: ignore[arg-type]
