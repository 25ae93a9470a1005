"""Where a statement stops being SQL: the word, its line and its column."""

from __future__ import annotations

import sqlglot
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.errors import SqlError, SqlSyntaxError, not_emulated
from local_cloud.redshift.sql.dialect import Reader

_QUERY = {TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN}


def near(token: Token) -> SqlSyntaxError:
    """The error at a token."""
    return SqlSyntaxError(token.text, token.line, token.col - (token.end - token.start))


def from_parser(error: ParseError) -> SqlSyntaxError:
    """sqlglot's error as Redshift words it."""
    problem = error.errors[0] if error.errors else {}
    word = str(problem.get("highlight") or "end of input")
    return SqlSyntaxError(word, int(problem.get("line") or 1), max(int(problem.get("col") or 1) - len(word) + 1, 1))


def not_parsed(text: str) -> SqlError:
    """The error of a CREATE, ALTER or DROP that sqlglot gave up: in its query, if it has a wrong one."""
    tokens = sqlglot.tokenize(text, read=Reader)
    depth = 0
    for i, token in enumerate(tokens[:-1]):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth == 0 and token.token_type == TokenType.ALIAS and tokens[0].text.upper() == "CREATE":
            following = tokens[i + 1]
            if following.token_type not in _QUERY:
                return near(following)
            query = " " * following.start + text[following.start :]
            lines = "\n" * text.count("\n", 0, following.start)
            try:
                sqlglot.parse_one(lines + query[len(lines) :], read=Reader)
            except ParseError as error:
                return from_parser(error)
    return not_emulated(" ".join(text.split()[:4]))
