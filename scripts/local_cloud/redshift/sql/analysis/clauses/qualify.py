"""QUALIFY, which PostgreSQL lacks: the query becomes a subquery whose rows the condition filters.

ORDER BY, LIMIT and DISTINCT come after the filter, so they move outside. Source: "QUALIFY clause", Amazon Redshift
Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.analysis.clauses.select_list import excluded_columns
from local_cloud.redshift.sql.analysis.labels import UNNAMED, label
from local_cloud.redshift.sql.analysis.scope import Scope

_OUTSIDE = ("order", "limit", "offset", "distinct")


def without_qualify(node: exp.Select, scope: Scope) -> None:
    """SELECT a FROM t QUALIFY c ORDER BY b -> SELECT _1 AS a FROM (SELECT a AS _1, c AS _q, b AS _o1 FROM t) ..."""
    _check_alias(node)
    condition = node.args["qualify"].this
    outer = exp.Select()
    inside, names = _inside(node, scope)
    outer.set("expressions", [exp.alias_(exp.column(f"_{i}"), name, quoted=True) for i, name in enumerate(names)])
    ordering = _ordering(node, names)
    for key in _OUTSIDE:
        outer.set(key, node.args.get(key))
        node.set(key, None)
    node.set("qualify", None)
    hidden = [exp.alias_(one, name) for name, one in ordering]
    node.set("expressions", [*inside, exp.alias_(condition.copy(), "_q"), *hidden])
    inner = exp.Select(**{key: node.args.get(key) for key in node.arg_types if key != "with_"})
    outer.set("from_", exp.From(this=inner.subquery("_qualified")))
    outer.set("where", exp.Where(this=exp.column("_q")))
    outer.set("with_", node.args.get("with_"))
    for key in list(node.args):
        node.set(key, None)
    for key, value in outer.args.items():
        node.set(key, value)


def _check_alias(node: exp.Select) -> None:
    """QUALIFY straight after FROM requires an alias of the relation before it."""
    if any(node.args.get(key) for key in ("where", "group", "having")):
        return
    joins = node.args.get("joins") or ()
    source = node.args.get("from_")
    last = joins[-1].this if joins else source.this if source is not None else None
    if isinstance(last, exp.Table) and not last.alias and not (joins and joins[-1].args.get("on")):
        raise SqlError('syntax error at or near "QUALIFY": the relation before QUALIFY requires an alias')


def _inside(node: exp.Select, scope: Scope) -> tuple[list[exp.Expr], list[str]]:
    """The select list with `*` written out, under the names _0, _1, ...; and its own names."""
    columns: list[tuple[exp.Expr, str]] = []
    for one in node.expressions:
        star = one.this if isinstance(one, exp.Column) else one
        if isinstance(star, exp.Star):
            known = scope.star(one.table.lower() if isinstance(one, exp.Column) else "", excluded_columns(star))
            if known is None:
                raise not_emulated("QUALIFY with * of a relation that does not exist yet")
            columns += [(column, column.name) for column, _ in known]
        elif isinstance(one, exp.Alias):
            columns.append((one.this, one.alias.lower()))
        else:
            columns.append((one, (label(one) or UNNAMED).lower()))
    return [exp.alias_(one.copy(), f"_{i}") for i, (one, _) in enumerate(columns)], [name for _, name in columns]


def _ordering(node: exp.Select, names: list[str]) -> list[tuple[str, exp.Expr]]:
    """What ORDER BY needs beside the select list, by its name in the subquery."""
    hidden: list[tuple[str, exp.Expr]] = []
    for key in node.args["order"].expressions if node.args.get("order") else ():
        one = key.this
        by_name = isinstance(one, exp.Column) and not one.table and names.count(one.name.lower()) == 1
        if not by_name and not isinstance(one, exp.Literal):
            name = f"_o{len(hidden)}"
            hidden.append((name, one.copy()))
            one.replace(exp.column(name))
    return hidden
