"""CREATE, ALTER and DROP PROCEDURE."""

from __future__ import annotations

from local_cloud.redshift.procedures.procedure import translate_procedure
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translate, Translation


def translate_procedure_definition(statement: Statement, verb: str, translate: Translate) -> Translation:
    """`translate` is for the statements of the body."""
    if verb == "CREATE":
        return Translation(translate_procedure(statement.text, translate), "CREATE PROCEDURE")
    return Translation(statement.text, f"{verb} PROCEDURE")
