"""Forms of SELECT. Source: "SELECT", "UNION, INTERSECT, and EXCEPT", "Comparison condition", "INSERT", Amazon Redshift
Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError, not_redshift
from local_cloud.redshift.sql.restrictions.check import Checks


def _set_operation(node: exp.SetOperation) -> None:
    if not isinstance(node, exp.Union) and not node.args.get("distinct"):
        raise not_redshift(f"{node.key.upper()} ALL")
    for side in (node.this, node.expression):
        query = side.unnest() if isinstance(side, exp.Subquery) else side
        if isinstance(query, exp.Select) and query.args.get("limit"):
            raise SqlError("LIMIT may not be used within input to set operations")


def _any(node: exp.Any) -> None:
    if isinstance(node.this, exp.Query) and not isinstance(node.parent, exp.EQ):
        raise not_redshift("ANY or SOME (subquery) with another operator than =")


def _all(node: exp.All) -> None:
    if isinstance(node.this, exp.Query) and not isinstance(node.parent, exp.NEQ):
        raise not_redshift("ALL (subquery) with another operator than <>")


def _distinct_from(_: exp.Expr) -> None:
    raise not_redshift("IS DISTINCT FROM")


def _values(node: exp.Values) -> None:
    if not isinstance(node.parent, exp.Insert):
        raise not_redshift("VALUES as a relation")
    if len(node.expressions) > 1 and node.find(exp.Query) is not None:
        raise SqlError("can't use subqueries in multi-row VALUES")


def _with(node: exp.With) -> None:
    if not node.args.get("recursive"):
        return
    if isinstance(node.find_ancestor(exp.Subquery, exp.CTE), exp.Subquery):
        raise SqlError("WITH RECURSIVE is not supported in a subquery")
    for cte in node.expressions:
        own = (table.name.lower() == cte.alias.lower() and not table.db for table in cte.this.find_all(exp.Table))
        if any(own) and not cte.args["alias"].columns:
            raise SqlError(f'recursive CTE "{cte.alias}" requires a list of columns: WITH RECURSIVE {cte.alias} (...)')


def _except(node: exp.Star) -> None:
    for column in node.args.get("except_") or ():
        if not isinstance(column, exp.Column | exp.Identifier) or isinstance(column.this, exp.Star):
            raise SqlError("EXCLUDE takes names of columns only")


CHECKS: Checks = {
    exp.Star: _except,
    exp.Union: _set_operation,
    exp.Intersect: _set_operation,
    exp.Except: _set_operation,
    exp.Any: _any,
    exp.All: _all,
    exp.NullSafeEQ: _distinct_from,
    exp.NullSafeNEQ: _distinct_from,
    exp.Values: _values,
    exp.With: _with,
}
