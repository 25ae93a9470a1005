"""The outer join operator (+) in WHERE, as LEFT JOIN.

Source: "Oracle-style outer joins in the WHERE clause", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.analysis.scope import Scope


def without_outer_marks(node: exp.Select, scope: Scope) -> None:
    """FROM a, b WHERE a.x = b.x(+) -> FROM a LEFT JOIN b ON a.x = b.x; other SELECTs stay as they are."""
    where = node.args.get("where")
    if where is None or not any(_marks(one) for one in where.find_all(exp.Column, exp.Literal)):
        return
    joins = node.args.get("joins") or []
    if any(join.args.get("on") or join.args.get("using") or join.side for join in joins):
        raise SqlError("The outer join operator (+) cannot be combined with the FROM clause's JOIN")
    conditions: dict[str, list[exp.Expr]] = {}
    partners: dict[str, set[str]] = {}
    rest = []
    for condition in list(where.this.flatten() if isinstance(where.this, exp.And) else [where.this]):
        outer, partner = _relations(condition, scope)
        if outer is None:
            rest.append(condition)
            continue
        conditions.setdefault(outer, []).append(condition)
        partners.setdefault(outer, set()).update(partner)
    for outer, found in partners.items():
        if len(found) > 1:
            raise SqlError("A table may be outer joined to at most one other table")
        if not found:
            raise SqlError(f'The outer join of "{outer}" requires a condition with another table')
    _write_out_stars(node, scope)
    _join(node, conditions, partners)
    node.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)


def _marks(node: exp.Expr) -> bool:
    return bool(node.args.get("join_mark"))


def _relations(condition: exp.Expr, scope: Scope) -> tuple[str | None, set[str]]:
    """The relation marked with (+) in a condition, whose marks are removed, and the other relations in it."""
    if any(_marks(one) for one in condition.find_all(exp.Literal)):
        raise SqlError('syntax error at or near "(+)": the operator follows a column')
    marked: set[str] = set()
    others: set[str] = set()
    for column in condition.find_all(exp.Column):
        (marked if _marks(column) else others).add(_relation(column, scope))
    if not marked:
        return None, others
    if condition.find(exp.Or, exp.In) is not None:
        raise SqlError("Outer join operator (+) not allowed in operand of OR or IN")
    if len(marked) > 1:
        raise SqlError("A condition can mark only one table with the outer join operator (+)")
    for column in condition.find_all(exp.Column):
        column.set("join_mark", None)
    return marked.pop(), others - marked


def _relation(column: exp.Column, scope: Scope) -> str:
    if column.table:
        return column.table.lower()
    for name, outputs in scope.relations.items():
        if outputs is not None and any(column.name.lower() == output for output, _ in outputs):
            return name
    raise not_emulated("The outer join operator (+) with a column of an unknown table")


def _write_out_stars(node: exp.Select, scope: Scope) -> None:
    """The joins change the order of the relations, but not the order of the columns."""
    columns: list[exp.Expr] = []
    for one in node.expressions:
        known = scope.star("", set()) if isinstance(one, exp.Star) else None
        columns += [column for column, _ in known] if known is not None else [one]
    node.set("expressions", columns)


def _join(node: exp.Select, conditions: dict[str, list[exp.Expr]], partners: dict[str, set[str]]) -> None:
    sources = [node.args["from_"].this, *(join.this for join in node.args.get("joins") or ())]
    plain = [one for one in sources if one.alias_or_name.lower() not in conditions]
    waiting = [one for one in sources if one.alias_or_name.lower() in conditions]
    joined = {one.alias_or_name.lower() for one in plain}
    joins = [exp.Join(this=one, kind="CROSS") for one in plain[1:]]
    while ready := [one for one in waiting if partners[one.alias_or_name.lower()] <= joined]:
        for one in ready:
            name = one.alias_or_name.lower()
            joins.append(exp.Join(this=one, side="LEFT", on=exp.and_(*conditions[name])))
            joined.add(name)
            waiting.remove(one)
    if waiting or not plain:
        raise SqlError("Two tables cannot be outer joined to each other")
    node.set("from_", exp.From(this=plain[0]))
    node.set("joins", joins)
