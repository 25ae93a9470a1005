"""Definitions without their physical design, and with Redshift's idea of constraints.

DISTKEY, SORTKEY, ENCODE, BACKUP and AUTO REFRESH have no effect here. PRIMARY KEY, UNIQUE and FOREIGN KEY are
informational in Redshift and never enforced, so they are dropped too; that a primary key is NOT NULL is enforced.
Source: "CREATE TABLE" and "Table constraints", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import not_emulated, not_redshift

_KEPT_PROPERTIES = (exp.TemporaryProperty, exp.MaterializedProperty, exp.LikeProperty)
_DROPPED_PROPERTIES = (
    exp.BackupProperty,
    exp.DistStyleProperty,
    exp.DistKeyProperty,
    exp.SortKeyProperty,
    exp.AutoRefreshProperty,
    exp.EncodeProperty,
    exp.WithSchemaBindingProperty,
)
_KEPT_CONSTRAINTS = (exp.NotNullColumnConstraint, exp.DefaultColumnConstraint, exp.GeneratedAsIdentityColumnConstraint)
_DROPPED_CONSTRAINTS = (
    exp.EncodeColumnConstraint,
    exp.PrimaryKeyColumnConstraint,
    exp.UniqueColumnConstraint,
    exp.Reference,
    exp.CollateColumnConstraint,
)
_TABLE_CONSTRAINTS = (exp.PrimaryKey, exp.UniqueColumnConstraint, exp.ForeignKey, exp.Constraint)
_IDENTITY = exp.GeneratedAsIdentityColumnConstraint(  # IDENTITY without (seed, step)
    this=True, start=exp.Literal.number(1), increment=exp.Literal.number(1)
)


def without_design(tree: exp.Expr) -> exp.Expr:
    """The definition for PostgreSQL; other statements are returned unchanged."""
    if isinstance(tree, exp.Create):
        _create(tree)
    elif isinstance(tree, exp.Alter):
        _alter(tree)
    return tree


def _create(tree: exp.Create) -> None:
    tree.set("no_schema_binding", None)
    properties = tree.args.get("properties")
    if properties is not None:
        kept = [p for p in properties.expressions if _keeps(p)]
        tree.set("properties", exp.Properties(expressions=kept) if kept else None)
    table = tree.find(exp.Table)
    if tree.kind == "TABLE" and table is not None and table.name.startswith("#"):
        tree.set("properties", exp.Properties(expressions=[exp.TemporaryProperty()]))
    if tree.args.get("replace") and properties is not None and properties.find(exp.MaterializedProperty):
        raise not_redshift("CREATE OR REPLACE MATERIALIZED VIEW")
    if tree.args.get("replace") and tree.kind == "TABLE":
        raise not_redshift("CREATE OR REPLACE TABLE")
    if isinstance(tree.this, exp.Schema) and tree.kind == "TABLE":
        _columns(tree.this)


def _keeps(prop: exp.Expr) -> bool:
    if isinstance(prop, _KEPT_PROPERTIES):
        return True
    if isinstance(prop, _DROPPED_PROPERTIES):
        return False
    raise not_redshift(prop.sql(dialect="redshift") or type(prop).__name__)


def _columns(schema: exp.Schema) -> None:
    keys: set[str] = set()
    for item in list(schema.expressions):
        if isinstance(item, exp.ColumnDef):
            keys |= _column(item)
        elif isinstance(item, _TABLE_CONSTRAINTS):
            primary = item if isinstance(item, exp.PrimaryKey) else item.find(exp.PrimaryKey)
            keys |= {column.name.lower() for column in primary.expressions} if primary else set()
            item.pop()
    for item in schema.expressions:
        if isinstance(item, exp.ColumnDef) and item.name.lower() in keys:
            item.append("constraints", exp.ColumnConstraint(kind=exp.NotNullColumnConstraint()))


def _column(column: exp.ColumnDef) -> set[str]:
    """Removes constraints from one column; returns its name if it is a primary key."""
    kept, keys = [], set()
    for constraint in column.args.get("constraints") or []:
        kind = constraint.kind
        if isinstance(kind, exp.PrimaryKeyColumnConstraint):
            keys.add(column.name.lower())
        if isinstance(kind, _KEPT_CONSTRAINTS):
            kept.append(constraint)
            _identity(kind)
        elif isinstance(kind, exp.CollateColumnConstraint) and (name := kind.this.sql().upper()) != "CASE_SENSITIVE":
            raise not_emulated(f"COLLATE {name}")
        elif isinstance(kind, exp.AutoIncrementColumnConstraint):
            kept.append(exp.ColumnConstraint(kind=_IDENTITY.copy()))
        elif not isinstance(kind, _DROPPED_CONSTRAINTS):
            raise not_redshift(constraint.sql(dialect="redshift"))
    column.set("constraints", kept)
    return keys


def _identity(kind: exp.Expr) -> None:
    """IDENTITY(0, 1) starts at 0, which PostgreSQL's sequences allow only with a MINVALUE."""
    if isinstance(kind, exp.GeneratedAsIdentityColumnConstraint):
        kind.set("this", kind.args.get("on_null") is None)  # plain IDENTITY accepts no value from INSERT
        kind.set("minvalue", exp.Literal.number(min(0, int(kind.args["start"].name))))


def _alter(tree: exp.Alter) -> None:
    for action in tree.args.get("actions") or []:
        if isinstance(action, exp.ColumnDef):
            _column(action)
        elif isinstance(action, exp.AddConstraint):
            raise not_emulated("ALTER TABLE ... ADD CONSTRAINT")
        elif isinstance(action, exp.AlterSortKey | exp.AlterDistStyle):
            raise not_emulated("ALTER TABLE ... ALTER SORTKEY or DISTSTYLE")
