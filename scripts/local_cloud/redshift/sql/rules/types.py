"""Data types: defaults and limits. Source: "Data types", Amazon Redshift Database Developer Guide."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.rules.rule import NodeRules

_VARCHAR_DEFAULT = 256  # VARCHAR, TEXT and BPCHAR without a length ("Character types")
_VARCHAR_MAX = 65535
_CHAR_MAX = 4096
_DECIMAL_DEFAULT = (18, 0)
_PRECISION_MAX = 38
_SCALE_MAX = 37
_VARCHARS = {exp.DType.VARCHAR, exp.DType.NVARCHAR}
_CHARS = {exp.DType.CHAR, exp.DType.NCHAR}


def _data_type(node: exp.DataType) -> exp.Expr:
    kind = node.this
    if kind == exp.DType.TEXT:
        node.set("this", exp.DType.VARCHAR)
        node.set("expressions", [_size(_VARCHAR_DEFAULT)])
    elif kind == exp.DType.BPCHAR:
        node.set("this", exp.DType.CHAR)
        node.set("expressions", [_size(_VARCHAR_DEFAULT)])
    elif kind in _VARCHARS:
        _set_length(node, "varchar", _VARCHAR_DEFAULT, _VARCHAR_MAX)
    elif kind in _CHARS:
        _set_length(node, "char", 1, _CHAR_MAX)
    elif kind == exp.DType.DECIMAL:
        _decimal(node)
    elif kind in {exp.DType.VARBINARY, exp.DType.BINARY}:
        node.set("expressions", [])  # bytea has no size
    return node


def _set_length(node: exp.DataType, name: str, default: int, maximum: int) -> None:
    if not node.expressions:
        node.set("expressions", [_size(default)])
    elif node.expressions[0].name.upper() == "MAX":
        node.set("expressions", [_size(maximum)])
    elif int(node.expressions[0].name) > maximum:
        raise SqlError(f"length for type {name} cannot exceed {maximum}")


def _decimal(node: exp.DataType) -> None:
    if not node.expressions:
        node.set("expressions", [_size(size) for size in _DECIMAL_DEFAULT])
    precision, scale = (*(int(size.name) for size in node.expressions), 0)[:2]
    if not 1 <= precision <= _PRECISION_MAX:
        raise SqlError(f"DECIMAL precision {precision} must be between 1 and {_PRECISION_MAX}")
    if scale > precision:
        raise SqlError(f"DECIMAL scale {scale} must be between 0 and precision {precision}")
    if scale > _SCALE_MAX and not isinstance(node.parent, exp.Cast):  # an expression can have 38
        raise SqlError(f"DECIMAL scale {scale} must be between 0 and {_SCALE_MAX}")


def _size(value: int) -> exp.DataTypeParam:
    return exp.DataTypeParam(this=exp.Literal.number(value))


NODES: NodeRules = {exp.DataType: _data_type}
