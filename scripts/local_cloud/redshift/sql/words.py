"""Reads the options of a statement, such as COPY, token by token."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.errors import SqlError

_STRINGS = {TokenType.STRING, TokenType.RAW_STRING}


@dataclass
class Words:
    """The tokens of a statement, taken one by one. `command` names the statement in errors."""

    command: str
    tokens: list[Token]
    at: int = 0
    seen: set[str] = field(default_factory=set)

    def more(self) -> bool:
        return self.at < len(self.tokens)

    def peek(self, ahead: int = 0) -> str:
        """The next word in capitals, or the one `ahead` of it; empty at the end."""
        return self.tokens[self.at + ahead].text.upper() if self.at + ahead < len(self.tokens) else ""

    def take(self) -> Token:
        if not self.more():
            raise SqlError("syntax error at end of input")
        self.at += 1
        return self.tokens[self.at - 1]

    def word(self) -> str:
        return self.take().text.upper()

    def option(self) -> str:
        """The name of the next option, which no statement has twice."""
        name = self.word()
        if name in self.seen:
            raise SqlError(f"conflicting or redundant options: {name}")
        self.seen.add(name)
        return name

    def skip(self, *words: str) -> bool:
        """Whether the next word is one of these; it is taken then."""
        if self.more() and not self.next_is_string() and self.peek() in words:
            self.at += 1
            return True
        return False

    def expect(self, *words: str) -> None:
        if not self.skip(*words):
            raise SqlError(f'syntax error at or near "{self.peek()}": {self.command} requires {" or ".join(words)}')

    def next_is_string(self) -> bool:
        return self.more() and self.tokens[self.at].token_type in _STRINGS

    def string(self, option: str) -> str:
        self.skip("AS")
        if not self.next_is_string():
            raise SqlError(f"{self.command} option {option} requires a quoted value")
        return self.take().text

    def number(self, option: str) -> int:
        self.skip("AS")
        token = self.take()
        if token.token_type != TokenType.NUMBER or not token.text.isdigit():
            raise SqlError(f"{self.command} option {option} requires a number")
        return int(token.text)

    def name(self) -> str:
        """An identifier, folded as Redshift folds it."""
        return self.take().text.lower()

    def qualified_name(self) -> str:
        """table, or schema.table, quoted for PostgreSQL."""
        parts = [self.name()]
        while self.skip("."):
            parts.append(self.name())
        return ".".join('"' + part.replace('"', '""') + '"' for part in parts)

    def names(self) -> tuple[str, ...]:
        """The names of a list in parentheses; empty if there is no list."""
        found: list[str] = []
        if self.skip("("):
            while True:
                found.append(self.name())
                if self.skip(")"):
                    break
                self.expect(",")
        return tuple(found)
