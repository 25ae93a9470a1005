"""Checks a folder of queries: pairs of <name>.sql and <name>.yaml, with the rules of the plan and of the gateway."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from redshift_relay.check_sql.function_sources import add_function_sources
from redshift_relay.check_sql.mistake import Mistake
from redshift_relay.check_sql.query_definition import QueryDefinition
from redshift_relay.check_sql.query_rules import NAME, query_mistakes
from redshift_relay.check_sql.query_settings import settings_mistakes
from redshift_relay.check_sql.syntax import syntax_mistake
from redshift_relay.check_sql.template import TemplateError, render
from redshift_relay.check_sql.yaml_settings import read_yaml

add_function_sources()

from websocket_gateway.catalog.query import Query  # noqa: E402
from websocket_gateway.errors import ClientError  # noqa: E402


def check_queries(folder: Path, values: Mapping[str, str], *, syntax: bool) -> tuple[int, list[Mistake]]:
    """How many queries were read, and the mistakes in them."""
    sql, settings = ({path.stem for path in folder.glob(f"*.{suffix}")} for suffix in ("sql", "yaml"))
    mistakes = list(_pairs(folder, sql, settings))
    queries: dict[str, QueryDefinition] = {}
    for name in sorted(sql & settings):
        found, query = _read(folder, name, values, syntax=syntax)
        mistakes += found
        if query is not None:
            queries[name] = query
    if len(queries) == len(sql | settings):  # otherwise, queries that others name may be missing
        mistakes += _rules(folder, queries)
    return len(sql), mistakes


def _pairs(folder: Path, sql: set[str], settings: set[str]) -> Iterator[Mistake]:
    if not sql:
        yield Mistake.of(folder, "contains no queries. Add pairs of <name>.sql and <name>.yaml.")
    for path in sorted(folder.glob("*/**/*")):
        if path.suffix in {".sql", ".yaml"}:
            text = "would be ignored, because subfolders are not read. Move it into the folder itself."
            yield Mistake.of(path, text)
    for name in sorted(sql - settings):
        text = f"has no {name}.yaml. Add it, e.g. with description: Trips per day."
        yield Mistake.of(folder / f"{name}.sql", text)
    for name in sorted(settings - sql):
        yield Mistake.of(folder / f"{name}.yaml", f"has no {name}.sql. Add it with one SELECT.")


def _read(
    folder: Path, name: str, values: Mapping[str, str], *, syntax: bool
) -> tuple[list[Mistake], QueryDefinition | None]:
    """The mistakes of one pair of files, and the query if both can be read."""
    sql_file, yaml_file = folder / f"{name}.sql", folder / f"{name}.yaml"
    mistakes: list[Mistake] = []
    if not NAME.fullmatch(name):
        text = "is not named as a query. Use 1 to 63 lowercase letters, digits and underscores, starting with a letter."
        mistakes.append(Mistake.of(sql_file, text))
    settings: Any = None
    try:
        settings = read_yaml(yaml_file.read_text(encoding="utf-8"))
        settings = {} if settings is None else settings  # as Terraform has an empty file
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mistakes.append(Mistake.of(yaml_file, _not_yaml(error)))
    else:
        mistakes += [Mistake.of(yaml_file, text) for text in settings_mistakes(settings)]
    try:
        rendered = render(sql_file.read_text(encoding="utf-8"), values)
    except (TemplateError, UnicodeDecodeError) as error:
        text = str(error) if isinstance(error, TemplateError) else "is not UTF-8. Save it as UTF-8."
        return [*mistakes, Mistake.of(sql_file, text)], None
    if syntax and rendered.complete and (mistake := syntax_mistake(rendered.text)):
        mistakes.append(Mistake.of(sql_file, mistake))
    if any(mistake.file == yaml_file.as_posix() for mistake in mistakes):
        return mistakes, None
    return mistakes, QueryDefinition.of(rendered.text, settings)


def _not_yaml(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"{mark.line + 1}:{mark.column + 1}: " if mark else ""
    return f"{where}is not valid YAML: {getattr(error, 'problem', None) or error}. Correct it."


def _rules(folder: Path, queries: Mapping[str, QueryDefinition]) -> Iterator[Mistake]:
    wrong = False
    for name, text in query_mistakes(queries):
        wrong = True
        if text.startswith("sql: "):
            yield Mistake.of(folder / f"{name}.sql", text.removeprefix("sql: "))
        else:
            yield Mistake.of(folder / f"{name}.yaml", text)
    for name, query in queries.items() if not wrong else ():
        for text in _unusable_defaults(name, query):
            yield Mistake.of(folder / f"{name}.yaml", text)


def _unusable_defaults(name: str, query: QueryDefinition) -> Iterator[str]:
    """Defaults that the gateway itself would refuse to bind."""
    for key, parameter in Query.from_definition(name, query.for_function()).parameters.items():
        if parameter.default is not None:
            try:
                parameter.bind(key, parameter.default)
            except ClientError as error:
                yield f"parameters.{key}.default: {error}. Change the default."
