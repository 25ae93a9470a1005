"""BEGIN, COMMIT, ROLLBACK and their synonyms."""

from __future__ import annotations

from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation

_SYNONYMS = {"START": "BEGIN", "END": "COMMIT", "ABORT": "ROLLBACK"}


def translate_transaction(statement: Statement) -> Translation:
    """The statement without its options, except READ ONLY."""
    words = statement.words(len(statement.tokens))
    synonym = _SYNONYMS.get(words[0], words[0])
    reads = " ".join(words).endswith("READ ONLY")
    return Translation(f"{synonym} READ ONLY" if reads and synonym == "BEGIN" else synonym, words[0])
