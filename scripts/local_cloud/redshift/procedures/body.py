"""The body of a procedure: its blocks, declarations and statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot.tokenizer_core import TokenType

from local_cloud.redshift.errors import SqlError, SqlSyntaxError, not_emulated, not_redshift
from local_cloud.redshift.procedures.chunks import ALONE, LABEL, Chunk, chunks, is_word
from local_cloud.redshift.procedures.embedded_sql import SQL_WORDS, EmbeddedSql
from local_cloud.redshift.procedures.plpgsql import STATEMENTS
from local_cloud.redshift.sql.translation import Translate
from local_cloud.redshift.sql.tree import translate_expression

_STRUCTURE = ALONE | {"IF", "ELSIF", "ELSEIF", "WHEN", "WHILE", "FOR", "END", "CASE"}
_UNCHANGED = {"NULL", "EXIT", "CONTINUE", "GET", "CLOSE", "FETCH", "MOVE"}
_ASSIGNS = {TokenType.COLON_EQ, TokenType.EQ}
# A handler runs in a transaction of its own, which is committed before the error goes on ("Trapping errors"). Where the
# transaction cannot end, inside a transaction block or another handled block, it runs in the caller's transaction.
_START_OF_HANDLED = "PERFORM redshift.handled(1);"
_END_OF_HANDLED = "PERFORM redshift.handled(-1);"
_START_OF_HANDLER = "IF redshift.may_end_transaction() THEN ROLLBACK; END IF;"
_END_OF_HANDLER = "IF redshift.may_end_transaction() THEN COMMIT; END IF; RAISE;"
# NONATOMIC: each statement commits, except in the transaction block of the caller.
_COMMITTED = "IF redshift.may_end_transaction() THEN COMMIT; END IF;"
_CHECK_DEPTH = "PERFORM redshift.check_depth();"
_AFTER_TARGET = {1, 3}  # x := ..., record.field := ...


def translate_body(body: str, translate: Translate, *, nonatomic: bool = False) -> str:
    """The text between $$ and $$; `translate` is for its SQL statements; `nonatomic` commits after each of them."""
    return "\n".join(_Body(body, EmbeddedSql(translate), nonatomic=nonatomic).lines())


@dataclass
class _Block:
    """An open BEGIN, IF, LOOP or CASE."""

    kind: str
    handles: bool = False  # after EXCEPTION
    handling: bool = False  # after a WHEN of EXCEPTION
    compares: bool = False  # CASE value WHEN value, ...


class _Body:
    def __init__(self, text: str, sql: EmbeddedSql, *, nonatomic: bool) -> None:
        self._nonatomic = nonatomic
        self._text = text
        self._sql = sql
        self._blocks: list[_Block] = []
        self._declaring = False
        self._calls = False

    def lines(self) -> Iterator[str]:
        found = chunks(self._text)
        self._calls = any(chunk.word in {"CALL", "EXECUTE"} for chunk in found)
        for chunk in found:
            try:
                yield from self._translated(chunk)
            except SqlSyntaxError as error:
                raise chunk.located(error) from None

    def _translated(self, chunk: Chunk) -> Iterator[str]:
        if self._declaring and chunk.word != "BEGIN":
            yield self._declaration(chunk)
        elif chunk.word == LABEL:
            yield chunk.cut(0)
        elif chunk.word in _STRUCTURE:
            yield from self._structure(chunk)
        else:
            yield self._statement(chunk)

    # Blocks ------------------------------------------------------------------------------------------------------

    def _structure(self, chunk: Chunk) -> Iterator[str]:
        word = chunk.word
        if word == "END":
            block = self._blocks.pop() if self._blocks else None
            if block and block.handling:
                yield _END_OF_HANDLER
            yield chunk.cut(0) + ";"
        elif word == "DECLARE":
            self._declaring = True
            yield "DECLARE"
        elif word == "BEGIN":
            self._declaring = False
            self._blocks.append(_Block("BEGIN"))
            first = len(self._blocks) == 1 and self._calls
            start = f"BEGIN {_CHECK_DEPTH}" if first else "BEGIN"
            yield f"{start} {_START_OF_HANDLED}" if chunk.handled else start
        elif word == "EXCEPTION":
            if self._nonatomic:
                raise not_emulated("An EXCEPTION block in a NONATOMIC procedure")
            self._blocks[-1].handles = True
            yield f"{_END_OF_HANDLED} EXCEPTION"
        elif word == "ELSE":
            yield "ELSE"
        elif word == "WHEN":
            yield from self._when(chunk)
        elif word == "CASE":
            yield self._case(chunk)
        elif word in {"ELSIF", "ELSEIF"}:
            yield f"ELSIF ({translate_expression(chunk.cut(1, -1))}) THEN"  # shields the THEN of a CASE
        else:
            self._blocks.append(_Block(word))
            yield self._opening(chunk)

    def _when(self, chunk: Chunk) -> Iterator[str]:
        block = self._blocks[-1]
        if block.kind == "CASE":
            yield f"WHEN {self._condition(chunk, 1, compares=block.compares)} THEN"
            return
        if not block.handles:
            raise SqlError('syntax error at or near "WHEN"')
        if chunk.cut(1, -1).upper() != "OTHERS":
            raise SqlError("unrecognized exception condition: Redshift knows only OTHERS")
        block.handling = True
        yield f"WHEN OTHERS THEN {_START_OF_HANDLER}"

    def _case(self, chunk: Chunk) -> str:
        """CASE [value] WHEN condition, or values, THEN."""
        when = chunk.find("WHEN")
        if when is None:
            raise SqlError('syntax error at or near "CASE"')
        compares = when > 1
        self._blocks.append(_Block("CASE", compares=compares))
        value = f" ({translate_expression(chunk.cut(1, when))})" if compares else ""
        return f"CASE{value} WHEN {self._condition(chunk, when + 1, compares=compares)} THEN"

    def _condition(self, chunk: Chunk, start: int, *, compares: bool) -> str:
        text = translate_expression(chunk.cut(start, -1))
        return text if compares else f"({text})"  # shields the THEN of a CASE expression

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
        if self._nonatomic and what in {"SELECT", "WITH", "EXECUTE"}:
            raise not_emulated("A loop over a query in a NONATOMIC procedure")
        if what in {"SELECT", "WITH"}:
            query = self._sql.text(chunk.cut(start + 1, -1))
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
            return f"{chunk.cut(0, loops)} FOR {self._sql.text(chunk.cut(loops + 1))};"
        for i, token in enumerate(chunk.tokens):
            if token.token_type == TokenType.COLON_EQ or is_word(token, "DEFAULT"):
                return f"{chunk.cut(0, i)} := {translate_expression(chunk.cut(i + 1))};"
        return chunk.cut(0) + ";"

    def _statement(self, chunk: Chunk) -> str:
        word = chunk.word
        if word in {"COMMIT", "ROLLBACK", "TRUNCATE"} and any(block.handles for block in self._blocks):
            raise not_emulated(f"{word} in an EXCEPTION handler")
        if word in SQL_WORDS or word == "EXECUTE":
            sql = STATEMENTS[word](chunk, self._sql) if word == "EXECUTE" else self._sql.statement(chunk)
            return f"{sql} {_COMMITTED}" if self._nonatomic and word not in {"SELECT", "WITH"} else sql
        if word in {"COMMIT", "ROLLBACK"}:
            return f"PERFORM redshift.check_transaction('{word}'); {word};"
        if word in _UNCHANGED:
            return chunk.cut(0) + ";"
        if handler := STATEMENTS.get(word):
            return handler(chunk, self._sql)
        assignment = next((i for i, t in enumerate(chunk.tokens) if t.token_type in _ASSIGNS), None)
        if assignment in _AFTER_TARGET:
            return f"{chunk.cut(0, assignment)} := {translate_expression(chunk.cut(assignment + 1))};"
        raise not_redshift(f"{word} in a procedure")
