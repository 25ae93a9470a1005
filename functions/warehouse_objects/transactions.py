"""Tells which files share the transaction of an apply, and which are nontransactional: they cannot, or would end it.

Sources: https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_MULTI_STATEMENT_VIOLATIONS.html (what a transaction block
refuses), r_ALTER_TABLE.html (ALTER COLUMN ... TYPE), r_TRUNCATE.html (it commits) in the same guide.
"""

import re
from itertools import islice

from relay.errors import InputError

DIRECTIVE = "-- transaction: none"
"""The first line of a nontransactional file."""
IN_A_BLOCK = "cannot run inside a transaction block"
"""Redshift's error for a nontransactional statement in a transaction, also where its text does not show it."""
ADVICE = f"Add {DIRECTIVE!r} as its first line to run it by itself, outside the transaction of the other files."

# A single word, or text that begins with "none"; anything longer is an ordinary comment.
_LIKE_DIRECTIVE = re.compile(r"(?:--|/\*)[-*\s]*transaction\s*:\s*(?:none\b|\S+\s*(?:\*/)?$)", re.IGNORECASE)
_TOKEN = re.compile(r'--[^\n]*|/\*.*?\*/|("(?:[^"]|"")*"|\w+|\S)', re.DOTALL)
_NAME = r"\S+(?: \. \S+)*"
_NONTRANSACTIONAL = re.compile(
    r"(?P<what>VACUUM|(?:CREATE|DROP) (?:DATABASE|LIBRARY)|CREATE OR REPLACE LIBRARY"
    r"|(?:CREATE|ALTER|DROP) EXTERNAL TABLE)\b"
    rf"|ALTER TABLE {_NAME} (?:(?P<append>APPEND)|ALTER (?:COLUMN |(?!COLUMN |DISTKEY ))\S+ (?P<type>TYPE))\b"
)
_TRANSACTION_CONTROL = ("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT")


def is_nontransactional(name: str, sql: str) -> bool:
    """Whether the file has the directive; raises InputError if it needs the directive and lacks it, or misspells it.

    Also raises InputError for BEGIN, COMMIT and the like: an apply is a transaction.
    """
    words = _first_words(sql)
    if words and words[0] in _TRANSACTION_CONTROL:
        raise InputError(
            name, f"{words[0]} is not supported, because an apply runs files in transactions of its own. Remove it."
        )
    first = sql.lstrip().partition("\n")[0].rstrip()
    if first == DIRECTIVE:
        return True
    if _LIKE_DIRECTIVE.match(first):
        raise InputError(
            name,
            f"{first!r} is not supported. Write {DIRECTIVE!r}, or remove the line.",
        )
    if why := _why_nontransactional(words):
        raise InputError(name, f"{why}. {ADVICE}")
    return False


def _first_words(sql: str) -> list[str]:
    """The first words of the statement, without comments. A quoted name is one word, whatever it contains."""
    tokens = (match[1] for match in _TOKEN.finditer(sql) if match[1])
    return ['"' if token.startswith('"') else token.upper() for token in islice(tokens, 16)]


def _why_nontransactional(words: list[str]) -> str | None:
    """Why the statement cannot share a transaction, as far as its first words show."""
    if words[:1] == ["TRUNCATE"]:
        return "TRUNCATE ends the transaction that the files of an apply share"
    if not (match := _NONTRANSACTIONAL.match(" ".join(words))):
        return None
    what = match["what"] or ("ALTER TABLE APPEND" if match["append"] else "ALTER TABLE ALTER COLUMN TYPE")
    return f"{what} {IN_A_BLOCK}"
