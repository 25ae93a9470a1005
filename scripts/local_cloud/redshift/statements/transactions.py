"""BEGIN, COMMIT, ROLLBACK and their synonyms."""

from __future__ import annotations

from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation

_SYNONYMS = {"START": "BEGIN", "END": "COMMIT", "ABORT": "ROLLBACK"}


def translate_transaction(statement: Statement) -> Translation:
    """The statement without its options."""
    word = statement.words(1)[0]
    return Translation(_SYNONYMS.get(word, word), word)
