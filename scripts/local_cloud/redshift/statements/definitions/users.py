"""CREATE, ALTER and DROP of users and groups.

Passwords are checked and not kept: the Data API logs in with IAM. Source: "CREATE USER", "ALTER USER", "DROP USER",
Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

import re

from sqlglot.tokenizer_core import TokenType

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.restrictions.reserved_words import RESERVED
from local_cloud.redshift.sql.statement import Statement, single
from local_cloud.redshift.sql.syntax_errors import near
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal
from local_cloud.redshift.sql.words import Words
from local_cloud.redshift.statements.settings import translate_set

_SHORTEST, _LONGEST = 8, 64  # characters of a password in clear text
_HASHED = re.compile(r"md5[0-9a-f]{32}|sha256\|.+", re.DOTALL)
_ALLOWED = re.compile(r"[!-~]+")
_FORBIDDEN = set("'\"\\/@")
_TIMEOUTS = range(60, 1_728_001)  # seconds of SESSION TIMEOUT


def translate_user(statement: Statement, verb: str) -> Translation:
    """A user is a role of PostgreSQL that can log in."""
    words = Words(f"{verb} USER", statement.tokens, 2)
    if verb == "DROP":
        return _drop(words)
    name = role_name(words)
    words.skip("WITH")
    if verb == "ALTER" and (renamed := _renamed_or_set(statement, words, name)):
        return renamed
    options, groups, has_password = _options(words, verb)
    if verb == "CREATE":
        if not has_password:
            raise SqlError("syntax error at end of input: CREATE USER requires PASSWORD")
        call = f"redshift.create_user({literal(name)}, {literal(' '.join(options))}, {_array(groups)})"
    else:
        if groups:
            raise near(statement.tokens[-1])
        call = f"redshift.alter_user({literal(name)}, {literal(' '.join(options))})"
    return Translation(f"SELECT {call}", f"{verb} USER", hides_result=True)


def role_name(words: Words) -> str:
    """The name of a user or a role, which is no reserved word.

    Also quoted names are in lower case, except those of IAM identities (`IAM:user`, `IAMR:role`), which users of
    GetClusterCredentialsWithIAM have: https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentialsWithIAM.html
    """
    token = words.take()
    is_quoted = token.token_type == TokenType.IDENTIFIER
    if not is_quoted and token.text.lower() in RESERVED | {"public"}:
        raise near(token)
    return token.text if is_quoted and token.text.startswith(("IAM:", "IAMR:")) else token.text.lower()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def administer(statement: str, kind: str) -> Translation:
    """The statement, run with the rights over all roles, if the user has them."""
    return Translation(f"SELECT redshift.administer({literal(statement)})", kind, hides_result=True)


def _drop(words: Words) -> Translation:
    exists = words.skip("IF")
    if exists:
        words.expect("EXISTS")
    names = [role_name(words)]
    while words.skip(","):
        names.append(role_name(words))
    clause = "IF EXISTS " if exists else ""
    return administer(f"DROP ROLE {clause}{', '.join(map(quoted, names))}", "DROP USER")


def _renamed_or_set(statement: Statement, words: Words, name: str) -> Translation | None:
    if words.skip("RENAME"):
        words.expect("TO")
        return administer(f"ALTER ROLE {quoted(name)} RENAME TO {quoted(role_name(words))}", "ALTER USER")
    if words.peek() == "RESET" and words.peek(1) != "SESSION":
        words.take()
        return administer(f"ALTER ROLE {quoted(name)} RESET {quoted(words.name())}", "ALTER USER")
    if words.peek() == "SET":
        change = translate_set(single(statement.after(words.at)))
        return administer(f"ALTER ROLE {quoted(name)} {change.sql}", "ALTER USER")
    return None


def _options(words: Words, verb: str) -> tuple[list[str], list[str], bool]:
    """PostgreSQL's options, the groups, and whether a password is among the options."""
    options: list[str] = []
    groups: list[str] = []
    has_password = False
    while words.more():
        option = words.option()
        if option == "PASSWORD":
            has_password = True
            _password(words)
        elif option in {"CREATEDB", "NOCREATEDB"}:
            options.append(option)
        elif option in {"CREATEUSER", "NOCREATEUSER"}:
            if option == "CREATEUSER":
                raise not_emulated(f"{verb} USER ... CREATEUSER")
        elif option == "CONNECTION":
            words.expect("LIMIT")
            options.append(f"CONNECTION LIMIT {-1 if words.skip('UNLIMITED') else words.number('CONNECTION LIMIT')}")
        elif option == "VALID":
            words.expect("UNTIL")
            options.append(f"VALID UNTIL {literal(words.string('VALID UNTIL'))}")
        elif option == "SYSLOG":
            words.expect("ACCESS")
            words.expect("RESTRICTED", "UNRESTRICTED")
        elif option in {"SESSION", "RESET"}:
            _timeout(words, option)
        elif option == "EXTERNALID":
            words.take()
        elif option == "IN":
            words.expect("GROUP")
            groups.append(role_name(words))
            while words.skip(","):
                groups.append(role_name(words))
        else:
            raise near(words.tokens[words.at - 1])
    return options, groups, has_password


def _timeout(words: Words, option: str) -> None:
    if option == "RESET":
        words.expect("SESSION")
    words.expect("TIMEOUT")
    if option == "SESSION" and words.number("SESSION TIMEOUT") not in _TIMEOUTS:
        raise SqlError("SESSION TIMEOUT must be between 60 and 1728000 seconds")


def _password(words: Words) -> None:
    if words.skip("DISABLE"):
        return
    password = words.string("PASSWORD")
    if _HASHED.fullmatch(password):
        return
    kinds = (str.isupper, str.islower, str.isdigit)
    if not _SHORTEST <= len(password) <= _LONGEST or not all(any(map(kind, password)) for kind in kinds):
        raise SqlError(
            "Password must have 8 to 64 characters, with an uppercase letter, a lowercase letter and a number"
        )
    if not _ALLOWED.fullmatch(password) or _FORBIDDEN & set(password):
        raise SqlError("Password contains a character that is not allowed: blank, ', \", \\, /, @ or a non-ASCII one")


def _array(names: list[str]) -> str:
    return f"ARRAY[{', '.join(map(literal, names))}]::text[]"


def translate_group(statement: Statement, verb: str) -> Translation:
    """PostgreSQL's statement has the same form."""
    return Translation(statement.text, f"{verb} GROUP")
