"""Functions of dates and times: the names of date parts, and strings that stand for a TIMESTAMP."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.rules.dateparts import date_part
from local_cloud.redshift.sql.rules.rule import FunctionRules, NodeRules

# The first argument names a part of a date, with or without quotes.
_PART_FIRST = ("datediff", "date_diff", "dateadd", "date_add", "date_part", "datepart", "pgdate_part", "date_trunc")
_NUMBER_SECOND = ("dateadd", "date_add")
# The first argument is a date.
_DATE_FIRST = ("last_day", "add_months", "next_day", "date_part_year")
_DATES_ONLY = ("months_between",)
_RENAMED = {"date_diff": "datediff", "datepart": "date_part", "pgdate_part": "date_part"}


def _part_first(node: exp.Anonymous) -> exp.Expr:
    name = node.name.lower()
    if node.expressions:
        part, *others = node.expressions
        first = 1 if name in _NUMBER_SECOND else 0
        dates = map(_as_timestamp, others[first:])
        node.set("expressions", [_part(part), *others[:first], *dates])
    node.set("this", _RENAMED.get(name, node.name))
    return node


def _date_first(node: exp.Anonymous) -> exp.Expr:
    if node.expressions:
        date, *others = node.expressions
        node.set("expressions", [_as_timestamp(date), *others])
    return node


def _dates_only(node: exp.Anonymous) -> exp.Expr:
    node.set("expressions", [_as_timestamp(argument) for argument in node.expressions])
    return node


def _extract(node: exp.Extract) -> exp.Expr:
    return exp.Anonymous(this="extract_part", expressions=[_part(node.this), node.expression])


def _part(node: exp.Expr) -> exp.Expr:
    """minute, "minute" and 'minutes' name the same part."""
    if (isinstance(node, exp.Column) and not node.table) or isinstance(node, exp.Var):
        return exp.Literal.string(date_part(node.name))
    if isinstance(node, exp.Literal) and node.is_string:
        return exp.Literal.string(date_part(node.this))
    raise SqlError(f'invalid datepart "{node.sql()}"')


def _as_timestamp(node: exp.Expr) -> exp.Expr:
    """A bare string as a date is a TIMESTAMP, where PostgreSQL would take a TIMESTAMPTZ."""
    is_text = isinstance(node, exp.Literal) and node.is_string
    return exp.cast(node, exp.DType.TIMESTAMP) if is_text or isinstance(node, exp.Placeholder | exp.Null) else node


NODES: NodeRules = {exp.Extract: _extract}
FUNCTIONS: FunctionRules = {
    **dict.fromkeys(_PART_FIRST, _part_first),
    **dict.fromkeys(_DATE_FIRST, _date_first),
    **dict.fromkeys(_DATES_ONLY, _dates_only),
}
