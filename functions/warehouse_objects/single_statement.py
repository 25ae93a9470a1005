"""Refuses a file of several statements before anything runs: the Data API takes one at a time, and names no file.

Each of Sqls is one statement (redshift-data service model, BatchExecuteStatementInput). A text that does not end its
string, comment or body is left to Redshift, which says where it begins. A backslash escapes in a string:
https://docs.aws.amazon.com/redshift/latest/dg/r_QUOTE_LITERAL.html doubles it.
"""

import re
from collections.abc import Iterator

from relay.errors import InputError

_TOKEN = re.compile(
    r"""--[^\n]*
    |/\*
    |;
    |'(?:[^'\\]|''|\\.)*(?P<string>'?)
    |"[^"]*(?P<name>"?)
    |(?P<tag>\$(?:[^\W\d]\w*)?\$)
    |[^\W\d][\w$]*
    |\S""",
    re.DOTALL | re.VERBOSE,
)
_COMMENT_MARK = re.compile(r"/\*|\*/")
_NUMBERS = {2: "two", 3: "three"}


def check_single_statement(name: str, sql: str) -> None:
    """Raises InputError, with the file's name, for more than one statement."""
    count = sum(1 for _ in _statements(sql))
    if count > 1:
        raise InputError(name, f"a file holds one statement. Split it into {_NUMBERS.get(count, count)} files.")


def _statements(sql: str) -> Iterator[int]:
    """Where each statement begins; empty ones are left out."""
    position, inside = 0, False
    while match := _TOKEN.search(sql, position):
        found, position = match[0], match.end()
        if found == "/*":
            position = _end_of_comment(sql, position)
            continue
        if found.startswith("--"):
            continue
        if found == ";":
            inside = False
            continue
        if match["tag"]:
            end = sql.find(match["tag"], position)
            position = end + len(match["tag"]) if end >= 0 else len(sql)
        if match["string"] == "" or match["name"] == "":
            return
        if not inside:
            yield match.start()
        inside = True


def _end_of_comment(sql: str, position: int) -> int:
    """Comments nest: read so, no text that Redshift takes for one statement is refused."""
    depth = 1
    while depth and (mark := _COMMENT_MARK.search(sql, position)):
        depth += 1 if mark[0] == "/*" else -1
        position = mark.end()
    return position if not depth else len(sql)
