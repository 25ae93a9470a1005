"""Checks a folder of warehouse objects with the rules of the function that runs them."""

import re
from collections.abc import Mapping
from pathlib import Path

from redshift_relay.check_sql.function_sources import add_function_sources
from redshift_relay.check_sql.mistake import Mistake
from redshift_relay.check_sql.syntax import syntax_mistake
from redshift_relay.check_sql.template import TemplateError, render

add_function_sources()

from relay.errors import InputError  # noqa: E402
from warehouse_objects.files import SqlFile, sort_files  # noqa: E402

_NAME = re.compile(r"(V[0-9]{1,9}([._][0-9]{1,9})*|R)__[A-Za-z0-9_]+\.sql", re.ASCII)
"""As `directory` of modules/warehouse_objects has it: Terraform's numbers are exact up to nine digits here."""


def check_objects(folder: Path, values: Mapping[str, str], *, syntax: bool) -> tuple[int, list[Mistake]]:
    """How many files were read, and the mistakes in them."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".sql" and path.is_file())
    own = [path for path in paths if path.parent == folder]
    mistakes = [
        Mistake.of(path, "would not run, because subfolders are not read. Move it into the folder itself.")
        for path in paths
        if path.parent != folder
    ]
    if not own:
        text = "contains no SQL files. Add files such as V1__trips.sql and R__load.sql."
        mistakes.append(Mistake.of(folder, text))
    files: list[SqlFile] = []
    for path in own:
        try:
            files += _read(path, values)
        except (InputError, TemplateError) as error:
            mistakes.append(Mistake.of(path, _without_field(error)))
        else:
            mistakes += _syntax(path, values) if syntax else []
    try:
        sort_files(files)
    except InputError as error:
        mistakes.append(Mistake.of(folder, _without_field(error)))
    return len(own), mistakes


def _read(path: Path, values: Mapping[str, str]) -> list[SqlFile]:
    """The file as the function would get it; none if a condition renders it empty."""
    if not _NAME.fullmatch(path.name):
        text = "cannot be ordered by name. Rename it to V<n>__<name>.sql or R__<name>.sql with letters, digits and _."
        raise InputError(path.name, text)
    source = _text(path)
    sql = render(source, values).text
    if source.strip() and not sql.strip():
        return []
    return [SqlFile.parse(path.name, sql)]


def _syntax(path: Path, values: Mapping[str, str]) -> list[Mistake]:
    rendered = render(_text(path), values)
    mistake = syntax_mistake(rendered.text) if rendered.complete else None
    return [Mistake.of(path, mistake)] if mistake else []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(path.name, f"is not UTF-8 at byte {error.start + 1}. Save it as UTF-8.") from error


def _without_field(error: Exception) -> str:
    return str(error).removeprefix(f"{error.field}: ") if isinstance(error, InputError) else str(error)
