"""CREATE VIEW ... WITH NO SCHEMA BINDING. Source: "CREATE VIEW", Amazon Redshift Database Developer Guide."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import TokenType

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.syntax_errors import from_parser, near
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal
from local_cloud.redshift.sql.words import Words

_BINDING = ["WITH", "NO", "SCHEMA", "BINDING"]


def is_late_view(statement: Statement) -> bool:
    return statement.words(len(statement.tokens))[-4:] == _BINDING


def translate_late_view(statement: Statement) -> Translation:
    """Runs internal/views/late_views.sql: the query is kept as text and read when the view is."""
    words = Words("CREATE VIEW", statement.tokens)
    words.expect("CREATE")
    replaces = words.skip("OR")
    if replaces:
        words.expect("REPLACE")
    words.expect("VIEW")
    name = words.qualified_name()
    columns = words.names()
    if not words.more() or words.take().token_type != TokenType.ALIAS:
        raise near(statement.tokens[words.at - 1])
    if statement.tokens[words.at].token_type not in {TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN}:
        raise near(statement.tokens[words.at])
    query = statement.text[statement.tokens[words.at].start : statement.tokens[-5].end + 1]
    schemas = _schemas(query)
    if columns:
        names = ", ".join(exp.to_identifier(column, quoted=True).sql() for column in columns)
        query = f"SELECT * FROM ({query}) AS late ({names})"  # noqa: S608 (the user's own query)
    array = ", ".join(map(literal, sorted(schemas)))
    call = (
        f"redshift.create_late_view({literal(name)}, {str(replaces).lower()}, {literal(query)}, ARRAY[{array}]::text[])"
    )
    return Translation(f"SELECT {call}", "CREATE VIEW", hides_result=True)


def _schemas(query: str) -> set[str]:
    """The schemas of the query's relations, which all name theirs."""
    try:
        tree = sqlglot.parse_one(query, read=Reader)
    except ParseError as error:
        raise from_parser(error) from None
    if not isinstance(tree, exp.Query):
        raise SqlError("A view requires a query")
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    tables = [table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    for table in tables:
        if not table.db and table.name.lower() not in ctes:
            raise SqlError(
                "All the relation names inside should be qualified when creating VIEW WITH NO SCHEMA BINDING."
            )
    return {table.db.lower() for table in tables if table.db}
