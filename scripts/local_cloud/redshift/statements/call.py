"""CALL."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import translate_expressions


def translate_call(statement: Statement) -> Translation:
    """CALL name(arguments). The name is not parsed, since it may be a word with a meaning elsewhere."""
    types = [token.token_type for token in statement.tokens]
    if TokenType.L_PAREN not in types or types[-1] != TokenType.R_PAREN:
        raise SqlError('syntax error at or near "CALL": write CALL name(arguments)')
    start = types.index(TokenType.L_PAREN)
    name = "".join(_name(token) for token in statement.tokens[1:start])
    parameters: list[str] = []
    arguments: list[str] = []
    if len(types) > start + 2:
        text = statement.text[statement.tokens[start].end + 1 : statement.tokens[-1].start]
        arguments = translate_expressions(text, parameters, statement.context)
    for place in statement.context.catalog.outputs(name, len(arguments)):
        arguments.insert(place, "NULL")  # PostgreSQL's CALL names the OUT arguments too
    return Translation(f"CALL {name}({', '.join(arguments)})", "CALL", tuple(parameters))


def _name(token: Token) -> str:
    """A name folded as Redshift folds it, or the dot between two names."""
    return token.text if token.token_type == TokenType.DOT else exp.to_identifier(token.text.lower(), quoted=True).sql()
