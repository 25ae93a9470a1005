"""REFRESH MATERIALIZED VIEW."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal


def translate_refresh(statement: Statement) -> Translation:
    """Runs internal/views/materialized_views.sql, which sees committed rows only."""
    if statement.words(3) != ["REFRESH", "MATERIALIZED", "VIEW"]:
        raise SqlError('syntax error at or near "REFRESH"')
    view = exp.to_table(statement.after(3).lower(), dialect="redshift").sql("postgres")
    return Translation(f"SELECT redshift.refresh({literal(view)})", "REFRESH", hides_result=True)
