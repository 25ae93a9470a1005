"""CREATE, ALTER and DROP of tables, views and materialized views."""

from __future__ import annotations

from dataclasses import replace

import sqlglot
from sqlglot import exp

from local_cloud.redshift.errors import SqlError, not_emulated, not_redshift
from local_cloud.redshift.sql.analysis.catalog import relation_name
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.statement import Statement, single
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal, translate_tree
from local_cloud.redshift.statements.definitions.design import keep_design
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
        statement, attributes = without_attributes(statement)
        translation = translate_tree(statement, f"{verb} {what}")
        kept = keep_design(statement, attributes)
        return replace(translation, sql=f"{kept}{translation.sql}", hides_result=True) if kept else translation
    return translate_tree(statement, f"{verb} {what}")


def _alter(statement: Statement, what: str) -> Translation:
    words = statement.words(len(statement.tokens))
    if what == "MATERIALIZED VIEW":
        raise not_emulated("ALTER MATERIALIZED VIEW")
    if what == "TABLE" and (change := translate_table_change(statement)):
        return change
    if words[-3:-1] == ["OWNER", "TO"]:
        return Translation(statement.text, "ALTER TABLE")
    if words[-3:-1] == ["RENAME", "TO"] and words[-1].startswith("#"):
        raise SqlError("ALTER TABLE RENAME cannot make a table temporary: the name begins with #")
    translation = translate_tree(statement, "ALTER TABLE")
    return _checked_type_change(statement, translation) if "TYPE" in words else translation


def _checked_type_change(statement: Statement, translation: Translation) -> Translation:
    """A column with a default keeps its type."""
    tree = sqlglot.parse_one(statement.text, read=Reader)
    changed = tree.find(exp.AlterColumn)
    table = tree.find(exp.Table)
    if changed is None or table is None:
        return translation
    check = f"redshift.check_column_type({literal(relation_name(table))}, {literal(changed.name.lower())})"
    return replace(translation, sql=f"SELECT {check}; {translation.sql}", hides_result=True)
