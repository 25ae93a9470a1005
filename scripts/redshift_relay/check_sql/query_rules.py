"""The rules for queries. The twin of modules/websocket_gateway/queries.tf: a test applies both to the same queries."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from redshift_relay.check_sql.query_definition import ParameterDefinition, QueryDefinition
from redshift_relay.check_sql.query_settings import TYPES, in_json

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_NOT_SYNTAX = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|::", re.DOTALL)
"""Literals, quoted names, comments and casts, in which a colon or a semicolon is not syntax."""
_ONE_QUERY = re.compile(r"\s*(select|with)\b[^;]*;?\s*", re.IGNORECASE | re.ASCII)
_USED = re.compile(r":([A-Za-z0-9_]+)")
_BOUNDED = ("month", "date", "integer", "number")
_SETTING_TYPES = {
    "minimum": _BOUNDED,
    "maximum": _BOUNDED,
    "max_length": ("text",),
    "choices": ("choice",),
    "claim": ("claim",),
    "values": _BOUNDED,
    "default": (*_BOUNDED, "text", "choice"),
}
_VALUE_FORMS = {
    "month": (r"[0-9]{4}-(0[1-9]|1[0-2])", "2015-01"),
    "date": (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "2015-01-31"),
    "integer": (r"-?[0-9]{1,18}", "42"),
    "number": (r"-?[0-9]{1,38}(\.[0-9]{1,38})?", "9.5"),
    "text": (r"[^\x00-\x1f\x7f]+", "Manhattan"),
    "choice": (r"(?s).*[^\n].*", "one of choices"),
    "claim": (r"(?s).*[^\n].*", ""),
}
"""The form of a value of each type, and an example."""
_WHOLE_NUMBERS = {
    "max_rows": (1, 10000000),
    "timeout_seconds": (1, 86400),
    "max_age_seconds": (0, 86400),
    "min_refresh_seconds": (0, 86400),
}
_CHARTS = ("bars", "line", "table", "figure")
_COLUMN_CHOICES = {"format": ("number", "plain", "percent"), "role": ("measure", "name")}
_RESERVED = ("live", "query", "ticket")
"""Parameters of the connect URL. An authorizer of the gateway may reserve more, which only its plan knows."""
MAX_SQL_BYTES = 100_000


def query_mistakes(queries: Mapping[str, QueryDefinition]) -> Iterator[tuple[str, str]]:
    """Yields (name of the query, mistake that begins with the setting)."""
    defaults = sorted(name for name, query in queries.items() if query.default)
    for name, query in queries.items():
        bare = _NOT_SYNTAX.sub(" ", query.sql)
        if query.default and len(defaults) > 1:
            yield name, f"default: is true for {' and '.join(defaults)}. Set it for one query only."
        yield from ((name, mistake) for mistake in _sql(query, bare))
        yield from ((name, mistake) for mistake in _settings(query))
        for key in query.parameters:
            yield from ((name, mistake) for mistake in _parameter(key, query, name, queries))


def _sql(query: QueryDefinition, bare: str) -> Iterator[str]:
    if len(query.sql.encode()) > MAX_SQL_BYTES:
        yield "sql: exceeds the 100,000 bytes that the Redshift Data API accepts. Move parts of it into a view."
    if not _ONE_QUERY.fullmatch(bare) or re.search(r"\binto\b", bare, re.IGNORECASE | re.ASCII):
        yield "sql: is not a single query. Use one statement that begins with SELECT or WITH and has no INTO."
    used = dict.fromkeys(_USED.findall(bare))
    for key in used:
        if key not in query.parameters:
            yield f"sql: uses :{key}, which is not declared. Add {key} to parameters."
    for key in query.parameters:
        if key not in used:
            yield f"parameters.{key}: is not used. Use :{key} in the sql or remove the parameter."


def _settings(query: QueryDefinition) -> Iterator[str]:
    for key, (low, high) in _WHOLE_NUMBERS.items():
        number = getattr(query, key)
        if number is not None and not (low <= number <= high and number == number.to_integral_value()):
            yield f"{key}: {number} is out of range. Use a whole number from {low} to {high}."
    for group in query.allowed_groups:
        if group is None or not re.fullmatch(r"[^\s,\[\]]+", group, re.ASCII):
            shown = in_json(group)
            what_to_do = "Use names without whitespace, commas and brackets."
            yield f"allowed_groups: {shown} cannot be found in a token. {what_to_do}"
    if query.chart is not None and query.chart not in _CHARTS:
        yield f"chart: {in_json(query.chart)} is not supported. Use {', '.join(_CHARTS)} or omit it."
    labels = {"label": query.label}
    labels |= {f"columns.{key}.label": column.get("label") for key, column in query.columns.items()}
    labels |= {f"parameters.{key}.label": parameter.label for key, parameter in query.parameters.items()}
    for path, label in labels.items():
        if label is not None and not label.strip():
            yield f"{path}: is blank. Omit it to show the name."
    for key, column in query.columns.items():
        for setting, choices in _COLUMN_CHOICES.items():
            value = column.get(setting)
            if value is not None and value not in choices:
                yield f"columns.{key}.{setting}: {in_json(value)} is not supported. Use {' or '.join(choices)}."
        decimals = column["decimals"]
        if decimals is not None and not (0 <= decimals <= 8 and decimals == decimals.to_integral_value()):
            yield f"columns.{key}.decimals: {decimals} is out of range. Use a whole number from 0 to 8."


def _parameter(key: str, query: QueryDefinition, name: str, queries: Mapping[str, QueryDefinition]) -> Iterator[str]:
    parameter = query.parameters[key]
    path = f"parameters.{key}"
    if not NAME.fullmatch(key):
        yield (
            f"parameters: {in_json(key)} is not a parameter name. "
            "Use 1 to 63 lowercase letters, digits and underscores, starting with a letter, e.g. month."
        )
    if parameter.type != "claim" and key in _RESERVED:
        yield f"{path}: the name is reserved on the connect URL. Use another name than {', '.join(_RESERVED)}."
    if parameter.type not in TYPES:
        return
    choices = parameter.choices or ()
    if parameter.type == "choice" and not (choices and all(choices)):
        yield f'{path}.choices: is missing or has an empty choice. List the values, e.g. ["Bronx", "Manhattan"].'
    length = parameter.max_length
    if length is not None and not (1 <= length <= 10000 and length == length.to_integral_value()):
        yield f"{path}.max_length: {length} is out of range. Use a whole number from 1 to 10000."
    for setting, types in _SETTING_TYPES.items():
        if getattr(parameter, setting) is not None and parameter.type not in types:
            yield (
                f"{path}.{setting}: cannot be set for type {parameter.type}. "
                f"Omit it or use the type {', '.join(types)}."
            )
    yield from _values(path, parameter)
    for other, one in query.parameters.items():
        if parameter.order is not None and parameter.order == one.order and key < other:
            yield (
                f"{path}.order: {parameter.order} is also the order of {other}. "
                "Give each parameter an order of its own."
            )
    yield from _listed_values(path, parameter, query, name, queries)


def _values(path: str, parameter: ParameterDefinition) -> Iterator[str]:
    """The default and the bounds."""
    form, example = _VALUE_FORMS[parameter.type]
    limit = 256 if parameter.max_length is None else parameter.max_length
    for setting in ("default", "minimum", "maximum"):
        value = getattr(parameter, setting)
        if value is None:
            continue
        valid = (
            re.fullmatch(form, value, re.ASCII)
            and (parameter.type != "date" or _is_date(value))
            and (parameter.type != "text" or len(value) <= limit)
            and (parameter.type != "choice" or value in (parameter.choices or ()))
        )
        if not valid:
            within = ", within max_length" if parameter.type == "text" else ""
            yield (f'{path}.{setting}: {in_json(value)} is not a valid {parameter.type}. Use e.g. "{example}"{within}.')
    for low, high in (("minimum", "default"), ("default", "maximum"), ("minimum", "maximum")):
        first, second = getattr(parameter, low), getattr(parameter, high)
        if first is not None and second is not None and _is_greater(parameter.type, first, second):
            yield (
                f"{path}.{low}: {in_json(first)} is greater than {high}, {in_json(second)}. "
                "Use minimum <= default <= maximum."
            )


def _listed_values(
    path: str, parameter: ParameterDefinition, query: QueryDefinition, name: str, queries: Mapping[str, QueryDefinition]
) -> Iterator[str]:
    if parameter.values is None:
        if parameter.latest:
            yield f"{path}.latest: can only be set together with values. Set values = {{ query, column }} or omit it."
        return
    shown, source = in_json(parameter.values["query"]), queries.get(parameter.values["query"])
    if source is None:
        example = sorted(queries)[0]
        yield f'{path}.values.query: {shown} is not a query of the catalog. Use the name of one, e.g. "{example}".'
        return
    required = sorted(key for key, one in source.parameters.items() if one.is_required)
    if required:
        yield (
            f"{path}.values.query: {shown} requires {', '.join(required)}. "
            "Use a query whose parameters all have a default."
        )
    theirs, ours = set(source.allowed_groups), set(query.allowed_groups)
    if theirs and (not ours or ours - theirs):
        yield (
            f"{path}.values.query: {shown} is not allowed for everyone who may run {name}. "
            "Extend its allowed_groups or use another query."
        )


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_greater(kind: str, first: str, second: str) -> bool:
    if kind not in ("integer", "number"):
        return first > second
    try:
        return Decimal(first) > Decimal(second)
    except ArithmeticError:
        return False
