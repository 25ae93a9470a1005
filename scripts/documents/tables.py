"""Writes the declarations of a module as Markdown tables."""

import re
from pathlib import Path

from documents.declarations import Declaration, declarations
from documents.shapes import keys


def tables(folder: Path) -> str:
    """Returns the tables of a module's inputs, of the keys of its objects, and of its outputs."""
    inputs = list(declarations(folder, "variable"))
    lines = ["## Inputs", "", "| name | type | default | description |", "|---|---|---|---|"]
    for one in sorted(inputs, key=lambda one: one.default is not None):
        default = "**required**" if one.default is None else f"`{one.default}`"
        lines.append(f"| `{one.name}` | {_kind(one.type)} | {default} | {_cell(one.description)} |")
    lines += [line for one in inputs for line in _shape(one)]
    lines += ["", "## Outputs", "", "| name | description |", "|---|---|"]
    lines += [f"| `{one.name}` | {_cell(one.description)} |" for one in declarations(folder, "output")]
    return "\n".join(lines) + "\n"


def _shape(variable: Declaration) -> list[str]:
    """The table of an object's keys; nothing for a variable without an object. What a key means, its input says."""
    rows = [
        f"| `{key.path}` | `{key.type}` | {'**required**' if key.default is None else f'`{key.default}`'} |"
        for key in keys(variable.name, variable.type)
    ]
    head = ["", f"### Keys of `{variable.name}`", "", "| key | type | default |", "|---|---|---|"]
    return [*head, *rows] if rows else []


def _kind(type_: str) -> str:
    """Returns `map(object)` for a map of objects: the description lists the keys of an object."""
    outer = re.match(r"(?:(?:map|list|set)\()*\w+", type_)
    assert outer, type_  # noqa: S101 - every variable has a type
    return f"`{outer[0]}{')' * outer[0].count('(')}`"


def _cell(description: str) -> str:
    """Returns paragraphs and lists as one cell of a table."""
    return "<br><br>".join(map(_paragraph, description.split("\n\n")))


def _paragraph(text: str) -> str:
    lines = re.sub(r"\n(?!\s*- )\s*", " ", text).splitlines()
    return "<br>".join(re.sub(r"^( *)- ", _bullet, _safe(line)) for line in lines)


def _bullet(item: re.Match[str]) -> str:
    return "&emsp;" * (len(item[1]) // 2) + "• "


def _safe(line: str) -> str:
    """Escapes markup outside of `code`, and bars everywhere: they end a cell."""
    parts = line.replace("|", "\\|").split("`")
    return "`".join(part if at % 2 else part.replace("<", "&lt;").replace("*", "\\*") for at, part in enumerate(parts))
