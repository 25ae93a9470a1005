"""One Redshift statement in, one PostgreSQL statement out; what is not in the list of kinds is refused by name."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import ParseError, UnsupportedError
from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.copy.options import parse_copy
from local_cloud.redshift.errors import SqlError, not_emulated, not_redshift
from local_cloud.redshift.sql.dialect import Reader
from local_cloud.redshift.sql.rewrite import rewrite
from local_cloud.redshift.sql.statement import Statement, single

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its warnings about Command are expected here


@dataclass(frozen=True)
class Translation:
    """A statement for PostgreSQL, with `$1`, `$2`, ... for the named parameters."""

    sql: str
    kind: str  # SELECT, INSERT, COPY, CREATE TABLE, ...
    parameters: tuple[str, ...] = ()
    commits: bool = False  # TRUNCATE ends the transaction around it
    hides_result: bool = False  # PostgreSQL answers rows where Redshift has none


def translate(sql: str) -> Translation:
    """The statement as PostgreSQL should run it. Raises SqlError."""
    statement = single(sql)
    first = statement.tokens[0].text.upper()
    handler = _HANDLERS.get(first)
    if handler is None:
        raise _refusal(statement)
    return handler(statement)


def translate_expression(text: str) -> str:
    """An expression, or several with commas between: of a procedure's IF, assignment, RAISE, CALL."""
    select = _tree(f"SELECT {text}")
    parameters: list[str] = []
    return _generate(select, parameters).removeprefix("SELECT ")


def _tree(text: str) -> exp.Expr:
    try:
        tree = sqlglot.parse_one(text, read=Reader)
    except ParseError as error:
        problem = error.errors[0] if error.errors else {}
        near = problem.get("highlight") or problem.get("description")
        raise SqlError(f'syntax error at or near "{near}"') from None
    if isinstance(tree, exp.Command):
        raise not_emulated(" ".join(text.split()[:4]))
    return rewrite(tree)


def _generate(tree: exp.Expr, parameters: list[str]) -> str:
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


def _parsed(statement: Statement, kind: str | None = None, **more: bool) -> Translation:
    tree = _tree(statement.text)
    parameters: list[str] = []
    sql = _generate(tree, parameters)
    return Translation(sql, kind or statement.words(1)[0], tuple(parameters), **more)


def _query(statement: Statement) -> Translation:
    return _parsed(statement, kind="SELECT")


def _truncate(statement: Statement) -> Translation:
    tree = _tree(statement.text)
    if isinstance(tree, exp.TruncateTable) and (len(tree.expressions) > 1 or tree.args.get("identity")):
        raise not_redshift("TRUNCATE of several tables or with options")
    return Translation(_generate(tree, []), "TRUNCATE", commits=True)


_CREATE = {"TABLE", "VIEW", "MATERIALIZED VIEW"}
_NOT_IN_REDSHIFT = {
    "INDEX", "UNIQUE", "TRIGGER", "SEQUENCE", "TYPE", "DOMAIN", "EXTENSION", "RULE", "AGGREGATE", "OPERATOR", "CAST",
    "FOREIGN", "UNLOGGED", "EVENT", "SERVER", "PUBLICATION", "SUBSCRIPTION", "TABLESPACE", "RECURSIVE", "COLLATION",
    "POLICY", "STATISTICS",
}  # fmt: skip


