"""GRANT and REVOKE. Sources: "GRANT", "REVOKE", Amazon Redshift Database Developer Guide."""

from __future__ import annotations

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.syntax_errors import near
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal
from local_cloud.redshift.sql.words import Words
from local_cloud.redshift.statements.definitions.roles import without_role_words
from local_cloud.redshift.statements.definitions.users import role_name

_NOT_EMULATED = ("ASSUMEROLE", "DATASHARE", "MODEL", "MASKING", "RLS", "SCOPED")
_OPTION = ["WITH", "GRANT", "OPTION"]


def translate_grant(statement: Statement) -> Translation:
    """Rights on tables, views, schemas and procedures, which PostgreSQL grants with the same words; and roles."""
    words = statement.words(len(statement.tokens))
    for special in _NOT_EMULATED:
        if special in words:
            raise not_emulated(f"{words[0]} ... {special}")
    if words[1:2] == ["ROLE"] or words[1:5] == ["ADMIN", "OPTION", "FOR", "ROLE"]:
        return _roles(statement, words[0])
    if "ON" not in words:
        raise not_emulated(f"{words[0]} of system permissions or of a role without the word ROLE")
    if "DROP" in words[: words.index("ON")]:
        raise not_emulated("GRANT DROP")
    grantees = words[max(i for i, word in enumerate(words) if word in {"TO", "FROM"}) :]
    if words[-3:] == _OPTION and {"GROUP", "PUBLIC", "ROLE"} & set(grantees):
        raise SqlError("grant options can only be granted to individual users")
    return Translation(without_role_words(statement), words[0])


def _roles(statement: Statement, verb: str) -> Translation:
    """GRANT ROLE a, b TO user, ROLE c [WITH ADMIN OPTION]; REVOKE [ADMIN OPTION FOR] ROLE a, b FROM ..."""
    words = Words(verb, statement.tokens, 1)
    admin = words.skip("ADMIN")
    if admin:
        words.expect("OPTION")
        words.expect("FOR")
    words.expect("ROLE")
    roles = [role_name(words)]
    while words.skip(","):
        words.skip("ROLE")
        roles.append(role_name(words))
    words.expect("TO" if verb == "GRANT" else "FROM")
    grantees: list[str] = []
    while True:
        words.skip("ROLE")
        grantees.append(role_name(words))
        if not words.skip(","):
            break
    if words.skip("WITH"):
        words.expect("ADMIN")
        words.expect("OPTION")
        admin = True
    if words.more():
        raise near(words.take())
    names = ", ".join(f"ARRAY[{', '.join(map(literal, some))}]" for some in (roles, grantees))
    function = "grant_roles" if verb == "GRANT" else "revoke_roles"
    return Translation(f"SELECT redshift.{function}({names}, {str(admin).lower()})", verb, hides_result=True)
