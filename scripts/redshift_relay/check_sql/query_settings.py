"""Which settings a query's YAML file may have, and of which kind. The twin of queries.tf, to which a test holds it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

KINDS = {
    "label": "a text",
    "description": "a text",
    "default": "true or false",
    "chart": "a text",
    "columns": "a mapping of columns",
    "parameters": "a mapping of parameters",
    "max_rows": "a number",
    "timeout_seconds": "a number",
    "max_age_seconds": "a number",
    "min_refresh_seconds": "a number",
    "allowed_groups": "a list of texts",
    "refreshed_by": "a list of texts",
}
COLUMN_KINDS = {
    "label": "a text",
    "unit": "a text",
    "format": "a text",
    "decimals": "a number",
    "sum": "true or false",
    "role": "a text",
}
PARAMETER_KINDS = {
    "type": "a text",
    "label": "a text",
    "description": "a text",
    "order": "a number",
    "default": "a text",
    "minimum": "a text",
    "maximum": "a text",
    "max_length": "a number",
    "choices": "a list of texts",
    "claim": "a text",
    "values": "a mapping of query and column",
    "latest": "true or false",
}
TYPES = ("month", "date", "integer", "number", "text", "choice", "claim")
_EXAMPLES = {
    "a text": "Trips per day",
    "a number": "100",
    "true or false": "true",
    "a list of texts": "[Bronx, Manhattan]",
    "a mapping of columns": "{total_fare: {unit: $}}",
    "a mapping of parameters": "{month: {type: month}}",
    "a mapping of query and column": "{query: monthly_volume, column: pickup_month}",
}
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)


def settings_mistakes(settings: object) -> Iterator[str]:
    """Yields what is wrong with the content of a YAML file, without its name."""
    if not isinstance(settings, Mapping):
        yield f"is not a mapping of settings. Add at least description: {_EXAMPLES['a text']}."
        return
    yield from _of_mapping("", settings, KINDS)
    columns, parameters = settings.get("columns"), settings.get("parameters")
    for key, column in columns.items() if isinstance(columns, Mapping) else ():
        if isinstance(column, Mapping):
            yield from _of_mapping(f"columns.{key}.", column, COLUMN_KINDS)
        else:
            yield f"columns.{key} is not a mapping of settings. Use e.g. {key}: {{unit: $}}."
    for key, parameter in parameters.items() if isinstance(parameters, Mapping) else ():
        if not isinstance(parameter, Mapping):
            yield f"parameters.{key} is not a mapping of settings. Use e.g. {key}: {{type: month}}."
            continue
        yield from _of_mapping(f"parameters.{key}.", parameter, PARAMETER_KINDS)
        if parameter.get("type") not in TYPES:
            shown = in_json(parameter.get("type"))
            yield f"parameters.{key}.type {shown} is not supported. Use {', '.join(TYPES)}."


def _of_mapping(parent: str, settings: Mapping[str, Any], kinds: Mapping[str, str]) -> Iterator[str]:
    for key, value in settings.items():
        if key not in kinds:
            yield f"{parent}{key} is not a setting. Use {', '.join(sorted(kinds))}."
        elif value is not None and not _is(kinds[key], value):
            kind = kinds[key]
            yield f"{parent}{key} {in_json(value)} is not {kind}. Use e.g. {key}: {_EXAMPLES[kind]}."


def _is(kind: str, value: Any) -> bool:
    """Whether Terraform can convert the value to the kind."""
    if kind == "a text":
        return not isinstance(value, Mapping | list)
    if kind == "a number":
        text = isinstance(value, str) and _NUMBER.fullmatch(value)
        return bool(text) or (isinstance(value, int | float) and not isinstance(value, bool))
    if kind == "true or false":
        return isinstance(value, bool) or value in ("true", "false", "1", "0")
    if kind == "a list of texts":
        return isinstance(value, list) and all(_is("a text", item) for item in value)
    if kind == "a mapping of query and column":
        is_pair = isinstance(value, Mapping) and sorted(value) == ["column", "query"]
        return is_pair and all(item is not None and _is("a text", item) for item in value.values())
    return isinstance(value, Mapping)


def in_json(value: object) -> str:
    """The value as Terraform's jsonencode writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
