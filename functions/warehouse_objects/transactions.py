"""Which files share the transaction of an apply, and which run alone because they cannot, or would end it.

Sources: https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_MULTI_STATEMENT_VIOLATIONS.html (what a transaction block
refuses), r_ALTER_TABLE.html (ALTER COLUMN ... TYPE), r_TRUNCATE.html (it commits) in the same guide.
"""

import re
from itertools import islice

from relay.errors import InputError

ALONE = "-- transaction: none"
"""The first line of a file that runs alone."""
IN_A_BLOCK = "cannot run inside a transaction block"
"""What Redshift says of a statement that must run alone, also of those that cannot be told from their text."""
WHAT_TO_WRITE = f"write {ALONE!r} as its first line, and it runs alone, outside the transaction of the others"

# A single word, or what begins with "none": more words than that are an ordinary comment.
_SETTING = re.compile(r"(?:--|/\*)[-*\s]*transaction\s*:\s*(?:none\b|\S+\s*(?:\*/)?$)", re.IGNORECASE)
_TOKEN = re.compile(r'--[^\n]*|/\*.*?\*/|("(?:[^"]|"")*"|\w+|\S)', re.DOTALL)
_NAME = r"\S+(?: \. \S+)*"
_CANNOT = re.compile(
    r"(?P<what>VACUUM|(?:CREATE|DROP) (?:DATABASE|LIBRARY)|CREATE OR REPLACE LIBRARY"
    r"|(?:CREATE|ALTER|DROP) EXTERNAL TABLE)\b"
    rf"|ALTER TABLE {_NAME} (?:(?P<append>APPEND)|ALTER (?:COLUMN |(?!COLUMN |DISTKEY ))\S+ (?P<type>TYPE))\b"
)
_ENDS = ("TRUNCATE", "COMMIT", "END", "ROLLBACK", "ABORT")


def runs_alone(name: str, sql: str) -> bool:
    """Whether the file says so; raises InputError for a file that has to say so and does not, or says it wrongly."""
    first = sql.lstrip().partition("\n")[0].rstrip()
    if first == ALONE:
        return True
    if _SETTING.match(first):
        raise InputError(name, f"{first!r} is not known: write {ALONE!r} for a file that runs alone, or no such line")
    if why := _outside(sql):
        raise InputError(name, f"{why}: {WHAT_TO_WRITE}")
    return False


def _outside(sql: str) -> str | None:
    """Why the statement cannot share a transaction, as far as its first words tell; comments do not count."""
    tokens = (match[1] for match in _TOKEN.finditer(sql) if match[1])
    # A quoted name is one word, whatever it holds.
    words = ['"' if token.startswith('"') else token.upper() for token in islice(tokens, 16)]
    if words and words[0] in _ENDS:
        return f"{words[0]} ends the transaction that the files of an apply share"
    if not (match := _CANNOT.match(" ".join(words))):
        return None
    what = match["what"] or ("ALTER TABLE APPEND" if match["append"] else "ALTER TABLE ALTER COLUMN TYPE")
    return f"{what} {IN_A_BLOCK}"
