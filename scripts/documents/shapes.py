"""Reads the types of object variables, key by key."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[\w.-]+|[(){}\[\],=])')
_PLACEHOLDERS = {"map": ".<key>", "list": "[]", "set": "[]"}
"""What stands in a path for an element of a collection."""


@dataclass(frozen=True)
class Key:
    """A key of an object: its path within the variable, its type, and its default in HCL; None if it is required."""

    path: str
    type: str
    default: str | None


def keys(name: str, type_: str) -> Iterator[Key]:
    """Yields every key of an object variable in the order of its type; none for a type without an object."""
    reader = _Reader(type_)
    yield from reader.type(name)[1]
    reader.end()


class _Reader:
    """Reads a type constraint: https://developer.hashicorp.com/terraform/language/expressions/type-constraints"""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0
        self._text = text

    def type(self, path: str) -> tuple[str, list[Key]]:
        """The type as it is shown, and the keys within it."""
        word = self._next()
        if word in _PLACEHOLDERS:
            self._expect("(")
            inner, found = self.type(f"{path}{_PLACEHOLDERS[word]}")
            self._expect(")")
            return f"{word}({inner})", found
        if word != "object":
            return word, []
        self._expect("(", "{")
        found = []
        while (key := self._next()) != "}":
            self._expect("=")
            found += self._attribute(f"{path}.{key}")
            if self._peek() == ",":
                self._next()
        self._expect(")")
        return "object", found

    def end(self) -> None:
        """Raises ValueError unless everything has been read."""
        if self._at != len(self._tokens):
            raise ValueError(f"{self._text}: unexpected {self._peek()}")

    def _attribute(self, path: str) -> list[Key]:
        optional = self._peek() == "optional"
        if optional:
            self._next()
            self._expect("(")
        type_, inside = self.type(path)
        default = None
        if optional:
            default = "null"
            if self._peek() == ",":
                self._next()
                default = self._value()
            self._expect(")")
        return [Key(path, type_, default), *inside]

    def _value(self) -> str:
        """A default, up to the bracket that closes optional(...)."""
        parts: list[str] = []
        depth = 0
        while depth or self._peek() != ")":
            word = self._next()
            depth += (word in "([{") - (word in ")]}")
            parts.append({",": ", ", "=": " = "}.get(word, word))
        return "".join(parts)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        word = self._peek()
        if not word:
            raise ValueError(f"{self._text}: ends too early")
        self._at += 1
        return word

    def _expect(self, *words: str) -> None:
        for word in words:
            if (found := self._next()) != word:
                raise ValueError(f"{self._text}: {found} where {word} belongs")
