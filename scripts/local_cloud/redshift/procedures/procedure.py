"""CREATE PROCEDURE: the body is split into PL/pgSQL's statements, and each is translated on its own.

Differences that Redshift's procedures have (Amazon Redshift Database Developer Guide, "Overview of stored procedures"):
TRUNCATE commits; an EXCEPTION block rethrows; ALTER TABLE APPEND and VACUUM are not allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import TokenType

from local_cloud.redshift.errors import SqlError, not_emulated, not_redshift
from local_cloud.redshift.procedures.chunks import ALONE, Chunk, chunks, is_word
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.rewrite import rewrite
from local_cloud.redshift.sql.statement import tokenize
from local_cloud.redshift.translate import Translation, translate, translate_expression

_SQL = {
    "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP", "COPY", "LOCK",
    "REFRESH", "GRANT", "REVOKE", "ANALYZE", "COMMENT", "UNLOAD", "VACUUM", "CALL",
}  # fmt: skip
_AS_IT_IS = {"NULL", "EXIT", "CONTINUE", "COMMIT", "ROLLBACK", "GET", "CLOSE", "FETCH", "MOVE"}
_LEVELS = {"DEBUG", "LOG", "INFO", "NOTICE", "WARNING", "EXCEPTION"}


def translate_procedure(text: str) -> str:
    """CREATE [OR REPLACE] PROCEDURE as PostgreSQL takes it."""
    text = _with_modes(text)
    try:
        tree = parse_one(text, read=Reader)
    except ParseError as error:
        raise SqlError(f"syntax error in CREATE PROCEDURE: {error.errors[0].get('description', error)}") from None
    if not isinstance(tree, exp.Create) or tree.kind != "PROCEDURE":
        raise not_emulated("This form of CREATE PROCEDURE")
    languages = [p.name.lower() for p in tree.find_all(exp.LanguageProperty)]
    if languages != ["plpgsql"]:
        raise SqlError("A procedure's LANGUAGE must be plpgsql")
    body = translate_body(tree.expression.name)
    definer = any(p.name.upper() == "DEFINER" for p in tree.find_all(exp.SqlSecurityProperty))
    rewrite(tree.this)
    header = f"CREATE {'OR REPLACE ' if tree.args.get('replace') else ''}PROCEDURE {tree.this.sql('postgres')}"
    if not isinstance(tree.this, exp.UserDefinedFunction) or not tree.this.args.get("wrapped"):
        header += "()"
    security = " SECURITY DEFINER" if definer else ""
    return f"{header} LANGUAGE plpgsql{security} AS {exp.Literal.string(body).sql('postgres')}"


def _with_modes(text: str) -> str:
    """INOUT as IN OUT, the one spelling that sqlglot reads."""
    for token in reversed(tokenize(text)):
        if is_word(token, "INOUT"):
            text = f"{text[: token.start]}IN OUT{text[token.end + 1 :]}"
    return text


def translate_body(body: str) -> str:
    """The text between $$ and $$."""
    return "\n".join(_Body(body).lines())


@dataclass
class _Block:
    """An open BEGIN, IF, LOOP or CASE."""

    kind: str
    handles: bool = False  # behind EXCEPTION
    handling: bool = False  # behind a WHEN of EXCEPTION


class _Body:
    def __init__(self, text: str) -> None:
        self._text = text
        self._blocks: list[_Block] = []
        self._declaring = False

    def lines(self) -> Iterator[str]:
        for chunk in chunks(self._text):
            yield from self._translated(chunk)

    def _translated(self, chunk: Chunk) -> Iterator[str]:
        if self._declaring and chunk.word != "BEGIN":
            yield self._declaration(chunk)
        elif chunk.word in ALONE or chunk.word in {"IF", "ELSIF", "ELSEIF", "WHEN", "WHILE", "FOR", "END", "CASE"}:
            yield from self._structure(chunk)
        else:
            yield self._statement(chunk)

    # Blocks ------------------------------------------------------------------------------------------------------

    def _structure(self, chunk: Chunk) -> Iterator[str]:
        word = chunk.word
        if word == "END":
            block = self._blocks.pop() if self._blocks else None
            if block and block.handling:
                yield "RAISE;"
            yield chunk.cut(0) + ";"
        elif word == "DECLARE":
            self._declaring = True
            yield "DECLARE"
        elif word == "BEGIN":
            self._declaring = False
            self._blocks.append(_Block("BEGIN"))
            yield "BEGIN"
        elif word == "EXCEPTION":
            self._blocks[-1].handles = True
            yield "EXCEPTION"
        elif word == "ELSE":
            yield "ELSE"
        elif word == "WHEN":
            yield from self._when(chunk)
        elif word == "CASE":
            raise not_emulated("The CASE statement (write IF ... ELSIF)")
        elif word in {"ELSIF", "ELSEIF"}:
            yield f"ELSIF ({translate_expression(chunk.cut(1, -1))}) THEN"  # shields the THEN of a CASE
        else:
            self._blocks.append(_Block(word))
            yield self._opening(chunk)

    def _when(self, chunk: Chunk) -> Iterator[str]:
        block = self._blocks[-1]
        if not block.handles:
            raise SqlError('syntax error at or near "WHEN"')
        if chunk.cut(1, -1).upper() != "OTHERS":
            raise SqlError("unrecognized exception condition: Redshift knows only OTHERS")
        block.handling = True
        yield "WHEN OTHERS THEN"

    def _opening(self, chunk: Chunk) -> str:
        if chunk.word == "LOOP":
            return "LOOP"
        if chunk.word == "IF":
            return f"IF ({translate_expression(chunk.cut(1, -1))}) THEN"
        if chunk.word == "WHILE":
            return f"WHILE ({translate_expression(chunk.cut(1, -1))}) LOOP"
        start = chunk.find("IN")
        if start is None:
            raise SqlError('syntax error at or near "FOR"')
        what = chunk.tokens[start + 1].text.upper()
        if what in {"SELECT", "WITH"}:
            query = _sql(chunk.cut(start + 1, -1))
        elif what == "EXECUTE":
            query = f"EXECUTE redshift.translate({translate_expression(chunk.cut(start + 2, -1))})"
        else:
            query = chunk.cut(start + 1, -1)  # bounds: 1..10, REVERSE 10..1
        return f"{chunk.cut(0, start)} IN {query} LOOP"

    # Statements --------------------------------------------------------------------------------------------------

    def _declaration(self, chunk: Chunk) -> str:
        """name [CONSTANT] type [:= expression]; name CURSOR FOR query; name ALIAS FOR $1"""
        cursor = chunk.find("CURSOR")
        loops = chunk.find("FOR")
        if cursor is not None and loops is not None:
            return f"{chunk.cut(0, loops)} FOR {_sql(chunk.cut(loops + 1))};"
        for i, token in enumerate(chunk.tokens):
            if token.token_type == TokenType.COLON_EQ or is_word(token, "DEFAULT"):
                return f"{chunk.cut(0, i)} := {translate_expression(chunk.cut(i + 1))};"
        return chunk.cut(0) + ";"

    def _statement(self, chunk: Chunk) -> str:
        word = chunk.word
        if word in {"COMMIT", "ROLLBACK", "TRUNCATE"} and any(block.handles for block in self._blocks):
            raise not_emulated(f"{word} in an EXCEPTION handler")
        if word in _SQL:
            return _sql_statement(chunk)
        if word in _AS_IT_IS:
            return chunk.cut(0) + ";"
        if handler := _STATEMENTS.get(word):
            return handler(chunk)
        assignment = next((i for i, t in enumerate(chunk.tokens) if t.token_type in _ASSIGNS), None)
        if assignment in _AFTER_TARGET:
            return f"{chunk.cut(0, assignment)} := {translate_expression(chunk.cut(assignment + 1))};"
        raise not_redshift(f"{word} in a procedure")


_ASSIGNS = {TokenType.COLON_EQ, TokenType.EQ}
_AFTER_TARGET = {1, 3}  # x := ..., record.field := ...


def _sql(text: str) -> str:
    return _translation(text).sql


def _translation(text: str) -> Translation:
    translation = translate(text)
    if translation.parameters:
        raise SqlError(f'syntax error at or near ":{translation.parameters[0]}"')
    return translation


def _sql_statement(chunk: Chunk) -> str:
    if chunk.word == "VACUUM":
        raise SqlError("VACUUM cannot be executed from a procedure")
    if chunk.word == "ALTER" and chunk.find("APPEND") is not None:
        raise SqlError("ALTER TABLE APPEND cannot be executed from a procedure")
    into = chunk.find("INTO") if chunk.word in {"SELECT", "WITH"} else None
    if into is not None:
        return _select_into(chunk, into)
    translation = _translation(chunk.cut(0))
    sql = translation.sql
    if translation.hides_result:
        sql = "PERFORM" + sql.removeprefix("SELECT")
    return f"{sql}; COMMIT;" if translation.commits else f"{sql};"


def _select_into(chunk: Chunk, into: int) -> str:
    """SELECT a, b INTO x, y FROM t: the targets go to the end, where PL/pgSQL takes them too."""
    end = into + 1
    while end < len(chunk.tokens):
        end += 1  # a name
        while end + 1 < len(chunk.tokens) and chunk.tokens[end].token_type == TokenType.DOT:
            end += 2
        if end >= len(chunk.tokens) or chunk.tokens[end].token_type != TokenType.COMMA:
            break
        end += 1
    query = f"{chunk.cut(0, into)} {chunk.cut(end)}"
    return f"{_sql(query)} INTO {chunk.cut(into + 1, end)};"


def _perform(chunk: Chunk) -> str:
    return "PERFORM" + _sql(f"SELECT {chunk.cut(1)}").removeprefix("SELECT") + ";"


def _return(chunk: Chunk) -> str:
    if len(chunk.tokens) > 1:
        raise SqlError("RETURN cannot have a parameter in a procedure")
    return "RETURN;"


def _raise(chunk: Chunk) -> str:
    """RAISE level 'format' [, variable]...; the levels are PostgreSQL's but for EXCEPTION alone, which rolls back."""
    level = chunk.tokens[1].text.upper() if len(chunk.tokens) > 1 else "EXCEPTION"
    if level not in _LEVELS:
        raise SqlError(f'syntax error at or near "{level}"')
    if len(chunk.tokens) <= 2:
        raise SqlError("RAISE wants a format")
    if chunk.find("USING") is not None:
        raise not_emulated("RAISE ... USING")
    rest = "".join(f", {translate_expression(chunk.cut(4))}" if len(chunk.tokens) > 3 else "")
    return f"RAISE {level} {chunk.cut(2, 3)}{rest};"


def _execute(chunk: Chunk) -> str:
    into = chunk.find("INTO")
    target = f" INTO {chunk.cut(into + 1)}" if into is not None else ""
    if chunk.find("USING") is not None:
        raise not_redshift("EXECUTE ... USING")
    return f"EXECUTE redshift.translate({translate_expression(chunk.cut(1, into))}){target};"


def _open(chunk: Chunk) -> str:
    start = chunk.find("FOR")
    if start is None:
        return chunk.cut(0) + ";"
    if is_word(chunk.tokens[start + 1], "EXECUTE"):
        return f"{chunk.cut(0, start)} FOR EXECUTE redshift.translate({translate_expression(chunk.cut(start + 2))});"
    return f"{chunk.cut(0, start)} FOR {_sql(chunk.cut(start + 1))};"


_STATEMENTS: dict[str, Callable[[Chunk], str]] = {
    "PERFORM": _perform,
    "RETURN": _return,
    "RAISE": _raise,
    "EXECUTE": _execute,
    "OPEN": _open,
}
