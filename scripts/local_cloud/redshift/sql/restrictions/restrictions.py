"""Runs the checks of all subjects over a statement."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.restrictions import alter_table, conditions, merge, queries, reserved_words, windows
from local_cloud.redshift.sql.restrictions.check import Checks

_CHECKS: Checks = {
    **queries.CHECKS,
    **windows.CHECKS,
    **conditions.CHECKS,
    **reserved_words.CHECKS,
    **merge.CHECKS,
    **alter_table.CHECKS,
}


def check_restrictions(tree: exp.Expr) -> None:
    """Raises SqlError for the first construct that Redshift refuses."""
    for node in tree.walk():
        if check := _CHECKS.get(type(node)):
            check(node)
