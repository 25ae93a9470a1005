"""Forms of Redshift's SQL that sqlglot's parser reads in another way, or not at all.

Source: "Interval data types and literals", "EXCLUDE column_list", "Object unpivoting", Amazon Redshift Database
Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlglot import exp
from sqlglot.parsers.redshift import RedshiftParser
from sqlglot.tokenizer_core import Token, TokenType

_TYPED = {TokenType.DATE, TokenType.TIME, TokenType.TIMETZ, TokenType.TIMESTAMP, TokenType.TIMESTAMPTZ}
_QUALIFIERS = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE"}
_NUMBER = re.compile(r"\s*[-+]?[0-9]+\s*")


def with_second_precision(tokens: list[Token]) -> list[Token]:
    """SECOND (3) of an interval as one token, which the engine reads as it is."""
    return list(_joined(tokens)) if any(token.text.upper() == "SECOND" for token in tokens) else tokens


def _joined(tokens: list[Token]) -> Iterator[Token]:
    i = 0
    while i < len(tokens):
        token, following = tokens[i], [one.text for one in tokens[i + 1 : i + 4]]
        if token.text.upper() == "SECOND" and len(following) == 3 and following[0] == "(" and following[1].isdigit():
            yield Token(
                TokenType.VAR, f"SECOND({following[1]})", token.line, token.col, token.start, tokens[i + 3].end, []
            )
            i += 4
        else:
            yield token
            i += 1


class RedshiftForms(RedshiftParser):
    """Mixed into the parser of dialect.py."""

    def _parse_type(self, parse_interval: bool = True, fallback_to_identifier: bool = False) -> exp.Expr | None:
        """TIMESTAMPTZ '...'::TIMESTAMP casts the typed literal."""
        index = self._index
        if self._curr and self._curr.token_type in _TYPED and self._next and self._next.token_type == TokenType.STRING:
            kind = self._parse_types(check_func=True, allow_identifiers=False)
            if kind is not None and self._match(TokenType.STRING, advance=False):
                return self._parse_column_ops(self.expression(exp.Cast(this=self._parse_primary(), to=kind)))
            self._retreat(index)
        return super()._parse_type(parse_interval, fallback_to_identifier)

    def _parse_interval(self, require_interval: bool = True, parse_function_unit: bool = True) -> Any:
        """INTERVAL '...' DAY TO SECOND: smaller parts than the qualifier's are cut off, as PostgreSQL's type does."""
        index = self._index
        if require_interval and self._match(TokenType.INTERVAL):
            text = self._curr.text if self._match(TokenType.STRING) else None
            literal = self._prev
            words = self._qualifier() if text is not None else []
            if text is not None and words and not (len(words) == 1 and _NUMBER.fullmatch(text)):
                unit: exp.Expr = exp.var(words[0])
                if len(words) > 1:
                    unit = exp.IntervalSpan(this=unit, expression=exp.var(words[1]))
                kind = exp.DataType(this=exp.Interval(unit=unit))
                return self.expression(exp.Cast(this=exp.Literal.string(literal.text), to=kind))
            self._retreat(index)
        return super()._parse_interval(require_interval, parse_function_unit)

    def _qualifier(self) -> list[str]:
        """YEAR, MONTH, DAY, ..., or two of them around TO; empty if there is none."""
        index = self._index
        words: list[str] = []
        if self._is_qualifier():
            words.append(self._advanced())
            if self._match_text_seq("TO"):
                if not self._is_qualifier():
                    self._retreat(index)
                    return []
                words.append(self._advanced())
        return words

    def _is_qualifier(self) -> bool:
        word = self._curr.text.upper() if self._curr else ""
        return word in _QUALIFIERS or word.startswith("SECOND(") or word == "SECOND"

    def _advanced(self) -> str:
        self._advance()
        return self._prev.text.upper()

    def _parse_star_op(self, *keywords: str) -> list[exp.Expr] | None:
        """* EXCLUDE a, b: the names need no parentheses."""
        if "EXCLUDE" in keywords and self._match_text_seq("EXCLUDE"):
            if self._match(TokenType.L_PAREN, advance=False):
                return self._parse_wrapped_csv(self._parse_expression)
            return self._parse_csv(self._parse_expression)
        return super()._parse_star_op(*keywords)

    def _parse_table(self, *args: Any, **kwargs: Any) -> exp.Expr | None:
        """UNPIVOT value AS v AT a, in FROM: the attributes of an object."""
        index = self._index
        if self._match(TokenType.UNPIVOT):
            value = self._parse_column()
            if value is not None and self._match(TokenType.ALIAS):
                alias = self._parse_id_var()
                place = self._parse_id_var() if self._match_text_seq("AT") else None
                inner = exp.alias_(value, alias.name if alias is not None else None)
                item = exp.AtIndex(this=inner, expression=place or exp.to_identifier(""))
                return self.expression(exp.Pivot(this=item, unpivot=True))
            self._retreat(index)
        return super()._parse_table(*args, **kwargs)
