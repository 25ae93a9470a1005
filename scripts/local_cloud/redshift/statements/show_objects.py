"""SHOW SCHEMAS, TABLES, COLUMNS, CONSTRAINTS, PROCEDURES and GRANTS.

Sources: the pages of these commands, Amazon Redshift Database Developer Guide. system_views/show.sql has their columns.
"""

from __future__ import annotations

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.syntax_errors import near
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal
from local_cloud.redshift.sql.words import Words

OBJECTS = {"SCHEMAS", "TABLES", "COLUMNS", "CONSTRAINTS", "PROCEDURES", "GRANTS"}
_MOST_ROWS = 10_000
_NAMED = {"SCHEMAS": "schema_name", "TABLES": "table_name", "COLUMNS": "column_name", "PROCEDURES": "procedure_name"}
"""The column that LIKE is about."""
_GRANTED = {"TABLE": "TABLE", "SCHEMA": "SCHEMA"}


def translate_show_objects(statement: Statement) -> Translation:
    """A query of the view of the same name."""
    words = Words("SHOW", statement.tokens, 1)
    kind = words.word()
    if kind == "GRANTS":
        view, conditions = "show_grants", _grants(words)
    elif kind == "CONSTRAINTS":
        view, conditions = _constraints(words)
    else:
        words.expect("FROM")
        words.expect({"SCHEMAS": "DATABASE", "COLUMNS": "TABLE"}.get(kind, "SCHEMA"))
        parts = ["database_name", "schema_name", "table_name"]
        count = {"SCHEMAS": 1, "COLUMNS": 3}.get(kind, 2)
        view, conditions = f"show_{kind.lower()}", _names(words, parts[:count])
    if kind in _NAMED and words.skip("LIKE"):
        conditions.append(f"{_NAMED[kind]} LIKE {literal(words.string('LIKE'))}")
    limit = _MOST_ROWS
    if words.skip("LIMIT"):
        limit = words.number("LIMIT")
        if limit > _MOST_ROWS:
            raise SqlError(f"SHOW {kind} LIMIT must be between 0 and {_MOST_ROWS}")
    if words.more():
        raise near(words.take())
    where = " AND ".join(conditions) or "true"
    query = f"SELECT * FROM redshift.{view} WHERE {where} LIMIT {limit}"  # noqa: S608 (literals)
    return Translation(query, "SHOW")


def _names(words: Words, columns: list[str]) -> list[str]:
    """The condition for each part of a name with up to as many parts as there are columns."""
    names = [words.name()]
    while words.skip("."):
        names.append(words.name())
    if len(names) > len(columns) or (len(columns) == 3 and len(names) < 2):
        raise SqlError(f'The name "{".".join(names)}" must have the parts {", ".join(columns)}')
    return [f"{column} = {literal(name)}" for column, name in zip(columns[-len(names) :], names, strict=True)]


def _constraints(words: Words) -> tuple[str, list[str]]:
    """PRIMARY KEYS FROM TABLE t, FOREIGN KEYS [EXPORTED] FROM TABLE t."""
    kind = words.word()
    if kind not in {"PRIMARY", "FOREIGN"}:
        raise near(words.tokens[words.at - 1])
    words.expect("KEYS")
    exported = kind == "FOREIGN" and words.skip("EXPORTED")
    words.expect("FROM")
    words.expect("TABLE")
    prefix = "" if kind == "PRIMARY" else "pk_" if exported else "fk_"
    columns = [f"{prefix}{part}_name" for part in ("database", "schema", "table")]
    return ("show_primary_keys" if kind == "PRIMARY" else "show_foreign_keys"), _names(words, columns)


def _grants(words: Words) -> list[str]:
    """ON TABLE t or ON SCHEMA s, FOR user, ROLE role or PUBLIC."""
    conditions: list[str] = []
    if words.skip("ON"):
        kind = words.word()
        if kind not in _GRANTED:
            raise not_emulated(f"SHOW GRANTS ON {kind}")
        columns = ["database_name", "schema_name", "object_name"]
        conditions = [f"object_type = {literal(kind)}", *_names(words, columns if kind == "TABLE" else columns[:2])]
    if words.skip("FOR"):
        if words.skip("PUBLIC"):
            conditions.append("identity_type = 'public'")
        else:
            role = words.skip("ROLE")
            conditions.append(
                f"identity_type = '{'role' if role else 'user'}' AND identity_name = {literal(words.name())}"
            )
    if not conditions:
        raise SqlError("SHOW GRANTS requires ON or FOR")
    return conditions
