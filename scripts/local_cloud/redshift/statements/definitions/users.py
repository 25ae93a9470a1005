"""CREATE, ALTER and DROP of users and groups."""

from __future__ import annotations

from local_cloud.redshift.errors import not_emulated
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal


def translate_user(statement: Statement, verb: str) -> Translation:
    """A user without a password: the Data API logs in with IAM."""
    words = statement.words(len(statement.tokens))
    name = statement.tokens[2].text
    if verb == "ALTER" or "IN" in words:
        raise not_emulated(f"{verb} USER with options")
    if verb == "DROP":
        return Translation(statement.text.replace(words[1], "ROLE", 1), "DROP USER")
    if words[3:] != ["PASSWORD", "DISABLE"]:
        raise not_emulated("CREATE USER with a password: write PASSWORD DISABLE")
    return Translation(f"SELECT redshift.create_user({literal(name)})", "CREATE USER", hides_result=True)


def translate_group(statement: Statement, verb: str) -> Translation:
    """PostgreSQL's statement has the same form."""
    return Translation(statement.text, f"{verb} GROUP")
