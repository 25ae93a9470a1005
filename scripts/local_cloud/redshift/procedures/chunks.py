"""Cuts a procedure's body into chunks: a statement each, or the head of an IF, a loop or a handler."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.errors import SqlError, SqlSyntaxError
from local_cloud.redshift.sql.statement import tokenize
from local_cloud.redshift.sql.syntax_errors import near

LABEL = "<"
_LABEL_TOKENS = 5  # <<name>> is < < name > >
_UNTIL_THEN = {"IF", "ELSIF", "ELSEIF", "WHEN", "CASE"}
ALONE = {"BEGIN", "DECLARE", "ELSE", "LOOP", "EXCEPTION"}  # these end without a semicolon


@dataclass
class Chunk:
    """One statement, or the part of one that ends in THEN or LOOP."""

    text: str
    tokens: list[Token]
    word: str = field(init=False)
    handled: bool = False  # a BEGIN whose block has an EXCEPTION

    def __post_init__(self) -> None:
        self.word = self.tokens[0].text.upper()

    def cut(self, first: int, last: int | None = None) -> str:
        """The text of tokens first to last - 1."""
        chosen = self.tokens[first:last]
        return self.text[chosen[0].start : chosen[-1].end + 1] if chosen else ""

    def located(self, error: SqlSyntaxError) -> SqlSyntaxError:
        """The error of a part of the chunk, with its place in the body."""
        line = self.tokens[0].line + error.line - 1
        for token in self.tokens:
            if token.text == error.word and token.line >= line:
                return near(token)
        return near(self.tokens[0])

    def find(self, word: str, first: int = 1) -> int | None:
        """The index of a word outside parentheses."""
        depth = 0
        for i, token in enumerate(self.tokens):
            depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
            if i >= first and depth == 0 and is_word(token, word):
                return i
        return None


def is_word(token: Token, word: str) -> bool:
    return token.token_type not in {TokenType.STRING, TokenType.IDENTIFIER} and token.text.upper() == word


def chunks(text: str) -> list[Chunk]:
    """The body's chunks in order."""
    found = list(_chunks(text))
    open_blocks: list[Chunk] = []
    for chunk in found:
        if chunk.word in {"BEGIN", "IF", "LOOP", "WHILE", "FOR", "CASE"}:
            open_blocks.append(chunk)
        elif chunk.word == "END" and open_blocks:
            open_blocks.pop()
        elif chunk.word == "EXCEPTION" and open_blocks:
            open_blocks[-1].handled = True
    return found


def _chunks(text: str) -> Iterator[Chunk]:
    tokens: list[Token] = []
    cases = 0
    for token in tokenize(text):
        if token.token_type == TokenType.SEMICOLON:
            if tokens:
                yield Chunk(text, tokens)
            tokens, cases = [], 0
            continue
        word = token.text.upper() if token.token_type not in {TokenType.STRING, TokenType.IDENTIFIER} else ""
        if not tokens and word in ALONE:
            yield Chunk(text, [token])
            continue
        tokens.append(token)
        if tokens[0].text == LABEL and len(tokens) == _LABEL_TOKENS:
            yield Chunk(text, tokens)
            tokens = []
            continue
        cases += {"CASE": 1, "END": -1}.get(word, 0) if len(tokens) > 1 else 0
        ends = word == "THEN" and cases == 0 and tokens[0].text.upper() in _UNTIL_THEN
        if ends or (word == "LOOP" and tokens[0].text.upper() in {"WHILE", "FOR"}):
            yield Chunk(text, tokens)
            tokens, cases = [], 0
    if tokens:
        raise SqlError(f'syntax error at end of procedure: ";" is missing after "{tokens[-1].text}"')
