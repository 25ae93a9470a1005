"""START WITH ... CONNECT BY, as a recursive CTE.

Source: "CONNECT BY clause", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError, not_emulated

_ROWS = "_connected"
_LEVEL = "level"


def without_connect_by(node: exp.Select) -> None:
    """The rows of START WITH are level 1; each further level joins the one before it, which PRIOR names."""
    connect = node.args["connect"]
    source = node.args["from_"].this if node.args.get("from_") else None
    if not isinstance(source, exp.Table | exp.Subquery) or node.args.get("joins") or connect.args.get("nocycle"):
        raise not_emulated("CONNECT BY of several relations or with NOCYCLE")
    if connect.args["connect"].find(exp.Prior) is None:
        raise SqlError("CONNECT BY requires a condition with PRIOR")
    name = source.alias_or_name.lower()
    first = exp.select(_star(name), exp.alias_(exp.Literal.number(1), _LEVEL, quoted=True)).from_(source.copy())
    if connect.args.get("start") is not None:
        first = first.where(connect.args["start"].copy())
    deeper = exp.Add(this=exp.column(_LEVEL, table=_ROWS, quoted=True), expression=exp.Literal.number(1))
    further = exp.select(_star(name), deeper).from_(source.copy()).join(_ROWS, on=_condition(connect, name))
    cte = exp.CTE(
        this=exp.Union(this=first, distinct=False, expression=further),
        alias=exp.TableAlias(this=exp.to_identifier(_ROWS, quoted=True)),
    )
    others = node.args["with_"].expressions if node.args.get("with_") else []
    node.set("with_", exp.With(expressions=[*others, cte], recursive=True))
    alias = exp.TableAlias(this=exp.to_identifier(name, quoted=True))
    node.set("from_", exp.From(this=exp.Table(this=exp.to_identifier(_ROWS, quoted=True), alias=alias)))
    node.set("connect", None)
    for star in [one for one in node.expressions if isinstance(one, exp.Star)]:
        star.set("except_", [exp.column(_LEVEL)])


def _star(name: str) -> exp.Column:
    return exp.Column(this=exp.Star(), table=exp.to_identifier(name, quoted=True))


def _condition(connect: exp.Expr, name: str) -> exp.Expr:
    """The condition with every column's relation: the level before for PRIOR, the relation itself for others."""
    condition: exp.Expr = exp.Paren(this=connect.args["connect"].copy())
    for column in list(condition.find_all(exp.Column)):
        prior = column.find_ancestor(exp.Prior)
        if prior is not None or not column.table:
            column.set("table", exp.to_identifier(_ROWS if prior is not None else name, quoted=True))
    for prior in list(condition.find_all(exp.Prior)):
        prior.replace(prior.this)
    return condition
