"""CREATE PROCEDURE: the header is rewritten, the body translated statement by statement.

Differences of Redshift's procedures (Amazon Redshift Database Developer Guide, "Overview of stored procedures"):
TRUNCATE commits; an EXCEPTION block rethrows; ALTER TABLE APPEND and VACUUM are not allowed.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlSyntaxError
from local_cloud.redshift.procedures.body import translate_body
from local_cloud.redshift.procedures.header import parse_header
from local_cloud.redshift.sql.statement import tokenize
from local_cloud.redshift.sql.translation import Translate


def translate_procedure(text: str, translate: Translate) -> str:
    """CREATE [OR REPLACE] PROCEDURE for PostgreSQL; `translate` is for the SQL statements of the body."""
    header = parse_header(text, tokenize(text))
    body = _body(text, header.body, translate, nonatomic=header.nonatomic)
    verb = "CREATE OR REPLACE" if header.replaces else "CREATE"
    security = " SECURITY DEFINER" if header.definer else ""
    return (
        f"{verb} PROCEDURE {header.name}({header.arguments}) LANGUAGE plpgsql{security}"
        f" AS {exp.Literal.string(body).sql('postgres')}"
    )


def _body(text: str, body: str, translate: Translate, *, nonatomic: bool) -> str:
    try:
        return translate_body(body, translate, nonatomic=nonatomic)
    except SqlSyntaxError as error:
        start = text.find(body)
        raise error.moved(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)) from None
