"""EXPLAIN."""

from __future__ import annotations

from local_cloud.redshift.errors import not_emulated
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translate, Translation


def translate_explain(statement: Statement, translate: Translate) -> Translation:
    """EXPLAIN of a query. PostgreSQL checks names and rights as Redshift does; the steps of its plan are its own."""
    word = statement.words(2)[-1]
    if word not in ("SELECT", "WITH", "("):
        raise not_emulated(f"EXPLAIN {word}")
    query = translate(statement.after(1))
    return Translation(f"EXPLAIN {query.sql}", "EXPLAIN", query.parameters)
