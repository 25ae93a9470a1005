"""ALTER TABLE of what has no effect here (distribution, sort order, encoding, keys), and ALTER TABLE APPEND.

The statement that runs checks the table, its owner and the columns. Sources: "ALTER TABLE" and "ALTER TABLE APPEND",
Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal
from local_cloud.redshift.sql.words import Words

_STYLES = {"EVEN", "ALL", "AUTO"}


def translate_table_change(statement: Statement) -> Translation | None:
    """None for an ALTER TABLE of another kind."""
    words = Words("ALTER TABLE", statement.tokens)
    words.expect("ALTER")
    words.expect("TABLE")
    table = words.qualified_name()
    if words.skip("APPEND"):
        return _append(table, words)
    if words.peek() == "ADD":
        return _add_key(table, words)
    columns: list[str] = []
    while True:
        if not words.skip("ALTER") or not _design(words, columns):
            return None
        if not words.skip(","):
            break
    if words.more():
        raise SqlError(f'syntax error at or near "{words.take().text}"')
    actions = ["RESET (fillfactor)", *(f"ALTER COLUMN {_quoted(column)} RESET (n_distinct)" for column in columns)]
    return Translation(f"ALTER TABLE {table} {', '.join(actions)}", "ALTER TABLE")


def _design(words: Words, columns: list[str]) -> bool:
    """One action behind ALTER; its columns are added. False if it is of another kind."""
    if words.skip("DISTSTYLE"):
        if words.skip("KEY"):
            words.expect("DISTKEY")
            columns.append(words.name())
        elif not words.skip(*_STYLES):
            raise SqlError(f'syntax error at or near "{words.peek()}"')
    elif words.skip("DISTKEY"):
        columns.append(words.name())
    elif words.peek() in {"SORTKEY", "COMPOUND"}:
        words.skip("COMPOUND")
        words.expect("SORTKEY")
        if not words.skip("AUTO", "NONE"):
            columns.extend(words.names())
    elif words.skip("ENCODE"):
        words.expect("AUTO")
    elif words.peek() == "COLUMN" and words.peek(2) == "ENCODE":
        words.take()
        columns.append(words.name())
        words.take()
        words.take()
    else:
        return False
    return True


def _add_key(table: str, words: Words) -> Translation | None:
    """ADD [CONSTRAINT name] PRIMARY KEY, UNIQUE or FOREIGN KEY: keys are not enforced."""
    words.expect("ADD")
    if words.skip("CONSTRAINT"):
        words.name()
    kind = words.peek()
    if kind not in {"PRIMARY KEY", "UNIQUE", "FOREIGN KEY"} and words.peek(1) != "KEY":
        return None
    words.take()
    words.skip("KEY")
    columns = words.names()
    if not columns:
        return None
    quoted = ", ".join(map(literal, columns))
    primary = "true" if kind.startswith("PRIMARY") else "false"
    return Translation(
        f"SELECT redshift.add_key({literal(table)}, ARRAY[{quoted}], {primary})", "ALTER TABLE", hides_result=True
    )


def _append(table: str, words: Words) -> Translation:
    """APPEND FROM source [IGNOREEXTRA | FILLTARGET]"""
    words.expect("FROM")
    source = words.qualified_name()
    extra = words.skip("IGNOREEXTRA")
    fill = words.skip("FILLTARGET")
    if words.more():
        raise SqlError(f'syntax error at or near "{words.take().text}"')
    call = f"redshift.append({literal(table)}, {literal(source)}, {str(extra).lower()}, {str(fill).lower()})"
    return Translation(f"SELECT {call}", "ALTER TABLE", hides_result=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
