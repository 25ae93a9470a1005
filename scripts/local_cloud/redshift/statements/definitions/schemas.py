"""CREATE, ALTER and DROP SCHEMA."""

from __future__ import annotations

from local_cloud.redshift.errors import not_emulated
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation


def translate_schema(statement: Statement, verb: str) -> Translation:
    """Quotas are not emulated; ALTER changes the owner or the name."""
    words = statement.words(len(statement.tokens))
    if "QUOTA" in words:
        raise not_emulated("CREATE SCHEMA ... QUOTA")
    if verb == "ALTER" and "OWNER" not in words and "RENAME" not in words:
        raise not_emulated("ALTER SCHEMA")
    return Translation(statement.text, f"{verb} SCHEMA")
