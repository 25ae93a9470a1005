"""LOCK, which takes an access exclusive lock and has no modes."""

from __future__ import annotations

from local_cloud.redshift.errors import not_redshift
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation


def translate_lock(statement: Statement) -> Translation:
    """LOCK [TABLE] name, ..."""
    words = statement.words(len(statement.tokens))
    tables = statement.after(2 if words[1] == "TABLE" else 1)
    if {"IN", "NOWAIT", "ONLY"} & set(words):
        raise not_redshift("LOCK with a mode")
    return Translation(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE", "LOCK")
