"""Redshift's dialect for reading, PostgreSQL's for writing.

sqlglot would translate a function such as DATEDIFF by its meaning; here a function keeps its name, because
functions/*.sql define Redshift's functions in PostgreSQL with Redshift's results. sqlglot translates only what needs
another syntax in PostgreSQL (NVL2, DECODE, CONVERT, ...).
"""

from __future__ import annotations

from typing import ClassVar

from sqlglot import TokenType, exp
from sqlglot.dialects.dialect import DialectType
from sqlglot.dialects.redshift import Redshift
from sqlglot.parsers.redshift import RedshiftParser
from sqlglot.tokenizer_core import Token

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.forms import RedshiftForms, with_second_precision

_OTHER_SYNTAX = {"COALESCE", "NVL", "NVL2", "DECODE", "COUNT"}
_BY_NAME_ONLY = {"DATE_PART", "STRING_AGG", "ARG_MAX", "ARG_MIN", "MAX_BY", "MIN_BY", "CEIL", "FLOOR", "CHR"}


def _approximate(function: exp.Expr | None) -> exp.Expr | None:
    """The exact answer is one of the approximate ones."""
    inner = function
    while isinstance(inner, exp.WithinGroup | exp.Window):
        inner = inner.this
    counts_distinct = isinstance(inner, exp.Count) and isinstance(inner.this, exp.Distinct)
    if counts_distinct or (isinstance(inner, exp.Anonymous) and inner.name.upper() == "PERCENTILE_DISC"):
        return function
    raise SqlError("APPROXIMATE can only be used with COUNT(DISTINCT ...) and PERCENTILE_DISC")


def _xor(token: Token) -> Token:
    return Token(TokenType.HASH, "#", token.line, token.col, token.start, token.end, list(token.comments))


def _operator(function: str, operand: exp.Expr) -> exp.Expr:
    """An operator that a function stands for; labels.py knows by `operator` that its column has no name."""
    node = exp.Anonymous(this=function, expressions=[operand])
    node.meta["operator"] = True
    return node


class Reader(Redshift):
    """Redshift SQL, functions by their names."""

    def tokenize(self, sql: str, dialect: DialectType = None) -> list[Token]:
        """A # that stands alone is the operator XOR; before a name it belongs to a temporary table."""
        tokens = with_second_precision(super().tokenize(sql, dialect))
        return [_xor(token) if token.text == "#" and token.token_type == TokenType.VAR else token for token in tokens]

    class Tokenizer(Redshift.Tokenizer):
        # FLOAT is FLOAT8 in Redshift; sqlglot takes it for REAL.
        KEYWORDS: ClassVar = {**Redshift.Tokenizer.KEYWORDS, "FLOAT": TokenType.DOUBLE}
        del KEYWORDS["BYTEA"]  # PostgreSQL's name of VARBYTE
        COMMANDS: ClassVar[set[TokenType]] = set()  # CALL, REFRESH, EXECUTE, ...: tokens here, not one opaque string

    class Parser(RedshiftForms, RedshiftParser):
        SUPPORTS_IMPLICIT_UNNEST = False  # analysis/navigation.py unnests FROM t, t.items
        FUNCTIONS: ClassVar = {k: v for k, v in RedshiftParser.FUNCTIONS.items() if k in _OTHER_SYNTAX}
        FUNCTION_PARSERS: ClassVar = {
            k: v for k, v in RedshiftParser.FUNCTION_PARSERS.items() if k not in _BY_NAME_ONLY
        }
        NO_PAREN_FUNCTION_PARSERS: ClassVar = {
            **RedshiftParser.NO_PAREN_FUNCTION_PARSERS,
            "APPROXIMATE": lambda self: _approximate(self._parse_function()),
        }
        UNARY_PARSERS: ClassVar = {
            **RedshiftParser.UNARY_PARSERS,
            TokenType.PARAMETER: lambda self: _operator("abs", self._parse_unary()),  # @ -5
        }
        CONSTRAINT_PARSERS: ClassVar = {
            **RedshiftParser.CONSTRAINT_PARSERS,
            "DISTKEY": lambda _: exp.EncodeColumnConstraint(this=exp.var("DISTKEY")),
            "SORTKEY": lambda _: exp.EncodeColumnConstraint(this=exp.var("SORTKEY")),
        }
