"""GRANT and REVOKE."""

from __future__ import annotations

from local_cloud.redshift.errors import not_emulated
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation

_NOT_EMULATED = ("ASSUMEROLE", "DATASHARE", "ROLE", "MODEL", "MASKING", "RLS", "SCOPED")


def translate_grant(statement: Statement) -> Translation:
    """Rights on tables, views, schemas and procedures, which PostgreSQL grants with the same words."""
    words = statement.words(len(statement.tokens))
    for special in _NOT_EMULATED:
        if special in words:
            raise not_emulated(f"{words[0]} ... {special}")
    if "DROP" in words[:3]:
        raise not_emulated("GRANT DROP")
    return Translation(statement.text, words[0])
