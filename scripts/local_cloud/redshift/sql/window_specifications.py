"""Windows that PostgreSQL accepts and Redshift refuses.

Sources: "Window function syntax summary" and the page of each function, Amazon Redshift Database Developer Guide. The
texts are those that users report: https://github.com/OHDSI/Achilles/issues/232 (frame, RANGE),
https://github.com/metabase/metabase/issues/70088 (constants), https://github.com/tidyverse/dplyr/issues/962 (LAG).
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.rules.calls import function_name

_WITHOUT_FRAME = {"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"}
_WITHOUT_ORDER = {"listagg", "median", "percentile_cont", "percentile_disc", "ratio_to_report"}
_NEEDS_FRAME = {
    "avg", "max", "min", "sum", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop",
    "first_value", "last_value", "nth_value", "bool_and", "bool_or", "count",
}  # fmt: skip


def check_windows(tree: exp.Expr) -> None:
    """Raises SqlError for the first window function that Redshift refuses."""
    for window in tree.find_all(exp.Window):
        if isinstance(window.this, exp.Identifier):  # a definition in the WINDOW clause
            continue
        function = window.this
        while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup):
            function = function.this
        name = "count" if isinstance(function, exp.Count) else function_name(function)
        if problem := _problem(window, function, name):
            raise SqlError(problem)


def _problem(window: exp.Window, function: exp.Expr, name: str) -> str | None:
    order, frame = window.args.get("order"), window.args.get("spec")
    keys = [key.this for key in order.expressions] if order else []
    if any(isinstance(key, exp.Literal) for key in window.args.get("partition_by") or []):
        return "constant expressions are not supported in partition by clauses"
    if any(isinstance(key, exp.Literal) for key in keys):
        return "constant expressions are not supported in order by clauses"
    if frame is not None and frame.args.get("kind") == "RANGE":
        return "RANGE clause of window functions not yet implemented"
    if frame is not None and name in _WITHOUT_FRAME:
        return f"window function {name} does not support a frame clause"
    if (order is not None or frame is not None) and name in _WITHOUT_ORDER:
        return f"window function {name} supports neither an ORDER BY nor a frame clause"
    if order is not None and frame is None and name in _NEEDS_FRAME:
        return "Aggregate window functions with an ORDER BY clause require a frame clause"
    if name in {"lag", "lead"} and len(function.expressions) > 2:
        return f"Default parameter not be supported for window function {name}"
    return None
