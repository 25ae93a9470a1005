"""CREATE, ALTER and DROP of tables, views and materialized views."""

from __future__ import annotations

from local_cloud.redshift.errors import not_emulated, not_redshift
from local_cloud.redshift.sql.statement import Statement, single
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import translate_tree

RELATIONS = {"TABLE", "VIEW", "MATERIALIZED VIEW"}


def translate_relation(statement: Statement, verb: str, what: str, *, replaces: bool) -> Translation:
    """`what` is one of RELATIONS; `replaces` means OR REPLACE."""
    if verb == "ALTER":
        return _alter(statement, what)
    if what == "MATERIALIZED VIEW" and verb == "CREATE" and replaces:
        raise not_redshift("CREATE OR REPLACE MATERIALIZED VIEW")
    if statement.words(2)[1] == "LOCAL":  # CREATE LOCAL TEMPORARY TABLE
        statement = single(f"{verb} {statement.after(2)}", statement.context)
    return translate_tree(statement, f"{verb} {what}")


def _alter(statement: Statement, what: str) -> Translation:
    words = statement.words(len(statement.tokens))
    if what == "MATERIALIZED VIEW":
        raise not_emulated("ALTER MATERIALIZED VIEW")
    if "APPEND" in words[3:7]:
        raise not_emulated("ALTER TABLE APPEND")
    if words[-3:-1] == ["OWNER", "TO"]:
        return Translation(statement.text, "ALTER TABLE")
    return translate_tree(statement, "ALTER TABLE")
