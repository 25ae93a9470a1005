"""ANALYZE and COMMENT."""

from __future__ import annotations

from local_cloud.redshift.errors import not_emulated
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation


def translate_analyze(statement: Statement) -> Translation:
    """ANALYZE [table]; Redshift's options have no counterpart."""
    words = statement.words(2)
    if words[1:] in (["COMPRESSION"], ["VERBOSE"]):
        raise not_emulated(" ".join(words))
    table = "" if len(words) < 2 else statement.tokens[1].text
    return Translation(f"ANALYZE {table}".strip(), "ANALYZE")


def translate_comment(statement: Statement) -> Translation:
    """PostgreSQL's statement has the same form."""
    return Translation(statement.text, "COMMENT")
