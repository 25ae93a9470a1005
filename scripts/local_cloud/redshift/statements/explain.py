"""EXPLAIN."""

from __future__ import annotations

from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.syntax_errors import near
from local_cloud.redshift.sql.translation import Translate, Translation
from local_cloud.redshift.sql.tree import literal

_EXPLAINED = {"SELECT", "WITH", "(", "INSERT", "UPDATE", "DELETE"}


def translate_explain(statement: Statement, translate: Translate) -> Translation:
    """EXPLAIN [VERBOSE] of a query, a change of rows or CREATE TABLE AS.

    Names and rights are checked as Redshift does. The steps of the plan are PostgreSQL's, marked XN as Redshift's are.
    """
    words = statement.words(len(statement.tokens))
    first = 2 if words[1:2] == ["VERBOSE"] else 1
    creates = words[first : first + 1] == ["CREATE"] and "AS" in words
    if not creates and (len(words) <= first or words[first] not in _EXPLAINED):
        raise near(statement.tokens[min(first, len(words) - 1)])
    query = translate(statement.after(first))
    return Translation(
        f'SELECT line AS "QUERY PLAN" FROM redshift.explain({literal(query.sql)}) AS line',  # noqa: S608 (a literal)
        "EXPLAIN",
        query.parameters,
    )
