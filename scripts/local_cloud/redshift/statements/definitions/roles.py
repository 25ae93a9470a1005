"""CREATE, ALTER and DROP ROLE, and ALTER DEFAULT PRIVILEGES.

Sources: the pages of these commands, Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from local_cloud.redshift.errors import not_emulated
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.syntax_errors import near
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal
from local_cloud.redshift.sql.words import Words
from local_cloud.redshift.statements.definitions.users import administer, quoted, role_name


def translate_role(statement: Statement, verb: str) -> Translation:
    """A role is a role of PostgreSQL that cannot log in and knows its owner (internal/users.sql)."""
    words = Words(f"{verb} ROLE", statement.tokens, 2)
    name = role_name(words)
    if verb == "CREATE":
        if words.skip("EXTERNALID"):
            words.take()
        translation = Translation(f"SELECT redshift.create_role({literal(name)})", "CREATE ROLE", hides_result=True)
    elif verb == "DROP":
        force = words.skip("FORCE")
        if not force:
            words.skip("RESTRICT")
        call = f"redshift.drop_role({literal(name)}, {str(force).lower()})"
        translation = Translation(f"SELECT {call}", "DROP ROLE", hides_result=True)
    else:
        translation = _alter(words, name)
    if words.more():
        raise near(words.take())
    return translation


def _alter(words: Words, name: str) -> Translation:
    words.skip("WITH")
    if words.skip("RENAME"):
        words.expect("TO")
        return administer(f"ALTER ROLE {quoted(name)} RENAME TO {quoted(role_name(words))}", "ALTER ROLE")
    if words.skip("OWNER"):
        words.expect("TO")
        owner = literal(role_name(words))
        return administer(f"ALTER ROLE {quoted(name)} SET relay.role_owner = {owner}", "ALTER ROLE")
    words.expect("EXTERNALID")
    words.expect("TO")
    words.take()
    return Translation(f"SELECT redshift.check_role({literal(name)})", "ALTER ROLE", hides_result=True)


def translate_default_privileges(statement: Statement, verb: str) -> Translation:
    """ALTER DEFAULT PRIVILEGES, which PostgreSQL has in the same form, but for the word ROLE before a role."""
    words = statement.words(len(statement.tokens))
    if verb != "ALTER" or words[2:3] != ["PRIVILEGES"]:
        raise near(statement.tokens[1])
    if "PROCEDURES" in words:
        raise not_emulated("ALTER DEFAULT PRIVILEGES ... ON PROCEDURES")
    return Translation(without_role_words(statement), "ALTER DEFAULT PRIVILEGES")


def without_role_words(statement: Statement) -> str:
    """The text without ROLE before the name of a grantee."""
    text, removed = statement.text, []
    for before, token in zip(statement.tokens, statement.tokens[1:], strict=False):
        if token.text.upper() == "ROLE" and before.text.upper() in {"TO", "FROM", ",", "WITH"}:
            removed.append(token)
    for token in reversed(removed):
        text = text[: token.start] + text[token.end + 1 :]
    return text