def _definition(statement: Statement) -> Translation:
    """CREATE, ALTER and DROP: by what comes after."""
    verb, *words = statement.words(8)
    replaces = words[:2] == ["OR", "REPLACE"]
    words = words[2:] if replaces else words
    if words[:1] in (["LOCAL"], ["TEMP"], ["TEMPORARY"]):
        words = words[words.index("TABLE") :] if "TABLE" in words else words
    what = "MATERIALIZED VIEW" if words[:2] == ["MATERIALIZED", "VIEW"] else words[0] if words else ""
    if what in {"PROCEDURE", "USER", "GROUP", "SCHEMA"}:
        return _OBJECTS[what](statement, verb)
    if what in {"FUNCTION"} and "plpgsql" in statement.text.lower():
        raise not_redshift(f"{verb} FUNCTION in plpgsql")
    if what in _NOT_IN_REDSHIFT:
        raise not_redshift(f"{verb} {what}" if what != "UNIQUE" else "CREATE INDEX")
    if what not in _CREATE:
        raise not_emulated(f"{verb} {what}")
    if verb == "ALTER":
        return _alter(statement, what)
    if what == "MATERIALIZED VIEW" and verb == "CREATE" and replaces:
        raise not_redshift("CREATE OR REPLACE MATERIALIZED VIEW")
    return _parsed(statement, kind=f"{verb} {what}")


def _alter(statement: Statement, what: str) -> Translation:
    words = statement.words(len(statement.tokens))
    if what == "MATERIALIZED VIEW":
        raise not_emulated("ALTER MATERIALIZED VIEW")
    if "APPEND" in words[3:7]:
        raise not_emulated("ALTER TABLE APPEND")
    if words[-3:-1] == ["OWNER", "TO"]:
        return Translation(statement.text, "ALTER TABLE")
    return _parsed(statement, kind="ALTER TABLE")


def _schema(statement: Statement, verb: str) -> Translation:
    words = statement.words(len(statement.tokens))
    if "QUOTA" in words:
        raise not_emulated("CREATE SCHEMA ... QUOTA")
    if verb == "ALTER" and "OWNER" not in words and "RENAME" not in words:
        raise not_emulated("ALTER SCHEMA")
    return Translation(statement.text, f"{verb} SCHEMA")


def _user(statement: Statement, verb: str) -> Translation:
    words = statement.words(len(statement.tokens))
    name = statement.tokens[2].text
    if verb == "ALTER" or "IN" in words:
        raise not_emulated(f"{verb} USER with options")
    if verb == "DROP":
        return Translation(statement.text.replace(words[1], "ROLE", 1), "DROP USER")
    if words[3:] != ["PASSWORD", "DISABLE"]:
        raise not_emulated("CREATE USER with a password: write PASSWORD DISABLE")
    return Translation(f"SELECT redshift.create_user({literal(name)})", "CREATE USER", hides_result=True)


def _group(statement: Statement, verb: str) -> Translation:
    return Translation(statement.text, f"{verb} GROUP")


def _procedure(statement: Statement, verb: str) -> Translation:
    from local_cloud.redshift.procedures.procedure import translate_procedure

    if verb == "CREATE":
        return Translation(translate_procedure(statement.text), "CREATE PROCEDURE")
    return Translation(statement.text, f"{verb} PROCEDURE")


_OBJECTS: dict[str, Callable[[Statement, str], Translation]] = {
    "PROCEDURE": _procedure,
    "USER": _user,
    "GROUP": _group,
    "SCHEMA": _schema,
}


def _call(statement: Statement) -> Translation:
    """CALL name(arguments): the name stays as it is, since it may be a word that means something elsewhere."""
    types = [token.token_type for token in statement.tokens]
    if TokenType.L_PAREN not in types or types[-1] != TokenType.R_PAREN:
        raise SqlError('syntax error at or near "CALL": write CALL name(arguments)')
    start = types.index(TokenType.L_PAREN)
    name = "".join(_name(token) for token in statement.tokens[1:start])
    parameters: list[str] = []
    arguments = ""
    if len(types) > start + 2:
        text = statement.text[statement.tokens[start].end + 1 : statement.tokens[-1].start]
        arguments = _generate(_tree(f"SELECT {text}"), parameters).removeprefix("SELECT ")
    return Translation(f"CALL {name}({arguments})", "CALL", tuple(parameters))


def _name(token: Token) -> str:
    """A name folded as Redshift folds it, or the dot between two."""
    return token.text if token.token_type == TokenType.DOT else exp.to_identifier(token.text.lower(), quoted=True).sql()


