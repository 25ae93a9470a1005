"""The name of a column that has no alias.

Redshift names it as PostgreSQL 8 does, after the last function or column, and some functions by an older name. Source:
the headings of the examples on the pages of the functions, Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

UNNAMED = "?column?"
REDSHIFT: Mapping[str, str] = {
    "dateadd": "date_add", "datediff": "date_diff", "date_part": "pgdate_part", "datepart": "pgdate_part",
    "extract": "date_part", "current_date": "date", "sysdate": "timestamp", "log": "dlog10", "nvl": "coalesce",
    "isnull": "coalesce",
}  # fmt: skip
"""By the function's name in Redshift's SQL."""

_PASSED = (exp.Paren, exp.Window, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Collate)
_FIXED: dict[type[exp.Expr], str] = {exp.Count: "count", exp.Coalesce: "coalesce", exp.Exists: "exists"}
_OPERATORS = (exp.Sqrt, exp.Cbrt, exp.Pow)  # |/ a, ||/ a and a ^ b, which become functions
_BECOME_CASE = (exp.Nvl2, exp.DecodeCase)  # PostgreSQL would name the CASE after its ELSE
_TYPES = {
    exp.DType.INT: "int4", exp.DType.BIGINT: "int8", exp.DType.SMALLINT: "int2", exp.DType.FLOAT: "float4",
    exp.DType.DOUBLE: "float8", exp.DType.DECIMAL: "numeric", exp.DType.BOOLEAN: "bool", exp.DType.CHAR: "bpchar",
    exp.DType.VARBINARY: "varbyte", exp.DType.TEXT: "varchar", exp.DType.NVARCHAR: "varchar",
    exp.DType.NCHAR: "bpchar", exp.DType.TIMESTAMPNTZ: "timestamp",
}  # fmt: skip


def label(node: exp.Expr, functions: Mapping[str, str] = REDSHIFT) -> str | None:
    """The name of an expression; None if this module does not know it."""
    return _named(node, functions)[0]


def postgres_label(node: exp.Expr) -> str | None:
    """The name that PostgreSQL gives the translated expression."""
    return label(node, {})


def _named(node: exp.Expr, functions: Mapping[str, str]) -> tuple[str | None, bool]:
    """The name, and whether it is stronger than that of a type around it."""
    if isinstance(node, exp.Alias):
        return node.alias, True
    if isinstance(node, exp.Column | exp.Identifier):
        return node.name, True
    if isinstance(node, exp.Bracket):
        return _named(node.this, functions)
    if isinstance(node, exp.Dot):
        return _named(node.expression, functions)
    if isinstance(node, exp.Anonymous):
        if node.meta.get("operator") and functions:
            return UNNAMED, False
        function = node.name.lower().rpartition(".")[2]
        if function == "nullif" and functions and node.expressions:
            return _named(node.expressions[0], functions)
        return functions.get(function, function), True
    if isinstance(node, _PASSED):
        return _named(node.this, functions)
    if isinstance(node, exp.Cast):
        name, strong = _named(node.this, functions)
        return (name, True) if strong else (_type_name(node.to, functions), False)
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        name, strong = _named(default, functions) if default is not None else (None, False)
        return (name, True) if strong else ("case", True if default is None else strong)
    if isinstance(node, exp.Subquery):
        first = node.unnest().find(exp.Select)
        return _named(first.expressions[0], functions) if first and first.expressions else (None, False)
    if isinstance(node, _OPERATORS):
        return (UNNAMED if functions else None), False
    if isinstance(node, _BECOME_CASE):
        return ("case", True) if functions else (None, False)
    if type(node) in _FIXED:
        return _FIXED[type(node)], True
    return _keyword(node, functions)


def _type_name(node: exp.DataType, functions: Mapping[str, str]) -> str:
    if node.this == exp.DType.VARBINARY and not functions:
        return "bytea"
    if isinstance(node.this, exp.Interval):
        return "interval"
    return _TYPES.get(node.this) or str(getattr(node.this, "value", node.this)).lower()


def _keyword(node: exp.Expr, functions: Mapping[str, str]) -> tuple[str | None, bool]:
    if isinstance(node, exp.Extract):
        return functions.get("extract", "extract"), True
    if isinstance(node, exp.CurrentDate):
        return functions.get("current_date", "current_date"), True
    if isinstance(node, exp.CurrentTimestamp) and node.args.get("sysdate"):
        return functions.get("sysdate", "sysdate"), True
    plain = isinstance(node, exp.Binary | exp.Not | exp.Neg | exp.In | exp.Between | exp.Literal | exp.Null)
    return (UNNAMED, False) if plain or isinstance(node, exp.Placeholder | exp.BitwiseNot) else (None, False)
