"""CREATE PROCEDURE: the header is rewritten, the body translated statement by statement.

Differences of Redshift's procedures (Amazon Redshift Database Developer Guide, "Overview of stored procedures"):
TRUNCATE commits; an EXCEPTION block rethrows; ALTER TABLE APPEND and VACUUM are not allowed.
"""

from __future__ import annotations

from sqlglot import exp, parse_one
from sqlglot.errors import ParseError

from local_cloud.redshift.errors import SqlError, SqlSyntaxError, not_emulated
from local_cloud.redshift.procedures.body import translate_body
from local_cloud.redshift.procedures.chunks import is_word
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.rewrite import rewrite
from local_cloud.redshift.sql.statement import tokenize
from local_cloud.redshift.sql.syntax_errors import from_parser
from local_cloud.redshift.sql.translation import Translate


def translate_procedure(text: str, translate: Translate) -> str:
    """CREATE [OR REPLACE] PROCEDURE for PostgreSQL; `translate` is for the SQL statements of the body."""
    text = _with_modes(text)
    try:
        tree = parse_one(text, read=Reader)
    except ParseError as error:
        raise from_parser(error) from None
    if not isinstance(tree, exp.Create) or tree.kind != "PROCEDURE":
        raise not_emulated("This form of CREATE PROCEDURE")
    languages = [p.name.lower() for p in tree.find_all(exp.LanguageProperty)]
    if languages != ["plpgsql"]:
        raise SqlError("A procedure's LANGUAGE must be plpgsql")
    body = _body(text, tree.expression.name, translate)
    definer = any(p.name.upper() == "DEFINER" for p in tree.find_all(exp.SqlSecurityProperty))
    rewrite(tree.this)
    header = f"CREATE {'OR REPLACE ' if tree.args.get('replace') else ''}PROCEDURE {tree.this.sql('postgres')}"
    if not isinstance(tree.this, exp.UserDefinedFunction) or not tree.this.args.get("wrapped"):
        header += "()"
    security = " SECURITY DEFINER" if definer else ""
    return f"{header} LANGUAGE plpgsql{security} AS {exp.Literal.string(body).sql('postgres')}"


def _body(text: str, body: str, translate: Translate) -> str:
    try:
        return translate_body(body, translate)
    except SqlSyntaxError as error:
        start = text.find(body)
        raise error.moved(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)) from None


def _with_modes(text: str) -> str:
    """INOUT as IN OUT, the only spelling that sqlglot reads."""
    for token in reversed(tokenize(text)):
        if is_word(token, "INOUT"):
            text = f"{text[: token.start]}IN OUT{text[token.end + 1 :]}"
    return text
