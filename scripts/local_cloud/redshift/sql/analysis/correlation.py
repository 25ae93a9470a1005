"""Patterns of correlated subqueries that Redshift refuses.

Source: "Correlated subqueries", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.analysis.scope import Scope

_REFUSED = "This type of correlated subquery pattern is not supported"


def check_level(scope: Scope, column: exp.Column) -> None:
    """A column refers to its own query or to the one around it, and skips none."""
    level = scope.level(column.name.lower(), column.table.lower())
    scope.reach = max(scope.reach, level)
    if level > 1:
        raise SqlError(_REFUSED)


def check_correlated(node: exp.Select, scope: Scope) -> None:
    """The places where a query that refers to the one around it cannot stand."""
    if not scope.reach:
        return
    if any(one.find(exp.Window) for one in node.expressions):
        raise SqlError(_REFUSED)
    above = node.parent.parent if isinstance(node.parent, exp.Subquery) else node.parent
    if isinstance(above, exp.In) and node.args.get("group"):
        raise SqlError(_REFUSED)
    join = node.find_ancestor(exp.Join, exp.Select)
    if isinstance(join, exp.Join) and join.side and not isinstance(join.this, exp.Subquery):
        raise SqlError(_REFUSED)
    if isinstance(above, exp.Alias) and isinstance(above.parent, exp.Select) and _groups_by(above.parent, above.alias):
        raise SqlError(_REFUSED)


def _groups_by(query: exp.Select, alias: str) -> bool:
    group = query.args.get("group")
    return group is not None and any(
        isinstance(one, exp.Column) and not one.table and one.name.lower() == alias.lower() for one in group.expressions
    )
