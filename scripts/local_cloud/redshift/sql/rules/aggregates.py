"""Aggregates whose result has another type than PostgreSQL's."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.rules.rule import FunctionRules

# "Regardless of the data type of the expression", the result is DOUBLE PRECISION (STDDEV_SAMP, VAR_SAMP).
_DOUBLE = ("stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop")


def _double(node: exp.Anonymous) -> exp.Expr:
    for argument in list(node.expressions):
        value = argument.expressions[0] if isinstance(argument, exp.Distinct) else argument
        value.replace(exp.cast(value.copy(), exp.DType.DOUBLE))
    return node


FUNCTIONS: FunctionRules = dict.fromkeys(_DOUBLE, _double)
