"""Result types of functions that depend on their arguments.

Source: the pages of the functions, Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.analysis.types import FLOATS, INTEGERS, LITERAL, MAX_PRECISION, TEXT, TEXTS, Type


def mixed(branches: list[exp.Expr], kinds: list[Type | None]) -> Type | None:
    """NVL2 of a number and a text has the type of its first value ("NVL2"); None for other types."""
    first, second = (*kinds, None)[:2]
    texts = [kind is not None and (kind == LITERAL or kind.name in TEXTS) for kind in (first, second)]
    numbers = [kind is not None and (kind.name in {*INTEGERS, *FLOATS} or kind.name == "numeric") for kind in kinds]
    if texts[0] and numbers[-1] and isinstance(branches[0], exp.Literal | exp.Column | exp.Cast):
        branches[1].replace(exp.cast(branches[1].copy(), exp.DataType.build("varchar(256)")))
        return TEXT
    return None


def alternative(node: exp.Anonymous) -> Type | None:
    """TEXT_TO_NUMERIC_ALT(text, precision, scale)."""
    sizes = [int(one.name) for one in node.expressions[1:] if isinstance(one, exp.Literal) and not one.is_string]
    if len(sizes) != len(node.expressions) - 1:
        return None
    precision, scale = (*sizes, *(MAX_PRECISION, 0)[len(sizes) :])
    return Type("numeric", precision, scale)


def total(kind: Type | None) -> Type | None:
    """SUM and AVG: BIGINT of integers, DECIMAL(38,s) of decimals, DOUBLE PRECISION of floats."""
    if kind is None:
        return None
    if kind.name in INTEGERS:
        return Type("int8")
    if kind.name == "numeric":
        return Type("numeric", MAX_PRECISION, kind.scale) if kind.precision else kind
    return Type("float8") if kind.name in FLOATS else None
