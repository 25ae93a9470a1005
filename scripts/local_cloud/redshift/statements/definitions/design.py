"""The physical design of a new table, which internal/designs.sql keeps for the system views and for ALTER TABLE.

Source: "CREATE TABLE", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

import json

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.tree import literal
from local_cloud.redshift.statements.definitions.table_attributes import Attributes

_MOST_KEYS = 400
_MOST_INTERLEAVED_KEYS = 8
_WITHOUT_ORDER = {exp.DType.SUPER, exp.DType.GEOMETRY, exp.DType.GEOGRAPHY, exp.DType.HLLSKETCH}


def keep_design(statement: Statement, attributes: Attributes) -> str:
    """The statement that announces the design to the event trigger; empty if the design is AUTO without keys."""
    design = _design(statement, attributes)
    return f"SELECT redshift.announce_design({literal(json.dumps(design))}); " if design else ""


def _design(statement: Statement, attributes: Attributes) -> dict[str, object]:
    try:
        tree = sqlglot.parse_one(statement.text, read=Reader)
    except ParseError:
        return {}  # the translation tells the reason
    table = tree.find(exp.Table)
    if not isinstance(tree, exp.Create) or table is None:
        return {}
    columns = [one for one in tree.this.expressions if isinstance(one, exp.ColumnDef)]
    distkey, sortkeys, encodings = attributes.distkey, list(attributes.sortkeys), {}
    for column in columns:
        for word in _encodings(column):
            if word == "DISTKEY":
                distkey = column.name.lower()
            elif word == "SORTKEY":
                sortkeys.append(column.name.lower())
            else:
                encodings[column.name.lower()] = word.lower()
    _check(columns, sortkeys, interleaved=attributes.interleaved)
    like = tree.find(exp.LikeProperty)
    primary = tree.find(exp.PrimaryKey, exp.PrimaryKeyColumnConstraint) is not None
    if not (attributes.style or distkey or sortkeys or encodings or like or primary or tree.find(*_KEYS)):
        return {}
    return {
        "table": table.name.lower(),
        "style": "KEY" if distkey else attributes.style,
        "distkey": distkey,
        "sortkeys": sortkeys,
        "interleaved": attributes.interleaved,
        "encodings": encodings,
        "like": like.this.sql("postgres") if like else "",
        "keys": _keys(tree, columns),
    }


_KEYS = (exp.UniqueColumnConstraint, exp.ForeignKey, exp.Reference)


def _encodings(column: exp.ColumnDef) -> list[str]:
    kinds = [constraint.kind for constraint in column.args.get("constraints") or ()]
    return [kind.name.upper() for kind in kinds if isinstance(kind, exp.EncodeColumnConstraint)]


def _check(columns: list[exp.ColumnDef], sortkeys: list[str], *, interleaved: bool) -> None:
    types = {column.name.lower(): column.args.get("kind") for column in columns}
    if len(sortkeys) > (_MOST_INTERLEAVED_KEYS if interleaved else _MOST_KEYS):
        raise SqlError("A sort key has at most 400 columns, an interleaved one 8")
    for name in sortkeys:
        if types and name not in types:
            raise SqlError(f'column "{name}" named in key does not exist')
        kind = types.get(name)
        if kind is not None and kind.this in _WITHOUT_ORDER:
            raise SqlError(f'column "{name}" of type {kind.sql("redshift").lower()} cannot be a sort key')


def _keys(tree: exp.Create, columns: list[exp.ColumnDef]) -> list[dict[str, object]]:
    """The informational constraints; the name is empty if it is generated."""
    found: list[dict[str, object]] = []
    for column in columns:
        for constraint in column.args.get("constraints") or ():
            kind = _kind(constraint.kind)
            if kind:
                found.append(_key(kind, constraint.args.get("this"), [column.name], constraint.kind))
    for item in tree.this.expressions:
        inner = item.expressions[0] if isinstance(item, exp.Constraint) and item.expressions else item
        if not isinstance(item, exp.ColumnDef) and (kind := _kind(inner)):
            name = item.this if isinstance(item, exp.Constraint) else None
            found.append(_key(kind, name, _columns(inner), inner))
    return found


def _kind(node: exp.Expr) -> str:
    if isinstance(node, exp.PrimaryKey | exp.PrimaryKeyColumnConstraint):
        return "p"
    if isinstance(node, exp.UniqueColumnConstraint):
        return "u"
    return "f" if isinstance(node, exp.ForeignKey | exp.Reference) else ""


def _columns(node: exp.Expr) -> list[str]:
    names = node.this.expressions if isinstance(node, exp.UniqueColumnConstraint) else node.expressions
    return [one.name for one in names]


def _key(kind: str, name: exp.Expr | None, columns: list[str], node: exp.Expr) -> dict[str, object]:
    reference = node if isinstance(node, exp.Reference) else node.args.get("reference")
    schema = reference.this if isinstance(reference, exp.Reference) else None
    return {
        "kind": kind,
        "name": name.name.lower() if name is not None else "",
        "columns": [column.lower() for column in columns],
        "parent": (schema.this if isinstance(schema, exp.Schema) else schema).sql("postgres") if schema else "",
        "parents": [one.name.lower() for one in schema.expressions] if isinstance(schema, exp.Schema) else [],
    }
