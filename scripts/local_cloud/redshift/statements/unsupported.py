"""The kinds of statements that Redshift does not have, or that the local cloud does not emulate."""

from __future__ import annotations

from local_cloud.redshift.errors import SqlError, not_emulated, not_redshift
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.syntax_errors import near

_NOT_IN_REDSHIFT = {
    "DO", "REINDEX", "CLUSTER", "LISTEN", "NOTIFY", "CHECKPOINT", "SAVEPOINT", "VALUES", "TABLE", "IMPORT",
}  # fmt: skip
_NOT_EMULATED = {
    "PREPARE", "EXECUTE", "DEALLOCATE",
    "CANCEL", "USE", "ATTACH", "DETACH",
}  # fmt: skip
_NAMES = {"DO": "DO blocks", "VALUES": "VALUES as a statement"}


def unsupported_statement(statement: Statement) -> SqlError:
    """The error for a statement whose first word `translate` does not know."""
    word = statement.words(1)[0]
    if word in _NOT_IN_REDSHIFT:
        return not_redshift(_NAMES.get(word, word))
    if word in _NOT_EMULATED:
        return not_emulated(word)
    return near(statement.tokens[0])
