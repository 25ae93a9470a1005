"""Statements that Redshift runs only outside a transaction block.

Sources: SVL_MULTI_STATEMENT_VIOLATIONS and ALTER TABLE, Amazon Redshift Database Developer Guide; the error's
wording is the one that users report (https://github.com/flyway/flyway/issues/2438).
"""

from __future__ import annotations

import re

from sqlglot.tokenizer_core import TokenType

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.statement import single

_NAME = r"\S+(?: \. \S+)*"
_KINDS = {
    r"VACUUM": "VACUUM",
    r"(?:CREATE|DROP) (?:DATABASE|EXTERNAL TABLE|LIBRARY)": "",
    r"CREATE OR REPLACE LIBRARY": "CREATE LIBRARY",
    rf"ALTER TABLE {_NAME} APPEND": "ALTER TABLE APPEND",
    # A column may be called type: ALTER DISTKEY type, ALTER COLUMN type ENCODE zstd.
    rf"ALTER TABLE {_NAME} ALTER (?:COLUMN |(?!COLUMN |DISTKEY ))\S+ TYPE": "ALTER TABLE ALTER COLUMN",
}


def check_allowed_in_block(sql: str) -> None:
    """Raises SqlError for a statement that cannot be one of several in a transaction."""
    tokens = single(sql).tokens[:16]
    text = " ".join('"' if token.token_type == TokenType.IDENTIFIER else token.text.upper() for token in tokens)
    for pattern, name in _KINDS.items():
        if found := re.match(rf"{pattern}\b", text):
            raise SqlError(f"{name or found[0]} cannot run inside a transaction block")
