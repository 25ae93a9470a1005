"""Navigation in SUPER values: a.b[0].c, and FROM t, t.items AS item AT place.

Source: "Querying semistructured data", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.analysis.scope import Scope
from local_cloud.redshift.sql.analysis.types import Type

SUPER = Type("super")


def navigated(node: exp.Column, scope: Scope) -> exp.Expr | None:
    """table.column.attribute or column.attribute as calls; None if the node names a column only."""
    names = [part.name for part in node.parts]
    size = 1 if len(names) > 1 and not scope.has_relation(names[0].lower()) else 2
    if len(names) <= size:
        return None
    relation = names[0].lower() if size == 2 else ""
    if scope.column(names[size - 1].lower(), relation)[1] != SUPER:
        return None
    value: exp.Expr = exp.column(names[size - 1], table=names[0] if size == 2 else None)
    for name in names[size:]:
        value = attribute(value, name)
    return value


def attribute(value: exp.Expr, name: str) -> exp.Expr:
    """Names of attributes are folded, as those of columns are: enable_case_sensitive_super_attribute is off."""
    return exp.Anonymous(this="redshift.super_attribute", expressions=[value, exp.Literal.string(name.lower())])


def element(value: exp.Expr, place: exp.Expr) -> exp.Expr:
    if isinstance(place, exp.Literal) and place.is_string:
        return attribute(value, place.name)
    return exp.Anonymous(this="redshift.super_element", expressions=[value, place])


class Unnesting:
    """An item of FROM that is an array: `path` is a Column."""

    def __init__(self, path: exp.Column, name: str, place: str) -> None:
        self.path = path
        self.name = name
        self.place = place
        self.relation = f"unnested {name}"

    @classmethod
    def of(cls, node: exp.Expr, scope: Scope) -> Unnesting | None:
        """None if the item is a table, a query or a function."""
        item, place = (node.this, node.expression.name) if isinstance(node, exp.AtIndex) else (node, "")
        if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
            path: exp.Expr = exp.Column(
                **dict(zip(("this", "table", "db", "catalog"), reversed(item.parts), strict=False))
            )
        else:
            path = item.unalias()
        if not isinstance(path, exp.Column) or not cls._is_value(path, scope):
            return None
        name = (item.alias or path.name).lower()
        return cls(path.copy(), name, place.lower() or f"place of {name}")

    @staticmethod
    def _is_value(path: exp.Column, scope: Scope) -> bool:
        first = path.parts[0].name.lower()
        if len(path.parts) > 1 and scope.has_relation(first):
            return True
        return any(
            name == first and alias.startswith("unnested ")
            for alias, columns in scope.relations.items()
            for name, _ in columns or ()
        )

    def lateral(self, value: exp.Expr) -> exp.Lateral:
        columns = [exp.to_identifier(name, quoted=True) for name in (self.name, self.place)]
        return exp.Lateral(
            this=exp.Anonymous(this="redshift.super_elements", expressions=[value]),
            alias=exp.TableAlias(this=exp.to_identifier(self.relation, quoted=True), columns=columns),
        )
