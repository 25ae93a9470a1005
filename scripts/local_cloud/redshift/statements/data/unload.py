"""UNLOAD."""

from __future__ import annotations

import json

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.syntax_errors import from_parser
from local_cloud.redshift.sql.translation import Translate, Translation
from local_cloud.redshift.sql.tree import literal
from local_cloud.redshift.unload.options import parse_unload


def translate_unload(statement: Statement, translate: Translate) -> Translation:
    """Runs internal/unload.sql with the options as JSON; `translate` is for the query."""
    command, query = parse_unload(statement.tokens)
    _check_query(query)
    request = literal(json.dumps(command.as_request()))
    return Translation(
        f"SELECT redshift.unload({request}, {literal(translate(query).sql)})", "UNLOAD", hides_result=True
    )


def _check_query(query: str) -> None:
    try:
        tree = sqlglot.parse_one(query, read=Reader)
    except ParseError as error:
        raise from_parser(error) from None
    if not isinstance(tree, exp.Query):
        raise SqlError("UNLOAD requires a SELECT")
    if tree.args.get("limit"):
        raise SqlError("Limit clause is not supported in the outer SELECT of UNLOAD")
