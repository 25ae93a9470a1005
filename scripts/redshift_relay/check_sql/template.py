"""Renders a file as Terraform's templatefile does, as far as that is possible without the values.

https://developer.hashicorp.com/terraform/language/expressions/strings#string-templates
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLACEHOLDER = "template_value"
"""Stands for a value that is not known. It is a name, so that it neither begins nor ends a statement."""
_BEGIN = re.compile(r"(?P<escaped>\$\$\{|%%\{)|(?P<begin>[$%])\{(?P<trim>~?)")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


class TemplateError(Exception):
    """Terraform could not read the file as a template."""


@dataclass(frozen=True)
class Rendered:
    """A text; `complete` is False where a value or a condition is unknown, so that the text is only similar."""

    text: str
    complete: bool


def render(source: str, values: Mapping[str, str]) -> Rendered:
    """The text with values in place of `${name}`. Of a condition, the first branch; of a loop, one turn.

    Raises TemplateError for a sequence that is not closed.
    """
    parts: list[str] = []
    complete = True
    open_branches: list[bool] = []  # whether the text of each open directive is kept
    position, trim_next = 0, False
    while found := _BEGIN.search(source, position):
        text = source[position : found.start()]
        text = text.lstrip() if trim_next else text
        trim_next = False
        text = text.rstrip() if found["trim"] else text
        keep = all(open_branches)
        parts.append(text if keep else "")
        if found["escaped"]:
            parts.append(found["escaped"][1:] if keep else "")
            position = found.end()
            continue
        expression, position, trim_next = _expression(source, found.end(), found[0])
        if found["begin"] == "%":
            complete = False
            _follow(expression, open_branches)
            continue
        value = values.get(expression) if _NAME.fullmatch(expression) else None
        complete = complete and value is not None
        parts.append((PLACEHOLDER if value is None else value) if keep else "")
    if open_branches:
        raise TemplateError("a %{ if } or %{ for } is not closed. Add %{ endif } or %{ endfor }.")
    rest = source[position:]
    parts.append(rest.lstrip() if trim_next else rest)
    return Rendered("".join(parts), complete)


def _expression(source: str, position: int, begin: str) -> tuple[str, int, bool]:
    """The expression up to its closing brace, where it ends, and whether blanks after it are trimmed."""
    depth, start = 1, position
    while position < len(source):
        letter = source[position]
        if letter == '"' and (string := _STRING.match(source, position)):
            position = string.end()
            continue
        depth += {"{": 1, "}": -1}.get(letter, 0)
        position += 1
        if not depth:
            inside = source[start : position - 1]
            return inside.removesuffix("~").strip(), position, inside.endswith("~")
    line = source.count("\n", 0, start) + 1
    sequence = begin.removesuffix("~")
    raise TemplateError(
        f"line {line}: {sequence} is not closed. "
        f"Close it with }}, or write {sequence[0]}{sequence} for the text {sequence}."
    )


def _follow(directive: str, open_branches: list[bool]) -> None:
    word = directive.split()[0] if directive.split() else ""
    if word in {"if", "for"}:
        open_branches.append(True)
    elif word in {"else", "endif", "endfor"} and open_branches:
        open_branches.pop()
        if word == "else":
            open_branches.append(False)
    else:
        raise TemplateError(f"%{{ {directive} }} is not expected here. Use if, else, endif, for and endfor in pairs.")
