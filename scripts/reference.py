"""Writes the tables of inputs and outputs from what the Terraform files declare: scripts/document --help"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions

ROOT = Path(__file__).resolve().parents[1]
BEGIN = "<!-- From here on scripts/document writes what the Terraform files declare. -->"

_AS_WRITTEN = SerializationOptions(
    with_comments=False,
    wrap_objects=True,
    wrap_tuples=True,
    explicit_blocks=False,
    strip_string_quotes=True,
)


@dataclass(frozen=True)
class Declared:
    """A variable or an output: `type` and `default` as HCL, no default for what is required."""

    name: str
    description: str
    type: str = ""
    default: str | None = None


def declared(folder: Path, kind: str) -> Iterator[Declared]:
    """The blocks of a kind in a folder's Terraform files, in their order."""
    for file in sorted(folder.glob("*.tf")):
        with file.open(encoding="utf-8") as text:
            blocks = hcl2.load(text, serialization_options=_AS_WRITTEN).get(kind, [])
        for block in blocks:
            ((name, body),) = block.items()
            default = _value(body["default"]) if "default" in body else None
            yield Declared(name, _text(body["description"]), _expression(body.get("type", "")), default)


def _value(value: Any) -> str:
    """A value as one writes it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str) and not value.startswith("${"):
        return f'"{value}"'
    return _expression(str(value))


def _expression(text: str) -> str:
    """What the parser marks as an expression, without the mark."""
    return text[2:-1] if text.startswith("${") else text


def _text(description: str) -> str:
    """A description, also of several lines, without the marks around it."""
    found = re.fullmatch(r"<<-?(\w+)\n(.*)\n\s*\1", description, re.DOTALL)
    text = textwrap.dedent(found[2]).strip() if found else description.replace('\\"', '"')
    return text.replace("$${", "${").replace("%%{", "%{")


def tables(folder: Path) -> str:
    """Markdown of what a module takes and gives."""
    inputs = list(declared(folder, "variable"))
    lines = ["## Inputs", "", "| Name | Type | Default | Description |", "|---|---|---|---|"]
    # Required inputs come first.
    for one in sorted(inputs, key=lambda one: one.default is not None):
        default = "**required**" if one.default is None else f"`{one.default}`"
        lines.append(f"| `{one.name}` | {_kind(one.type)} | {default} | {_cell(one.description)} |")
    lines += ["", "## Outputs", "", "| Name | Description |", "|---|---|"]
    lines += [f"| `{one.name}` | {_cell(one.description)} |" for one in declared(folder, "output")]
    return "\n".join(lines) + "\n"


def _kind(type_: str) -> str:
    """`map(object)` for a map of objects: what an object holds stands in the description."""
    outer = re.match(r"(?:(?:map|list|set)\()*\w+", type_)
    assert outer, type_  # noqa: S101 - every variable has a type
    return f"`{outer[0]}{')' * outer[0].count('(')}`"


def _cell(description: str) -> str:
    """Markdown of several paragraphs and lists in one cell of a table."""
    return "<br><br>".join(map(_paragraph, description.split("\n\n")))


def _paragraph(text: str) -> str:
    lines = re.sub(r"\n(?!\s*- )\s*", " ", text).splitlines()
    return "<br>".join(re.sub(r"^( *)- ", _bullet, _safe(line)) for line in lines)


def _bullet(item: re.Match[str]) -> str:
    return "&emsp;" * (len(item[1]) // 2) + "• "


def _safe(line: str) -> str:
    """Outside of `code` nothing is markup; a bar would end the cell anywhere."""
    parts = line.replace("|", "\\|").split("`")
    return "`".join(part if at % 2 else part.replace("<", "&lt;").replace("*", "\\*") for at, part in enumerate(parts))


def documents(root: Path) -> dict[Path, str]:
    """Each document with tables => what it should be."""
    folders = {root / "REFERENCE.md": root}
    folders |= {folder / "README.md": folder for folder in sorted((root / "modules").iterdir()) if folder.is_dir()}
    wanted = {}
    for file, folder in folders.items():
        written, begin, _ = file.read_text(encoding="utf-8").partition(BEGIN)
        if not begin:
            raise SystemExit(f"{file}: has no line {BEGIN}")
        wanted[file] = f"{written}{BEGIN}\n\n{tables(folder)}"
    return wanted


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes what differs, or with --check names it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/document", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name the files that are stale")
    options = parser.parse_args(arguments)
    wanted = documents(ROOT)
    stale = {file: text for file, text in wanted.items() if file.read_text(encoding="utf-8") != text}
    for file, text in stale.items():
        if not options.check:
            file.write_text(text, encoding="utf-8")
        print(f"{'stale' if options.check else 'written'}: {file.relative_to(ROOT)}", file=sys.stderr)
    if options.check and stale:
        print("Run scripts/document and commit the result.", file=sys.stderr)
        return 1
    print(f"{len(wanted)} documents say what is declared.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
