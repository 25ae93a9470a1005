"""The type of `a + b`, `a - b`, `a * b`, `a / b` and `a % b`.

Source: "Computations with numeric values", Amazon Redshift Database Developer Guide. The page does not say whether a
quotient is rounded or cut off at its scale; here it is rounded.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.analysis.types import FLOATS, INTEGERS, LITERAL, MAX_PRECISION, Type, as_decimal

_MIN_SCALE = 4  # of a quotient


def computed(operation: type[exp.Expr], left: Type | None, right: Type | None) -> Type | None:
    """None if the type is not known, which is always so for dates and intervals."""
    if left is None or right is None:
        return None
    if LITERAL in (left, right):  # '2' * n: the string becomes a number like the other one
        return _other(left, right)
    names = {left.name, right.name}
    if names <= INTEGERS.keys():
        return max(left, right, key=lambda one: INTEGERS[one.name])
    if not names <= INTEGERS.keys() | FLOATS | {"numeric"}:
        return None
    if names & FLOATS:
        return Type("float4" if names == {"float4"} else "float8")
    a, b = as_decimal(left), as_decimal(right)
    return Type("numeric") if a is None or b is None else _decimal(operation, a, b)


def _other(left: Type, right: Type) -> Type | None:
    other = left if right == LITERAL else right
    return other if other.name in INTEGERS or other.name in FLOATS else None


def _decimal(operation: type[exp.Expr], a: Type, b: Type) -> Type | None:
    (_, p1, s1), (_, p2, s2) = a, b
    if operation is exp.Mul:
        return Type("numeric", min(p1 + p2 + 1, MAX_PRECISION), min(s1 + s2, MAX_PRECISION))
    if operation is exp.Div:
        scale = max(_MIN_SCALE, s1 + p2 - s2 + 1)
        precision = p1 - s1 + s2 + scale
        if precision > MAX_PRECISION:
            scale, precision = max(MAX_PRECISION + scale - precision, _MIN_SCALE), MAX_PRECISION
        return Type("numeric", precision, scale)
    if operation in (exp.Add, exp.Sub):
        scale = max(s1, s2)
        return Type("numeric", min(max(p1 - s1, p2 - s2) + 1 + scale, MAX_PRECISION), scale)
    return None  # %
