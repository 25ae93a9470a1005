"""Redshift SQL to a syntax tree, and the tree to PostgreSQL's SQL."""

from __future__ import annotations

import logging

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import ParseError, UnsupportedError

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.context import NO_CONTEXT, Context
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.rewrite import rewrite
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.syntax_errors import from_parser, not_parsed
from local_cloud.redshift.sql.translation import Translation

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its warnings about Command are expected here


def parse(text: str, context: Context = NO_CONTEXT, *, named: bool = True) -> exp.Expr:
    """The tree of a statement, checked and rewritten for PostgreSQL; `named`: with Redshift's names of columns."""
    try:
        tree = sqlglot.parse_one(text, read=Reader)
    except ParseError as error:
        raise from_parser(error) from None
    if isinstance(tree, exp.Command):
        raise not_parsed(text)
    return rewrite(tree, context, named=named)


def generate(tree: exp.Expr, parameters: list[str], context: Context = NO_CONTEXT) -> str:
    """PostgreSQL's SQL; the names of `:name` are appended to `parameters`, their values become literals."""
    for placeholder in list(tree.find_all(exp.Placeholder)):
        name = placeholder.name
        if not name:
            raise SqlError("Parameters are written :name")
        if name not in parameters:
            parameters.append(name)
        if (value := context.parameters.get(name)) is not None:
            placeholder.replace(exp.Literal.string(value))
    for text in tree.find_all(exp.Literal):
        if text.is_string and "\0" in text.this:
            text.set("this", text.this.partition("\0")[0])  # a text ends there; PostgreSQL has none
    try:
        return tree.sql("postgres", unsupported_level=ErrorLevel.RAISE, comments=False)
    except UnsupportedError as error:
        raise not_emulated(str(error)) from None


def translate_tree(statement: Statement, kind: str) -> Translation:
    """The translation of a statement that needs no more than the rules for syntax trees."""
    parameters: list[str] = []
    sql = generate(parse(statement.text, statement.context), parameters, statement.context)
    return Translation(sql, kind, tuple(parameters))


def translate_expression(text: str, parameters: list[str] | None = None, context: Context = NO_CONTEXT) -> str:
    """One expression, or several separated by commas: of a CALL, or of a procedure's IF, assignment or RAISE."""
    select = parse(f"SELECT {text}", context, named=False)
    return generate(select, [] if parameters is None else parameters, context).removeprefix("SELECT ")


def translate_expressions(text: str, parameters: list[str], context: Context) -> list[str]:
    """The expressions of a list that commas separate."""
    select = parse(f"SELECT {text}", context, named=False)
    each = [exp.Select(expressions=[expression.copy()]) for expression in select.expressions]
    return [generate(one, parameters, context).removeprefix("SELECT ") for one in each]


def literal(text: str) -> str:
    """A string literal of PostgreSQL."""
    return exp.Literal.string(text).sql("postgres")
