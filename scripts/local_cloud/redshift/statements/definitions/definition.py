"""CREATE, ALTER and DROP, by the kind of object."""

from __future__ import annotations

from local_cloud.redshift.errors import not_emulated, not_redshift
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.syntax_errors import near
from local_cloud.redshift.sql.translation import Translate, Translation
from local_cloud.redshift.statements.definitions.functions import translate_function
from local_cloud.redshift.statements.definitions.procedures import translate_procedure_definition
from local_cloud.redshift.statements.definitions.relations import RELATIONS, translate_relation
from local_cloud.redshift.statements.definitions.roles import translate_default_privileges, translate_role
from local_cloud.redshift.statements.definitions.schemas import translate_schema
from local_cloud.redshift.statements.definitions.users import translate_group, translate_user

_OBJECTS = {
    "USER": translate_user, "GROUP": translate_group, "SCHEMA": translate_schema, "ROLE": translate_role,
    "DEFAULT": translate_default_privileges, "FUNCTION": translate_function,
}  # fmt: skip
_NOT_IN_REDSHIFT = {
    "INDEX", "UNIQUE", "TRIGGER", "SEQUENCE", "TYPE", "DOMAIN", "EXTENSION", "RULE", "AGGREGATE", "OPERATOR", "CAST",
    "FOREIGN", "UNLOGGED", "EVENT", "SERVER", "PUBLICATION", "SUBSCRIPTION", "TABLESPACE", "RECURSIVE", "COLLATION",
    "POLICY", "STATISTICS",
}  # fmt: skip


_NOT_EMULATED = {
    "EXTERNAL", "DATABASE", "LIBRARY", "MODEL", "DATASHARE", "IDENTITY", "MASKING", "RLS",
    "SYSTEM", "TEMPLATE", "CATALOG",
}  # fmt: skip


def translate_definition(statement: Statement, translate: Translate) -> Translation:
    """CREATE, ALTER or DROP of any object; `translate` is for the statements inside a procedure."""
    verb, *words = statement.words(8)
    if not words:
        raise near(statement.tokens[0])
    replaces = words[:2] == ["OR", "REPLACE"]
    words = words[2:] if replaces else words
    if words[:1] in (["LOCAL"], ["TEMP"], ["TEMPORARY"]):
        words = words[words.index("TABLE") :] if "TABLE" in words else words
    what = "MATERIALIZED VIEW" if words[:2] == ["MATERIALIZED", "VIEW"] else words[0]
    if what == "PROCEDURE":
        return translate_procedure_definition(statement, verb, translate)
    if what in _OBJECTS:
        return _OBJECTS[what](statement, verb)
    if what in _NOT_IN_REDSHIFT:
        raise not_redshift(f"{verb} {what}" if what != "UNIQUE" else "CREATE INDEX")
    if what in _NOT_EMULATED:
        raise not_emulated(f"{verb} {what}")
    if what not in RELATIONS:
        raise near(next(token for token in statement.tokens if token.text.upper() == what))
    return translate_relation(statement, verb, what, replaces=replaces)
