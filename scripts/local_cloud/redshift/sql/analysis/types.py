"""The types of expressions, and the type that several expressions share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlglot import exp

MAX_PRECISION = 38
_SET_PRECISION = 19  # "Computations with numeric values", conditional functions and set operators
INTEGERS = {"int2": 5, "int4": 10, "int8": 19}
"""Digits of the DECIMAL that an integer counts as, beside a DECIMAL."""
FLOATS = {"float4", "float8"}
TEXTS = {"varchar", "bpchar", "text"}


class Type(NamedTuple):
    """`precision` is the digits of a DECIMAL or the length of a CHAR or VARCHAR; 0 if it is not known."""

    name: str
    precision: int = 0
    scale: int = 0

    def sql(self) -> exp.DataType:
        """The DECIMAL as a type of a cast."""
        sizes = [exp.DataTypeParam(this=exp.Literal.number(n)) for n in (self.precision, self.scale)]
        return exp.DataType(this=exp.DType.DECIMAL, expressions=sizes)


LITERAL = Type("unknown")
"""A string, NULL or a parameter: it takes the type of what is beside it."""
BOOLEAN = Type("bool")
TEXT = Type("varchar")

_NAMES = {
    exp.DType.SMALLINT: "int2", exp.DType.INT: "int4", exp.DType.BIGINT: "int8", exp.DType.FLOAT: "float4",
    exp.DType.DOUBLE: "float8", exp.DType.BOOLEAN: "bool", exp.DType.VARCHAR: "varchar", exp.DType.NVARCHAR: "varchar",
    exp.DType.TEXT: "varchar", exp.DType.CHAR: "bpchar", exp.DType.NCHAR: "bpchar", exp.DType.BPCHAR: "bpchar",
    exp.DType.DATE: "date", exp.DType.TIMESTAMP: "timestamp", exp.DType.TIMESTAMPNTZ: "timestamp",
    exp.DType.TIMESTAMPTZ: "timestamptz", exp.DType.TIME: "time", exp.DType.TIMETZ: "timetz",
    exp.DType.INTERVAL: "interval", exp.DType.VARBINARY: "bytea", exp.DType.SUPER: "super",
}  # fmt: skip


def of_data_type(node: exp.DataType) -> Type | None:
    """The type that a cast or a column definition names."""
    sizes = [int(size.name) for size in node.expressions if size.name.isdigit()]
    if node.this == exp.DType.DECIMAL:
        precision, scale = (*sizes, 0)[:2] if sizes else (18, 0)
        return Type("numeric", precision, scale)
    name = _NAMES.get(node.this)
    return None if name is None else Type(name, sizes[0] if sizes and name in TEXTS else 0)


def of_catalog(name: str, modifier: int) -> Type:
    """The type of a column; PostgreSQL keeps DECIMAL(p,s) as (p << 16 | s) + 4 and VARCHAR(n) as n + 4."""
    if name == "numeric" and modifier >= 4:
        return Type(name, (modifier - 4) >> 16, (modifier - 4) & 0x7FF)
    return Type(name, modifier - 4 if modifier >= 4 and name in TEXTS else 0)


def as_decimal(one: Type) -> Type | None:
    """The DECIMAL that a DECIMAL or an integer counts as; None if its precision is not known."""
    if one.name in INTEGERS:
        return Type("numeric", INTEGERS[one.name], 0)
    return one if one.name == "numeric" and one.precision else None


def common(types: Iterable[Type | None]) -> Type | None:
    """The type of COALESCE, CASE, DECODE, GREATEST and of a set operation's column; None if it is not known."""
    known = [one for one in types if one != LITERAL]
    result = known[0] if known else LITERAL
    for one in known[1:]:
        result = _pair(result, one)
    return result


def _pair(a: Type | None, b: Type | None) -> Type | None:
    if a is None or b is None:
        return None
    names = {a.name, b.name}
    if a == b:
        return a
    if names <= INTEGERS.keys():
        return max(a, b, key=lambda one: INTEGERS[one.name])
    if names <= INTEGERS.keys() | FLOATS | {"numeric"}:
        return Type("float8") if names & FLOATS else _decimals(a, b)
    if names <= TEXTS:
        return Type("varchar", max(a.precision, b.precision) if a.precision and b.precision else 0)
    return None


def _decimals(a: Type, b: Type) -> Type:
    """Precision is limited to 19 digits, except where one of both has more: a SUM is never cut to 19."""
    one, other = as_decimal(a), as_decimal(b)
    if one is None or other is None:
        return Type("numeric")
    scale = max(one.scale, other.scale)
    limit = _SET_PRECISION if max(one.precision, other.precision) <= _SET_PRECISION else MAX_PRECISION
    whole = max(one.precision - one.scale, other.precision - other.scale)
    return Type("numeric", min(whole + scale, limit), scale)
