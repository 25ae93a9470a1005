"""The statements of PL/pgSQL that are not SQL: PERFORM, RETURN, RAISE, EXECUTE, OPEN."""

from __future__ import annotations

from collections.abc import Callable

from local_cloud.redshift.errors import SqlError, not_emulated, not_redshift
from local_cloud.redshift.procedures.chunks import Chunk, is_word
from local_cloud.redshift.procedures.embedded_sql import EmbeddedSql
from local_cloud.redshift.sql.tree import translate_expression

_LEVELS = {"DEBUG", "LOG", "INFO", "NOTICE", "WARNING", "EXCEPTION"}


# A dynamic TRUNCATE commits, too (internal/handlers.sql).
_AFTER_TRUNCATE = "IF redshift.truncated() THEN PERFORM redshift.check_transaction('TRUNCATE'); COMMIT; END IF;"


def _perform(chunk: Chunk, sql: EmbeddedSql) -> str:
    return "PERFORM" + sql.text(f"SELECT {chunk.cut(1)}").removeprefix("SELECT") + ";"


def _return(chunk: Chunk, _: EmbeddedSql) -> str:
    if len(chunk.tokens) > 1:
        raise SqlError("RETURN cannot have a parameter in a procedure")
    return "RETURN;"


def _raise(chunk: Chunk, _: EmbeddedSql) -> str:
    """RAISE level 'format' [, variable]...; as in PostgreSQL, only EXCEPTION rolls back."""
    level = chunk.tokens[1].text.upper() if len(chunk.tokens) > 1 else "EXCEPTION"
    if level not in _LEVELS:
        raise SqlError(f'syntax error at or near "{level}"')
    if len(chunk.tokens) <= 2:
        raise SqlError("RAISE requires a format")
    if chunk.find("USING") is not None:
        raise not_emulated("RAISE ... USING")
    rest = f", {translate_expression(chunk.cut(4))}" if len(chunk.tokens) > 3 else ""
    return f"RAISE {level} {chunk.cut(2, 3)}{rest};"


def _execute(chunk: Chunk, _: EmbeddedSql) -> str:
    into = chunk.find("INTO")
    target = f" INTO {chunk.cut(into + 1)}" if into is not None else ""
    if chunk.find("USING") is not None:
        raise not_redshift("EXECUTE ... USING")
    query = f"EXECUTE redshift.translate({translate_expression(chunk.cut(1, into))}){target};"
    return query if target else f"{query} {_AFTER_TRUNCATE}"


def _open(chunk: Chunk, sql: EmbeddedSql) -> str:
    start = chunk.find("FOR")
    if start is None:
        return chunk.cut(0) + ";"
    if is_word(chunk.tokens[start + 1], "EXECUTE"):
        return f"{chunk.cut(0, start)} FOR EXECUTE redshift.translate({translate_expression(chunk.cut(start + 2))});"
    return f"{chunk.cut(0, start)} FOR {sql.text(chunk.cut(start + 1))};"


STATEMENTS: dict[str, Callable[[Chunk, EmbeddedSql], str]] = {
    "PERFORM": _perform,
    "RETURN": _return,
    "RAISE": _raise,
    "EXECUTE": _execute,
    "OPEN": _open,
}
