"""TRUNCATE, which commits its transaction."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import not_redshift
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import generate, parse


def translate_truncate(statement: Statement) -> Translation:
    """TRUNCATE [TABLE] name."""
    tree = parse(statement.text)
    if isinstance(tree, exp.TruncateTable) and (len(tree.expressions) > 1 or tree.args.get("identity")):
        raise not_redshift("TRUNCATE of several tables or with options")
    return Translation(generate(tree, []), "TRUNCATE", commits=True)