def _refresh(statement: Statement) -> Translation:
    if statement.words(3) != ["REFRESH", "MATERIALIZED", "VIEW"]:
        raise SqlError('syntax error at or near "REFRESH"')
    view = exp.to_table(statement.after(3).lower(), dialect="redshift").sql("postgres")
    return Translation(f"SELECT redshift.refresh({literal(view)})", "REFRESH", hides_result=True)


def _lock(statement: Statement) -> Translation:
    """LOCK takes an exclusive lock, and knows no modes."""
    words = statement.words(len(statement.tokens))
    tables = statement.after(2 if words[1] == "TABLE" else 1)
    if {"IN", "NOWAIT", "ONLY"} & set(words):
        raise not_redshift("LOCK with a mode")
    return Translation(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE", "LOCK")


def _copy(statement: Statement) -> Translation:
    parameters: list[str] = []
    command = parse_copy(statement.text, statement.tokens)
    request = literal(json.dumps(command.as_request()))
    return Translation(f"SELECT redshift.copy({request})", "COPY", tuple(parameters), hides_result=True)


def _grant(statement: Statement) -> Translation:
    words = statement.words(len(statement.tokens))
    for special in ("ASSUMEROLE", "DATASHARE", "ROLE", "MODEL", "MASKING", "RLS", "SCOPED"):
        if special in words:
            raise not_emulated(f"{words[0]} ... {special}")
    if "DROP" in words[:3]:
        raise not_emulated("GRANT DROP")
    return Translation(statement.text, words[0])


def _comment(statement: Statement) -> Translation:
    return Translation(statement.text, "COMMENT")


def _analyze(statement: Statement) -> Translation:
    words = statement.words(2)
    if words[1:] in (["COMPRESSION"], ["VERBOSE"]):
        raise not_emulated(" ".join(words))
    table = "" if len(words) < 2 else statement.tokens[1].text
    return Translation(f"ANALYZE {table}".strip(), "ANALYZE")


def _transaction(statement: Statement) -> Translation:
    word = statement.words(1)[0]
    return Translation({"START": "BEGIN", "END": "COMMIT", "ABORT": "ROLLBACK"}.get(word, word), word)


def _refusal(statement: Statement) -> SqlError:
    word = statement.words(1)[0]
    if word in {"DO", "REINDEX", "CLUSTER", "LISTEN", "NOTIFY", "CHECKPOINT", "SAVEPOINT", "VALUES", "TABLE", "IMPORT"}:
        return not_redshift({"DO": "DO blocks", "VALUES": "VALUES as a statement"}.get(word, word))
    if word in {"UNLOAD", "VACUUM", "SHOW", "SET", "RESET", "EXPLAIN", "PREPARE", "EXECUTE", "DEALLOCATE", "DECLARE",
                "FETCH", "CLOSE", "CANCEL", "USE", "ATTACH", "DETACH"}:  # fmt: skip
        return not_emulated(word)
    return SqlError(f'syntax error at or near "{statement.tokens[0].text}"')


def literal(text: str) -> str:
    """A string as PostgreSQL writes it."""
    return exp.Literal.string(text).sql("postgres")


_HANDLERS: dict[str, Callable[[Statement], Translation]] = {
    "SELECT": _query,
    "WITH": _query,
    "(": _query,
    "INSERT": _parsed,
    "UPDATE": _parsed,
    "DELETE": _parsed,
    "MERGE": _parsed,
    "TRUNCATE": _truncate,
    "CREATE": _definition,
    "ALTER": _definition,
    "DROP": _definition,
    "CALL": _call,
    "COPY": _copy,
    "REFRESH": _refresh,
    "LOCK": _lock,
    "GRANT": _grant,
    "REVOKE": _grant,
    "COMMENT": _comment,
    "ANALYZE": _analyze,
    "BEGIN": _transaction,
    "START": _transaction,
    "COMMIT": _transaction,
    "END": _transaction,
    "ROLLBACK": _transaction,
    "ABORT": _transaction,
}
