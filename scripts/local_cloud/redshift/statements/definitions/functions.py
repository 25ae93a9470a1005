"""CREATE, ALTER and DROP FUNCTION: scalar functions in SQL.

Source: "CREATE FUNCTION", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.errors import SqlError, not_emulated, not_redshift
from local_cloud.redshift.procedures.header import type_of
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.syntax_errors import from_parser, near
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import generate, literal, parse
from local_cloud.redshift.sql.words import Words

_MOST_ARGUMENTS = 32
_VOLATILITIES = {"VOLATILE", "STABLE", "IMMUTABLE"}
_AFTER_TYPE = _VOLATILITIES | {"AS", "LANGUAGE"}
_CLAUSES = ("from_", "into", "where", "group", "having", "order", "limit", "offset", "with_", "joins")
_ARGUMENT = re.compile(r"\$([0-9]+)")
_NUMBER = re.compile(r"(?i)(decimal|numeric|smallint|int|bigint|float|double|real)")


def translate_function(statement: Statement, verb: str) -> Translation:
    """The body is one SELECT of an expression, which names its arguments $1, $2, ..."""
    if verb != "CREATE":
        return Translation(statement.text, f"{verb} FUNCTION")
    words = Words("CREATE FUNCTION", statement.tokens, 1)
    replaces = words.skip("OR")
    if replaces:
        words.expect("REPLACE")
    words.expect("FUNCTION")
    name = words.qualified_name()
    arguments = _arguments(words, statement.text)
    words.expect("RETURNS")
    result, _ = _type(words, statement.text)
    volatility, language, body = "", "", None
    while words.more():
        if words.skip("AS"):
            body = words.take().text
        elif words.skip("LANGUAGE"):
            language = words.take().text.lower()
        elif words.peek() in _VOLATILITIES:
            volatility = words.word()
        else:
            raise near(words.take())
    if language == "plpgsql":
        raise not_redshift("CREATE FUNCTION in plpgsql")
    if language != "sql":
        raise not_emulated(f"CREATE FUNCTION in {language or 'another language than SQL'}")
    if body is None or not volatility:
        raise SqlError("syntax error at end of input: CREATE FUNCTION requires VOLATILE, STABLE or IMMUTABLE, and AS")
    query = _body(body, arguments, statement)
    types = ", ".join(kind for kind, _ in arguments)
    create = "CREATE OR REPLACE" if replaces else "CREATE"
    text = f"SELECT ({query})::{result}"
    return Translation(
        f"{create} FUNCTION {name}({types}) RETURNS {result} LANGUAGE sql {volatility} AS {literal(text)}",
        "CREATE FUNCTION",
    )


def _arguments(words: Words, text: str) -> list[tuple[str, str]]:
    """The types, PostgreSQL's and Redshift's."""
    words.expect("(")
    found: list[tuple[str, str]] = []
    while not words.skip(")"):
        if found:
            words.expect(",")
        found.append(_type(words, text))
    if len(found) > _MOST_ARGUMENTS:
        raise SqlError(f"A function has at most {_MOST_ARGUMENTS} arguments")
    return found


def _type(words: Words, text: str) -> tuple[str, str]:
    """The longest run of words that is a type."""
    first = words.at
    taken: list[Token] = []
    best = 0
    depth = 0
    while words.more() and words.peek() not in _AFTER_TYPE:
        if depth == 0 and words.tokens[words.at].token_type in {TokenType.COMMA, TokenType.R_PAREN}:
            break
        taken.append(words.take())
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(taken[-1].token_type, 0)
        if depth:
            continue
        if type_of(text, taken) is None and taken[-1].text.upper() not in {"DOUBLE", "CHARACTER"}:
            break
        best = len(taken)
    words.at = first + best
    kind = type_of(text, taken[:best]) if best else None
    if kind is None:
        raise near(words.tokens[min(first, len(words.tokens) - 1)])
    return kind, text[taken[0].start : taken[best - 1].end + 1]


def _body(body: str, arguments: list[tuple[str, str]], statement: Statement) -> str:
    """The expression for PostgreSQL."""

    def argument(found: re.Match[str]) -> str:
        number = int(found[1])
        if not 1 <= number <= len(arguments):
            raise SqlError(f"there is no parameter ${number}")
        kind = arguments[number - 1][1]
        return f'CAST("${number}" AS {kind})' if _NUMBER.match(kind) else f'"${number}"'

    text = _ARGUMENT.sub(argument, body).strip().rstrip(";")
    try:
        tree = sqlglot.parse_one(text, read=Reader)
    except ParseError as error:
        raise from_parser(error) from None
    clauses = [clause for clause in _CLAUSES if tree.args.get(clause)]
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or clauses:
        raise SqlError("The body of a function in SQL is SELECT with one expression: no FROM, WHERE, GROUP BY or LIMIT")
    written = generate(parse(text, statement.context, named=False), [], statement.context)
    return re.sub(r'"\$([0-9]+)"', r"$\1", written.removeprefix("SELECT "))
