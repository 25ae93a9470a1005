"""MERGE, which knows one WHEN MATCHED and one WHEN NOT MATCHED.

Source: "MERGE", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.restrictions.check import Checks


def _merge(node: exp.Merge) -> None:
    target, source = node.this, node.args["using"]
    if target.alias:
        raise _refused("an alias of the target table")
    if not isinstance(source, exp.Table):
        raise _refused("a subquery as its source")
    if source.name.lower() == target.name.lower() and source.db.lower() == target.db.lower():
        raise _refused("the target table as its source")
    if node.args.get("with_"):
        raise _refused("WITH")
    matched = []
    for when in node.args["whens"].expressions:
        _when(when)
        matched.append(bool(when.args.get("matched")))
    if matched != [True, False]:
        raise SqlError("MERGE requires WHEN MATCHED THEN ... followed by WHEN NOT MATCHED THEN INSERT ...")


def _when(when: exp.When) -> None:
    if when.args.get("condition") is not None:
        raise _refused("a condition after WHEN")
    if when.args.get("source"):
        raise _refused("WHEN NOT MATCHED BY SOURCE")
    action = when.args.get("then")
    if isinstance(action, exp.Var) and action.name.upper() != "DELETE":
        raise _refused(action.name.upper())
    for assigned in action.expressions if isinstance(action, exp.Update) else ():
        if isinstance(assigned.this, exp.Column) and assigned.this.table:
            raise _refused("a table name before the column that SET changes")


def _refused(what: str) -> SqlError:
    return SqlError(f"MERGE does not support {what}")


CHECKS: Checks = {exp.Merge: _merge}
