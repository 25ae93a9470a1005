"""CREATE, ALTER and DROP of tables, views and materialized views."""

from __future__ import annotations

from local_cloud.redshift.errors import not_emulated, not_redshift
from local_cloud.redshift.sql.statement import Statement, single
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import translate_tree
from local_cloud.redshift.statements.definitions.table_attributes import without_attributes
from local_cloud.redshift.statements.definitions.table_changes import translate_table_change

RELATIONS = {"TABLE", "VIEW", "MATERIALIZED VIEW"}


def translate_relation(statement: Statement, verb: str, what: str, *, replaces: bool) -> Translation:
    """`what` is one of RELATIONS; `replaces` means OR REPLACE."""
    if verb == "ALTER":
        return _alter(statement, what)
    if what == "MATERIALIZED VIEW" and verb == "CREATE" and replaces:
        raise not_redshift("CREATE OR REPLACE MATERIALIZED VIEW")
    if statement.words(2)[1] == "LOCAL":  # CREATE LOCAL TEMPORARY TABLE
        statement = single(f"{verb} {statement.after(2)}", statement.context)
    if verb == "CREATE" and what != "VIEW":
        statement = without_attributes(statement)
    return translate_tree(statement, f"{verb} {what}")


def _alter(statement: Statement, what: str) -> Translation:
    words = statement.words(len(statement.tokens))
    if what == "MATERIALIZED VIEW":
        raise not_emulated("ALTER MATERIALIZED VIEW")
    if what == "TABLE" and (change := translate_table_change(statement)):
        return change
    if words[-3:-1] == ["OWNER", "TO"]:
        return Translation(statement.text, "ALTER TABLE")
    return translate_tree(statement, "ALTER TABLE")
