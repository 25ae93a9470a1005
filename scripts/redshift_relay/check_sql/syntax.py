"""Reads a statement with sqlglot, where it is installed: syntax errors show before Redshift sees them.

sqlglot is not Redshift. It takes most of what Redshift refuses, and a few statements that Redshift takes are unknown to
it: those are left out here. A test reads every statement of the Database Developer Guide that this project knows.
"""

import logging
import re

try:
    import sqlglot
    from sqlglot import errors, exp
except ModuleNotFoundError:
    AVAILABLE = False
else:
    AVAILABLE = True
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of statements that it takes as one text

_UNKNOWN_TO_SQLGLOT = re.compile(
    r"""^\s*(?:ANALYZE|CLOSE|DEALLOCATE|PREPARE|EXECUTE)\b
    |^\s*DROP\s+SCHEMA\b
    |^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:NONATOMIC\s+)?PROCEDURE\b
    |\bSORTKEY\b(?!\s*\()
    |\bINTERVAL\s*'[^']*'\s*(?:YEAR|MONTH|DAY|HOUR|MINUTE|SECOND)
    |\|/|(?<![\w"')\]])\s@
    |\bUNPIVOT\b""",
    re.IGNORECASE | re.VERBOSE,
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def syntax_mistake(sql: str) -> str | None:
    """What sqlglot cannot read, as `3:7: <what>. <What to do>.` with line and column, or None."""
    if not AVAILABLE or _UNKNOWN_TO_SQLGLOT.search(_COMMENT.sub(" ", sql)):
        return None
    try:
        trees = sqlglot.parse(sql, read="redshift")
    except errors.ParseError as error:
        first = error.errors[0] if error.errors else {}
        where = f"{first.get('line') or 1}:{first.get('col') or 1}"
        what = str(first.get("description") or "unexpected text").rstrip(".")
        what = "an operand is missing" if what.startswith("Required keyword") else what  # it names its own classes
        near = str(first.get("highlight") or "").strip()
        return _mistake(where, f"{what[:1].lower()}{what[1:]}", near)
    except errors.TokenError as error:
        return _mistake("1:1", f"a string, name or comment may not be closed ({str(error).partition(':')[0]})", "")
    begins = next((tree for tree in trees if tree is not None and not _is_statement(tree)), None)
    if begins is not None:
        words = _COMMENT.sub(" ", sql).split()
        return _mistake("1:1", "no statement begins so", words[0] if words else "")
    return None


def _is_statement(tree: "exp.Expr") -> bool:
    """sqlglot reads `SELEC 1` as an expression, and Redshift has no statement that is one."""
    return not isinstance(tree, exp.Condition | exp.Alias | exp.Column | exp.Identifier) or isinstance(tree, exp.Query)


def _mistake(where: str, what: str, near: str) -> str:
    place = f" near {near!r}" if near else ""
    return f"{where}: not Redshift SQL{place}: {what}. Correct it, or use --no-syntax if Redshift accepts it."
