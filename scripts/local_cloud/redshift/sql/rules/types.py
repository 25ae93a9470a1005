"""Data types: defaults and sizes. Source: "Data types", Amazon Redshift Database Developer Guide."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.rules.rule import NodeRules

_VARCHAR_DEFAULT = 256  # VARCHAR and TEXT without a length ("Character types")
_VARCHAR_MAX = 65535


def _data_type(node: exp.DataType) -> exp.Expr:
    kinds = exp.DType
    if node.this == kinds.TEXT or (node.this in {kinds.VARCHAR, kinds.NVARCHAR} and not node.expressions):
        node.set("this", kinds.VARCHAR)
        node.set("expressions", [_size(_VARCHAR_DEFAULT)])
    elif node.this in {kinds.VARCHAR, kinds.NVARCHAR} and node.expressions[0].name.upper() == "MAX":
        node.set("expressions", [_size(_VARCHAR_MAX)])
    elif node.this == kinds.DECIMAL and not node.expressions:
        node.set("expressions", [_size(18), _size(0)])
    elif node.this in {kinds.VARBINARY, kinds.BINARY}:
        node.set("expressions", [])  # bytea has no size
    return node


def _size(value: int) -> exp.DataTypeParam:
    return exp.DataTypeParam(this=exp.Literal.number(value))


NODES: NodeRules = {exp.DataType: _data_type}
