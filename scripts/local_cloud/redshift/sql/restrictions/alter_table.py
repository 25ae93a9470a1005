"""ALTER TABLE, which makes one change a statement. Source: "ALTER TABLE", Amazon Redshift Database Developer Guide."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError, not_redshift
from local_cloud.redshift.sql.restrictions.check import Checks

_DESIGN = (exp.AlterSortKey, exp.AlterDistStyle)  # these may stand beside each other
_NOT_ADDED = {
    exp.GeneratedAsIdentityColumnConstraint: "IDENTITY",
    exp.UniqueColumnConstraint: "UNIQUE",
    exp.PrimaryKeyColumnConstraint: "PRIMARY KEY",
    exp.Reference: "REFERENCES",
}


def _alter(node: exp.Alter) -> None:
    if node.args.get("exists"):
        raise not_redshift("ALTER TABLE IF EXISTS")
    actions = node.args.get("actions") or []
    if len(actions) > 1 and not all(isinstance(action, _DESIGN) for action in actions):
        raise SqlError('syntax error at or near ",": ALTER TABLE adds, drops or changes one column at a time')
    for action in actions:
        if isinstance(action, exp.ColumnDef):
            _add_column(action)
        elif isinstance(action, exp.Drop) and action.args.get("exists"):
            raise not_redshift("DROP COLUMN IF EXISTS")
        elif isinstance(action, exp.AlterColumn):
            _alter_column(action)


def _add_column(column: exp.ColumnDef) -> None:
    if column.args.get("exists"):
        raise not_redshift("ADD COLUMN IF NOT EXISTS")
    kinds = [type(constraint.kind) for constraint in column.args.get("constraints") or ()]
    for kind in kinds:
        if kind in _NOT_ADDED:
            raise SqlError(f"ALTER TABLE ADD COLUMN does not support {_NOT_ADDED[kind]}")
    if exp.NotNullColumnConstraint in kinds and exp.DefaultColumnConstraint not in kinds:
        raise SqlError("ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression")


def _alter_column(action: exp.AlterColumn) -> None:
    kind = action.args.get("dtype")
    if kind is None:
        raise not_redshift("ALTER COLUMN with SET or DROP")
    if kind.this not in {exp.DType.VARCHAR, exp.DType.NVARCHAR, exp.DType.TEXT} or action.args.get("using"):
        raise SqlError(f'cannot alter type of column "{action.name}": only the size of a VARCHAR can change')


CHECKS: Checks = {exp.Alter: _alter}
