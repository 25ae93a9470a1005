"""DECLARE, FETCH and CLOSE, which PostgreSQL has in the same form.

Source: "DECLARE", "FETCH" and "CLOSE", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translate, Translation
from local_cloud.redshift.sql.words import Words


def translate_declare(statement: Statement, translate: Translate) -> Translation:
    """DECLARE name CURSOR FOR query: in a transaction block only, and one open cursor a session."""
    words = Words("DECLARE", statement.tokens)
    words.expect("DECLARE")
    name = _name(words)
    words.expect("CURSOR")
    words.expect("FOR")
    query = translate(statement.after(words.at))
    return Translation(
        f"SELECT redshift.check_cursor(); DECLARE {name} CURSOR FOR {query.sql}",
        "DECLARE",
        query.parameters,
        hides_result=True,
    )


def translate_fetch(statement: Statement) -> Translation:
    """FETCH [NEXT | ALL | FORWARD [count | ALL]] FROM name."""
    words = Words("FETCH", statement.tokens)
    words.expect("FETCH")
    direction = "NEXT"
    if words.skip("ALL"):
        direction = "ALL"
    elif words.skip("FORWARD"):
        direction = "FORWARD"
        if words.peek() not in {"FROM", ""}:
            direction = "FORWARD ALL" if words.skip("ALL") else f"FORWARD {words.number('FORWARD')}"
    else:
        words.skip("NEXT")
    words.expect("FROM")
    return Translation(f"FETCH {direction} FROM {_last_name(words)}", "FETCH")


def translate_close(statement: Statement) -> Translation:
    """CLOSE name."""
    words = Words("CLOSE", statement.tokens)
    words.expect("CLOSE")
    return Translation(f"CLOSE {_last_name(words)}", "CLOSE")


def _last_name(words: Words) -> str:
    name = _name(words)
    if words.more():
        raise SqlError(f'syntax error at or near "{words.peek().lower()}"')
    return name


def _name(words: Words) -> str:
    return '"' + words.name().replace('"', '""') + '"'
