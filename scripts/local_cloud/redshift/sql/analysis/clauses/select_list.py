"""Select lists that PostgreSQL cannot read: `* EXCLUDE (a, b)` and GROUP BY ALL.

Source: "EXCLUDE column_list", "GROUP BY clause", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import not_emulated
from local_cloud.redshift.sql.analysis.scope import Scope

_AGGREGATES = frozenset(
    """
    sum avg min max any_value listagg median percentile_cont percentile_disc stddev stddev_samp stddev_pop variance
    var_samp var_pop bit_and bit_or bool_and bool_or approximate
    """.split()  # noqa: SIM905
)


def excluded_columns(star: exp.Expr) -> set[str]:
    """The columns after EXCLUDE, folded."""
    return {column.name.lower() for column in star.args.get("except_") or ()}


def write_out_exclusions(node: exp.Select, scope: Scope) -> None:
    """The columns that remain stand in the place of `* EXCLUDE (...)`."""
    for one in list(node.expressions):
        star = one.this if isinstance(one, exp.Column) else one
        if isinstance(star, exp.Star) and star.args.get("except_"):
            known = scope.star(one.table.lower() if isinstance(one, exp.Column) else "", excluded_columns(star))
            if known is None:
                raise not_emulated("EXCLUDE with a relation that does not exist yet")
            i = node.expressions.index(one)
            node.set("expressions", [*node.expressions[:i], *(c for c, _ in known), *node.expressions[i + 1 :]])


def group_by_all(node: exp.Select, group: exp.Group) -> None:
    """GROUP BY ALL groups by every expression of the select list that has no aggregate."""
    numbers = [i for i, one in enumerate(node.expressions, 1) if not _aggregates(one)]
    group.set("all", None)
    group.set("expressions", [exp.Literal.number(i) for i in numbers])
    if not numbers:
        node.set("group", None)


def _aggregates(node: exp.Expr) -> bool:
    for function in node.find_all(exp.Count, exp.Anonymous):
        is_aggregate = isinstance(function, exp.Count) or function.name.lower() in _AGGREGATES
        if is_aggregate and not isinstance(function.parent, exp.Window):
            return True
    return False
