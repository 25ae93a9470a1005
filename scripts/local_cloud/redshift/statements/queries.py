"""SELECT and the statements that change rows."""

from __future__ import annotations

from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import translate_tree


def translate_query(statement: Statement) -> Translation:
    """SELECT, also behind WITH or in parentheses."""
    return translate_tree(statement, "SELECT")


def translate_change(statement: Statement) -> Translation:
    """INSERT, UPDATE, DELETE."""
    return translate_tree(statement, statement.words(1)[0])
