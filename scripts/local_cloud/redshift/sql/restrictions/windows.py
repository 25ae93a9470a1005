"""Window functions. Source: "Window functions", Amazon Redshift Database Developer Guide."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError, not_redshift
from local_cloud.redshift.sql.restrictions.check import Checks

# With ORDER BY, these require a frame.
_FRAMED = frozenset(
    """
    avg count max min sum stddev stddev_samp stddev_pop variance var_samp var_pop first_value last_value nth_value
    """.split()  # noqa: SIM905
)
_WITHOUT_DEFAULT = {"lag", "lead"}
_WITHOUT_FRAME = {"lag", "lead", "cume_dist", "dense_rank", "ntile", "percent_rank", "rank", "row_number"}


def _window(node: exp.Window) -> None:
    function = node.this.this if isinstance(node.this, exp.IgnoreNulls | exp.RespectNulls) else node.this
    name = "count" if isinstance(function, exp.Count) else function.name.lower()
    if name in _WITHOUT_DEFAULT and len(function.expressions) > 2:
        raise SqlError(f"Default parameter not be supported for window function {name}")
    window = _definition(node)
    if name in _FRAMED and window.args.get("order") and not window.args.get("spec"):
        raise SqlError("Aggregate window functions with an ORDER BY clause require a frame clause")
    if name in _WITHOUT_FRAME and window.args.get("spec"):
        raise SqlError(f"Window function {name} does not support a frame clause")
    _check_parts(window)


def _check_parts(window: exp.Expr) -> None:
    spec = window.args.get("spec")
    if spec is not None and spec.args.get("kind", "").upper() != "ROWS":
        raise not_redshift("A window frame with RANGE or GROUPS")
    order = window.args.get("order")
    keys = [*(window.args.get("partition_by") or ()), *(key.this for key in (order.expressions if order else ()))]
    if any(isinstance(key, exp.Literal) and key.is_string for key in keys):
        raise SqlError("A string constant cannot be used in PARTITION BY or ORDER BY of a window")


def _definition(node: exp.Window) -> exp.Expr:
    """The window itself, or the one of the WINDOW clause that it names."""
    select = node.find_ancestor(exp.Select)
    named = select.args.get("windows") if select is not None and node.args.get("alias") else None
    return next((one for one in named or () if one.name.lower() == node.alias.lower()), node)


CHECKS: Checks = {exp.Window: _window}
