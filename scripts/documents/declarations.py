"""Reads the variables and outputs that the Terraform files of a module declare."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions

_AS_WRITTEN = SerializationOptions(
    with_comments=False,
    wrap_objects=True,
    wrap_tuples=True,
    explicit_blocks=False,
    strip_string_quotes=True,
)


@dataclass(frozen=True)
class Declaration:
    """A variable or an output. `type` and `default` are HCL; a required variable has no default."""

    name: str
    description: str
    type: str = ""
    default: str | None = None


def declarations(folder: Path, kind: str) -> Iterator[Declaration]:
    """Yields the blocks of a kind (`variable`, `output`) in a folder's Terraform files, in their order."""
    for file in sorted(folder.glob("*.tf")):
        with file.open(encoding="utf-8") as text:
            blocks = hcl2.load(text, serialization_options=_AS_WRITTEN).get(kind, [])
        for block in blocks:
            ((name, body),) = block.items()
            default = _value(body["default"]) if "default" in body else None
            yield Declaration(name, _text(body["description"]), _expression(body.get("type", "")), default)


def _value(value: Any) -> str:
    """Returns a value as HCL."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str) and not value.startswith("${"):
        return f'"{value}"'
    return _expression(str(value))


def _expression(text: str) -> str:
    """Returns an expression without the parser's mark."""
    return text[2:-1] if text.startswith("${") else text


def _text(description: str) -> str:
    """Returns a description without its quotes or heredoc marks."""
    found = re.fullmatch(r"<<-?(\w+)\n(.*)\n\s*\1", description, re.DOTALL)
    text = textwrap.dedent(found[2]).strip() if found else description.replace('\\"', '"')
    return text.replace("$${", "${").replace("%%{", "%{")
