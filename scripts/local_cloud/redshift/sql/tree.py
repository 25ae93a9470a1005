"""Redshift SQL to a syntax tree, and the tree to PostgreSQL's SQL."""

from __future__ import annotations

import logging

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import ParseError, UnsupportedError

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.rewrite import rewrite
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its warnings about Command are expected here


def parse(text: str) -> exp.Expr:
    """The tree of a statement, checked and rewritten for PostgreSQL. Raises SqlError."""
    try:
        tree = sqlglot.parse_one(text, read=Reader)
    except ParseError as error:
        problem = error.errors[0] if error.errors else {}
        near = problem.get("highlight") or problem.get("description")
        raise SqlError(f'syntax error at or near "{near}"') from None
    if isinstance(tree, exp.Command):
        raise not_emulated(" ".join(text.split()[:4]))
    return rewrite(tree)


def generate(tree: exp.Expr, parameters: list[str]) -> str:
    """PostgreSQL's SQL; named parameters become $1, $2, ... and their names are appended to `parameters`."""
    for placeholder in list(tree.find_all(exp.Placeholder)):
        name = placeholder.name
        if not name:
            raise SqlError("Parameters are written :name")
        if name not in parameters:
            parameters.append(name)
        placeholder.replace(exp.Parameter(this=exp.Literal.number(parameters.index(name) + 1)))
    try:
        return tree.sql("postgres", unsupported_level=ErrorLevel.RAISE, comments=False)
    except UnsupportedError as error:
        raise not_emulated(str(error)) from None


def translate_tree(statement: Statement, kind: str) -> Translation:
    """The translation of a statement that needs no more than the rules for syntax trees."""
    parameters: list[str] = []
    sql = generate(parse(statement.text), parameters)
    return Translation(sql, kind, tuple(parameters))


def translate_expression(text: str, parameters: list[str] | None = None) -> str:
    """One expression, or several separated by commas: of a CALL, or of a procedure's IF, assignment or RAISE."""
    select = parse(f"SELECT {text}")
    return generate(select, [] if parameters is None else parameters).removeprefix("SELECT ")


def literal(text: str) -> str:
    """A string literal of PostgreSQL."""
    return exp.Literal.string(text).sql("postgres")
