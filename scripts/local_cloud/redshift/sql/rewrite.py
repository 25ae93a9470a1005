"""The syntax tree of one Redshift statement, changed until PostgreSQL gives Redshift's answer."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.dateparts import date_part
from local_cloud.redshift.sql.physical_design import without_design
from local_cloud.redshift.sql.unsupported import refuse

# Functions whose first argument names a part of a date, with or without quotes.
_PART_FIRST = {"datediff", "date_diff", "dateadd", "date_add", "date_part", "datepart", "pgdate_part", "date_trunc"}
# A bare string as a date is a TIMESTAMP, where PostgreSQL would think of TIMESTAMPTZ.
_DATE_FIRST = {"last_day", "add_months", "months_between", "next_day"}
_RENAMED = {"date_diff": "datediff", "datepart": "date_part", "pgdate_part": "date_part", "isnull": "coalesce"}

_VARCHAR_DEFAULT = 256  # VARCHAR and TEXT without a length (Redshift: "Character types")
_VARCHAR_MAX = 65535


def rewrite(tree: exp.Expr) -> exp.Expr:
    """Refuses what Redshift would not run, then changes what PostgreSQL would run otherwise."""
    refuse(tree)
    tree = without_design(tree)
    for node in reversed(list(tree.walk())):  # leaves first: a replaced node has its arguments done already
        changed = _node(node)
        if changed is not node:
            tree = changed if node is tree else tree
            node.replace(changed)
    return tree


def _node(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Identifier):
        # Redshift folds quoted names to lower case too (enable_case_sensitive_identifier is off by default).
        node.set("this", node.this.lower())
    elif isinstance(node, exp.DataType):
        _data_type(node)
    elif isinstance(node, exp.CurrentTimestamp) and node.args.get("sysdate"):
        return exp.Anonymous(this="sysdate")
    elif isinstance(node, exp.CurrentUserId):
        return exp.Anonymous(this="current_user_id")
    elif isinstance(node, exp.Extract):
        return _extract(node)
    elif isinstance(node, exp.Anonymous):
        return _function(node)
    elif isinstance(node, exp.WithinGroup):
        return _listagg(node)
    elif isinstance(node, exp.Delete) and node.args.get("tables") and not node.this:
        node.set("this", node.args["tables"][0])  # DELETE t: the FROM is optional in Redshift
        node.set("tables", None)
    return node


def _data_type(node: exp.DataType) -> None:
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


def _size(value: int) -> exp.DataTypeParam:
    return exp.DataTypeParam(this=exp.Literal.number(value))


def _part(node: exp.Expr) -> exp.Expr:
    """minute, "minute" and 'minutes' all name the same part."""
    if (isinstance(node, exp.Column) and not node.table) or isinstance(node, exp.Var):
        return exp.Literal.string(date_part(node.name))
    if isinstance(node, exp.Literal) and node.is_string:
        return exp.Literal.string(date_part(node.this))
    raise SqlError(f'invalid datepart "{node.sql()}"')


def _function(node: exp.Anonymous) -> exp.Expr:
    name = node.name.lower()
    arguments = list(node.expressions)
    if name == "listagg":
        return node if isinstance(node.parent, exp.WithinGroup) else _string_agg(arguments, None)
    if name in _PART_FIRST and arguments:
        arguments = [_part(arguments[0]), *map(_as_timestamp, arguments[1:])]
    elif name in _DATE_FIRST and arguments:
        arguments = [_as_timestamp(arguments[0]), *arguments[1:]]
    node.set("this", _RENAMED.get(name, node.name))
    node.set("expressions", arguments)
    return node


def _as_timestamp(node: exp.Expr) -> exp.Expr:
    is_text = isinstance(node, exp.Literal) and node.is_string
    return exp.cast(node, exp.DType.TIMESTAMP) if is_text or isinstance(node, exp.Placeholder) else node


def _extract(node: exp.Extract) -> exp.Expr:
    return exp.Anonymous(this="extract_part", expressions=[_part(node.this), node.expression])


def _listagg(node: exp.WithinGroup) -> exp.Expr:
    """LISTAGG(x, ',') WITHIN GROUP (ORDER BY y) is STRING_AGG(x, ',' ORDER BY y) in PostgreSQL."""
    function = node.this
    if isinstance(function, exp.Anonymous) and function.name.lower() == "listagg":
        return _string_agg(list(function.expressions), node.expression)
    return node


def _string_agg(arguments: list[exp.Expr], order: exp.Expr | None) -> exp.Expr:
    distinct = isinstance(arguments[0], exp.Distinct)
    if distinct:
        arguments = list(arguments[0].expressions)
    value, separator = arguments[0], arguments[1] if len(arguments) > 1 else exp.Literal.string("")
    text = exp.cast(value.copy(), exp.DType.TEXT)
    if order is not None:
        for key in order.expressions:
            if distinct and key.this == value:  # PostgreSQL: with DISTINCT, the order is by the argument itself
                key.set("this", text.copy())
        separator = exp.Order(this=separator, expressions=order.expressions)
    first: exp.Expr = exp.Distinct(expressions=[text]) if distinct else text
    return exp.Anonymous(this="string_agg", expressions=[first, separator])
