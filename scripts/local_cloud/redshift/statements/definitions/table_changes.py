"""ALTER TABLE of what changes no answer (distribution, sort order, encoding, keys), and ALTER TABLE APPEND.

The statement that runs checks the table, its owner and the columns. Sources: "ALTER TABLE" and "ALTER TABLE APPEND",
Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

import json

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
    if words.peek() == "DROP" and words.peek(1) == "CONSTRAINT":
        return _drop_key(table, words)
    changes: dict[str, object] = {}
    while True:
        if not words.skip("ALTER") or not _design(words, changes):
            return None
        if not words.skip(","):
            break
    _end(words)
    change = f"redshift.change_design({literal(table)}::regclass, {literal(json.dumps(changes))})"
    return Translation(f"{_owned(table)}{change}", "ALTER TABLE", hides_result=True)


def _owned(table: str) -> str:
    """The check that the table exists and is the user's, and what starts the statement behind it."""
    return f"SELECT redshift.check_owner({literal(table)}), "


def _design(words: Words, changes: dict[str, object]) -> bool:
    """One action behind ALTER, as redshift.change_design takes it. False if it is of another kind."""
    if words.skip("DISTSTYLE"):
        if words.skip("KEY"):
            words.expect("DISTKEY")
            changes |= {"style": "KEY", "distkey": [words.name()]}
        elif words.peek() in _STYLES:
            style = words.word()
            changes["style"] = "" if style == "AUTO" else style
        else:
            raise SqlError(f'syntax error at or near "{words.peek()}"')
    elif words.skip("DISTKEY"):
        changes |= {"style": "KEY", "distkey": [words.name()]}
    elif words.peek() in {"SORTKEY", "COMPOUND"}:
        words.skip("COMPOUND")
        words.expect("SORTKEY")
        changes["sortkeys"] = [] if words.skip("AUTO", "NONE") else list(words.names())
    elif words.skip("ENCODE"):
        words.expect("AUTO")
    elif words.peek() == "COLUMN" and words.peek(2) == "ENCODE":
        words.take()
        column = words.name()
        words.take()
        changes["encodings"] = {**_encodings(changes), column: words.name()}
    else:
        return False
    return True


def _encodings(changes: dict[str, object]) -> dict[str, str]:
    found = changes.get("encodings", {})
    return found if isinstance(found, dict) else {}


def _add_key(table: str, words: Words) -> Translation | None:
    """ADD [CONSTRAINT name] PRIMARY KEY, UNIQUE or FOREIGN KEY: keys are not enforced."""
    words.expect("ADD")
    name = words.name() if words.skip("CONSTRAINT") else ""
    kind = words.peek()
    if kind not in {"PRIMARY KEY", "UNIQUE", "FOREIGN KEY"} and words.peek(1) != "KEY":
        return None
    words.take()
    words.skip("KEY")
    columns = words.names()
    if not columns:
        return None
    parent = ""
    parents: tuple[str, ...] = ()
    if words.skip("REFERENCES"):
        parent, parents = words.qualified_name(), words.names()
    _end(words)
    key = {"kind": kind[0].lower(), "name": name, "columns": columns, "parent": parent, "parents": parents}
    return Translation(
        f"SELECT redshift.add_key({literal(table)}, {literal(json.dumps(key))})", "ALTER TABLE", hides_result=True
    )


def _drop_key(table: str, words: Words) -> Translation:
    """DROP CONSTRAINT name [RESTRICT | CASCADE]"""
    words.expect("DROP")
    words.expect("CONSTRAINT")
    name = words.name()
    words.skip("RESTRICT", "CASCADE")
    _end(words)
    return Translation(
        f"{_owned(table)}redshift.drop_key({literal(table)}::regclass, {literal(name)})",
        "ALTER TABLE",
        hides_result=True,
    )


def _end(words: Words) -> None:
    if words.more():
        raise SqlError(f'syntax error at or near "{words.take().text}"')


def _append(table: str, words: Words) -> Translation:
    """APPEND FROM source [IGNOREEXTRA | FILLTARGET]"""
    words.expect("FROM")
    source = words.qualified_name()
    extra = words.skip("IGNOREEXTRA")
    fill = words.skip("FILLTARGET")
    _end(words)
    call = f"redshift.append({literal(table)}, {literal(source)}, {str(extra).lower()}, {str(fill).lower()})"
    return Translation(f"SELECT {call}", "ALTER TABLE", hides_result=True)
