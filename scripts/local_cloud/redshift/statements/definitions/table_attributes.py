"""Table attributes of CREATE TABLE and CREATE MATERIALIZED VIEW: distribution, sort order and encoding.

They have no effect here, so they are checked and left out; design.py keeps them for the system views. Source: "CREATE
TABLE", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.statement import Statement, single
from local_cloud.redshift.sql.words import Words

_STYLES = {"AUTO", "EVEN", "KEY", "ALL"}
_ATTRIBUTES = {"DISTSTYLE", "DISTKEY", "SORTKEY", "COMPOUND", "INTERLEAVED", "ENCODE", "BACKUP"}


@dataclass(frozen=True)
class Attributes:
    """What follows the columns; names of columns are folded. An empty `style` is AUTO."""

    style: str = ""
    distkey: str = ""
    sortkeys: tuple[str, ...] = ()
    interleaved: bool = False


def without_attributes(statement: Statement) -> tuple[Statement, Attributes]:
    """The statement without what follows the columns, up to AS; and what that was."""
    removed: list[tuple[Token, Token]] = []
    seen: dict[str, str] = {}
    tokens = statement.tokens
    depth = 0
    i = 3  # behind CREATE TABLE name
    while i < len(tokens) and not (depth == 0 and tokens[i].token_type == TokenType.ALIAS):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(tokens[i].token_type, 0)
        if depth == 0 and tokens[i].text.upper() in _ATTRIBUTES:
            words = Words("CREATE TABLE", tokens, i)
            name, value = _attribute(words, seen)
            if name in seen:
                raise SqlError(f"conflicting or redundant options: {name}")
            seen[name] = value
            removed.append((tokens[i], tokens[words.at - 1]))
            i = words.at
        else:
            i += 1
    _check(seen, statement)
    keys = tuple(name for name in seen.get("SORTKEY", "").split(",") if name)
    style = "" if seen.get("DISTSTYLE") == "AUTO" else seen.get("DISTSTYLE", "")
    attributes = Attributes(style, seen.get("DISTKEY", ""), keys, "INTERLEAVED" in seen)
    if not removed:
        return statement, attributes
    text = statement.text
    for first, last in reversed(removed):
        text = f"{text[: first.start]}{text[last.end + 1 :]}"
    return single(text, statement.context), attributes


def _attribute(words: Words, seen: dict[str, str]) -> tuple[str, str]:
    name = words.word()
    if name == "DISTSTYLE":
        style = words.word()
        if style not in _STYLES:
            raise SqlError(f'syntax error at or near "{style}"')
        return name, style
    if name == "BACKUP":
        words.expect("YES", "NO")
        return name, ""
    if name == "ENCODE":
        words.expect("AUTO")
        return name, ""
    if name in {"COMPOUND", "INTERLEAVED"}:
        words.expect("SORTKEY")
        if name == "INTERLEAVED":
            seen[name] = ""
        name = "SORTKEY"
    elif name == "SORTKEY" and words.skip("AUTO"):
        return name, ""
    columns = words.names()
    if not columns or (name == "DISTKEY" and len(columns) > 1):
        raise SqlError(f"{name} requires a list of columns" if name == "SORTKEY" else "DISTKEY requires one column")
    return name, ",".join(columns)


def _check(seen: dict[str, str], statement: Statement) -> None:
    style = seen.get("DISTSTYLE")
    column_key = sum(token.text.upper() == "DISTKEY" for token in statement.tokens) - ("DISTKEY" in seen)
    keys = column_key + ("DISTKEY" in seen)
    if style == "KEY" and not keys:
        raise SqlError("DISTSTYLE KEY requires a DISTKEY column")
    if style not in {None, "KEY"} and keys:
        raise SqlError(f"DISTKEY cannot be specified with DISTSTYLE {style}")
    if keys > 1:
        raise SqlError("only one DISTKEY column can be specified")
