"""Calls of the functions in the schema `redshift`, for the rules that put one in place of another expression."""

from __future__ import annotations

from sqlglot import exp


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """redshift.name(arguments). The schema keeps PostgreSQL's functions of the same name out."""
    return exp.Dot(this=exp.to_identifier("redshift"), expression=exp.Anonymous(this=name, expressions=list(arguments)))


def function_name(node: exp.Expr | None) -> str:
    """The lower-case name of a call, or an empty text."""
    return node.name.lower() if isinstance(node, exp.Anonymous) else ""
