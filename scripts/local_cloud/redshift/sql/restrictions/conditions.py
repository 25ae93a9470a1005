"""Conditions and functions in places or forms that Redshift lacks.

Source: "Boolean type", "CONCAT function", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.restrictions.check import Checks


def _is(node: exp.Is) -> None:
    """IS TRUE and IS FALSE are conditions of WHERE, not values of a select list."""
    if not isinstance(node.expression, exp.Boolean):
        return
    above = node.parent
    while isinstance(above, exp.Alias | exp.Paren | exp.Not):
        above = above.parent
    if isinstance(above, exp.Select):
        raise SqlError(
            "Not implemented: IS TRUE or IS FALSE in a select list. Write a comparison, for example c = TRUE"
        )


def _function(node: exp.Anonymous) -> None:
    if node.name.lower() == "concat" and len(node.expressions) != 2:
        raise SqlError(
            f"function concat with {len(node.expressions)} arguments does not exist. Use || for more than two"
        )


CHECKS: Checks = {exp.Is: _is, exp.Anonymous: _function}
