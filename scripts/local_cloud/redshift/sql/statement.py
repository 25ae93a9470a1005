"""The text of one statement, and its tokens."""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.context import NO_CONTEXT, Context
from local_cloud.redshift.sql.dialect import Reader


@dataclass(frozen=True)
class Statement:
    """The text of one statement, its tokens, and what it is translated with."""

    text: str
    tokens: list[Token]
    context: Context = NO_CONTEXT

    def words(self, count: int) -> list[str]:
        return [token.text.upper() for token in self.tokens[:count]]

    def after(self, count: int) -> str:
        """The text after the first `count` tokens."""
        return self.text[self.tokens[count].start :] if len(self.tokens) > count else ""


def tokenize(sql: str) -> list[Token]:
    try:
        return list(sqlglot.tokenize(sql, read=Reader))
    except TokenError as error:
        raise SqlError(f"syntax error: {error}") from None


def single(sql: str, context: Context = NO_CONTEXT) -> Statement:
    """The only statement of a text. Raises SqlError if the text has none or several."""
    tokens = tokenize(sql)
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise SqlError("The SQL text contains no statement")
    if any(token.token_type == TokenType.SEMICOLON for token in tokens):
        raise SqlError("Only one SQL statement is allowed; use BatchExecuteStatement for several")
    return Statement(sql[tokens[0].start : tokens[-1].end + 1], _offset(tokens), context)


def _offset(tokens: list[Token]) -> list[Token]:
    start = tokens[0].start
    return [
        Token(t.token_type, t.text, t.line, t.col, t.start - start, t.end - start, list(t.comments)) for t in tokens
    ]
