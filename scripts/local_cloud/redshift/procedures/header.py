"""The header of CREATE PROCEDURE: name, arguments and options, read from the tokens.

Source: "CREATE PROCEDURE", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.rewrite import rewrite
from local_cloud.redshift.sql.syntax_errors import near
from local_cloud.redshift.sql.words import Words

_MODES = {"IN", "OUT", "INOUT"}
_MOST_ARGUMENTS = 32
_ENDS = {TokenType.COMMA, TokenType.R_PAREN}


@dataclass(frozen=True)
class Header:
    """Everything but the body; `arguments` and `name` are PostgreSQL's text."""

    name: str
    arguments: str
    body: str
    replaces: bool
    definer: bool
    nonatomic: bool


def parse_header(text: str, tokens: list[Token]) -> Header:
    """Raises SqlError."""
    words = Words("CREATE PROCEDURE", tokens)
    words.expect("CREATE")
    replaces = words.skip("OR")
    if replaces:
        words.expect("REPLACE")
    words.expect("PROCEDURE")
    name = words.qualified_name()
    arguments = _arguments(words, text)
    body: str | None = None
    language = ""
    definer = nonatomic = False
    while words.more():
        if words.skip("AS"):
            body = words.take().text
        elif words.skip("LANGUAGE"):
            language = words.take().text.lower()
        elif words.skip("NONATOMIC"):
            nonatomic = True
        elif words.skip("SECURITY"):
            definer = words.skip("DEFINER")
            if not definer:
                words.expect("INVOKER")
        elif words.skip("SET"):
            raise not_emulated("CREATE PROCEDURE ... SET")
        else:
            raise near(words.take())
    if language != "plpgsql":
        raise SqlError("A procedure's LANGUAGE must be plpgsql")
    if body is None:
        raise SqlError("syntax error at end of input: a procedure requires AS $$ ... $$")
    if nonatomic and definer:
        raise SqlError("SECURITY DEFINER is not supported for a NONATOMIC procedure")
    return Header(name, arguments, body, replaces, definer, nonatomic)


def _arguments(words: Words, text: str) -> str:
    words.expect("(")
    arguments: list[str] = []
    counts = {"IN": 0, "OUT": 0}
    while not words.skip(")"):
        if arguments:
            words.expect(",")
        mode, argument = _argument(words, text)
        arguments.append(f"{mode} {argument}")
        counts["IN"] += mode != "OUT"
        counts["OUT"] += mode != "IN"
    if max(counts.values()) > _MOST_ARGUMENTS:
        raise SqlError(f"A procedure has at most {_MOST_ARGUMENTS} input and {_MOST_ARGUMENTS} output arguments")
    return ", ".join(arguments)


def _argument(words: Words, text: str) -> tuple[str, str]:
    """[name] [mode] type, or [mode] [name] type."""
    first = words.at
    depth = 0
    while words.more() and not (depth == 0 and words.tokens[words.at].token_type in _ENDS):
        kind = words.take().token_type
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(kind, 0)
    parts = words.tokens[first : words.at]
    modes = [token.text.upper() for token in parts if token.text.upper() in _MODES]
    mode = "INOUT" if modes in (["INOUT"], ["IN", "OUT"]) else modes[0] if len(modes) == 1 else "IN"
    rest = [token for token in parts if token.text.upper() not in _MODES]
    if not rest or len(modes) > 2:
        raise near(parts[0] if parts else words.take())
    named = len(rest) > 1 and rest[1].token_type != TokenType.L_PAREN and type_of(text, rest[1:]) is not None
    name = '"' + rest[0].text.lower().replace('"', '""') + '" ' if named else ""
    kind_of = type_of(text, rest[1:] if named else rest)
    if kind_of is None:
        raise near(rest[-1])
    return mode, f"{name}{kind_of}"


def type_of(text: str, tokens: list[Token]) -> str | None:
    """PostgreSQL's type; None if the tokens are no type."""
    written = text[tokens[0].start : tokens[-1].end + 1]
    if written.lower() == "refcursor":
        return "refcursor"
    try:
        return rewrite(exp.DataType.build(written, dialect=Reader)).sql("postgres")
    except ParseError:
        return None
