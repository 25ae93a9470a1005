"""Window functions.

Sources: "Window function syntax summary" and the page of each function, Amazon Redshift Database Developer Guide. The
texts are those that users report: https://github.com/OHDSI/Achilles/issues/232 (frame, RANGE),
https://github.com/metabase/metabase/issues/70088 (constants), https://github.com/tidyverse/dplyr/issues/962 (LAG).
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.restrictions.check import Checks

# With ORDER BY, these require a frame.
_FRAMED = frozenset(
    """
    avg bool_and bool_or count max min sum stddev stddev_samp stddev_pop variance var_samp var_pop first_value
    last_value nth_value
    """.split()  # noqa: SIM905
)
_WITHOUT_DEFAULT = {"lag", "lead"}
_WITHOUT_FRAME = {"lag", "lead", "cume_dist", "dense_rank", "ntile", "percent_rank", "rank", "row_number"}
_WITHOUT_ORDER = {"listagg", "median", "percentile_cont", "percentile_disc", "ratio_to_report"}


def _window(node: exp.Window) -> None:
    function = node.this
    while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup):
        function = function.this
    name = "count" if isinstance(function, exp.Count) else function.name.lower()
    window = _definition(node)
    order, spec = window.args.get("order"), window.args.get("spec")
    _check_parts(window)
    if name in _WITHOUT_DEFAULT and len(function.expressions) > 2:
        raise SqlError(f"Default parameter not be supported for window function {name}")
    if name in _FRAMED and order and not spec:
        raise SqlError("Aggregate window functions with an ORDER BY clause require a frame clause")
    if name in _WITHOUT_FRAME and spec:
        raise SqlError(f"Window function {name} does not support a frame clause")
    if name in _WITHOUT_ORDER and (order or spec):
        raise SqlError(f"Window function {name} supports neither an ORDER BY nor a frame clause")


def _check_parts(window: exp.Expr) -> None:
    spec, order = window.args.get("spec"), window.args.get("order")
    if spec is not None and spec.args.get("kind", "").upper() != "ROWS":
        raise SqlError("RANGE clause of window functions not yet implemented")
    for clause, keys in (
        ("partition by", window.args.get("partition_by") or []),
        ("order by", [key.this for key in order.expressions] if order else []),
    ):
        if any(isinstance(key, exp.Literal) for key in keys):
            raise SqlError(f"constant expressions are not supported in {clause} clauses")


def _definition(node: exp.Window) -> exp.Expr:
    """The window itself, or the one of the WINDOW clause that it names."""
    select = node.find_ancestor(exp.Select)
    named = select.args.get("windows") if select is not None and node.args.get("alias") else None
    return next((one for one in named or () if one.name.lower() == node.alias.lower()), node)


CHECKS: Checks = {exp.Window: _window}
