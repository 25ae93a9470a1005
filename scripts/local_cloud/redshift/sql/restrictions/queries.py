"""Forms of SELECT. Source: "SELECT", "UNION, INTERSECT, and EXCEPT", "Comparison condition", "INSERT",
"UPDATE", "GROUP BY clause", "CREATE MATERIALIZED VIEW", Amazon Redshift
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


def _group(node: exp.Group) -> None:
    """GROUPING SETS, ROLLUP and CUBE: at most 64 sets, and no column twice in one."""
    sets = 1
    for one in (*node.args.get("grouping_sets", ()), *node.args.get("rollup", ()), *node.args.get("cube", ()), node):
        for item in one.expressions if isinstance(one, exp.Group) else [one]:
            sets *= _sets(item)
    if sets > _MOST_SETS:
        raise SqlError(f"GROUP BY has {sets} grouping sets: at most {_MOST_SETS} are supported")


def _sets(item: exp.Expr) -> int:
    if isinstance(item, exp.Cube):
        return int(2 ** len(item.expressions))
    if isinstance(item, exp.Rollup):
        return len(item.expressions) + 1
    if isinstance(item, exp.GroupingSets):
        for one in item.expressions:
            columns = [column.sql().lower() for column in one.expressions] if isinstance(one, exp.Tuple) else []
            if len(set(columns)) != len(columns):
                raise SqlError("A grouping set cannot contain a column twice")
        return sum(_sets(one) for one in item.expressions)
    return 1


def _update(node: exp.Update) -> None:
    """Beside an outer join, WHERE joins the target by an equality."""
    source = node.args.get("from_")
    joins = [join for join in source.find_all(exp.Join) if join.side] if source is not None else []
    where = node.args.get("where")
    target = node.this.alias_or_name.lower() if joins else ""
    if not joins or any(
        target in {column.table.lower() for column in one.find_all(exp.Column)}
        for one in (where.find_all(exp.EQ) if where is not None else ())
        if len({column.table for column in one.find_all(exp.Column)}) > 1
    ):
        return
    raise SqlError("Target table must be part of an equijoin predicate")


def _create(node: exp.Create) -> None:
    """A materialized view has no ORDER BY and no LIMIT."""
    properties = node.args.get("properties")
    query = node.expression
    if properties is None or not properties.find(exp.MaterializedProperty) or query is None:
        return
    for clause, name in (("order", "ORDER BY"), ("limit", "LIMIT"), ("offset", "OFFSET")):
        if query.args.get(clause):
            raise SqlError(f"{name} is not supported in the query of a materialized view")


_MOST_SETS = 64

CHECKS: Checks = {
    exp.Group: _group,
    exp.Update: _update,
    exp.Create: _create,
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
