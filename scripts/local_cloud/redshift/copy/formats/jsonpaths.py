"""What COPY takes from a JSON object: its fields by the names of columns, or by the expressions of a JSONPaths file.

Source: "COPY from JSON format" and "JSONPaths file", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from local_cloud.redshift.errors import SqlError

Pick = Callable[[object], "list[object] | None"]
"""The values for the columns, None where the data has none; None as a whole if the value has no fields to take."""
_BRACKETS = re.compile(r"\$((\['[^']+'\]|\[\d+\])+)")
_DOTS = re.compile(r"\$((\.[^.'\[\]*]+(\[\d+\])*)+|(\[\d+\])+)")
_STEP = re.compile(r"\['([^']+)'\]|\[(\d+)\]|\.([^.\[]+)")


def by_name(columns: Sequence[str], *, ignore_case: bool) -> Pick:
    """'auto' and 'auto ignorecase'."""

    def pick(value: object) -> list[object] | None:
        if not isinstance(value, dict):
            return None
        fields = {key.lower(): field for key, field in value.items()} if ignore_case else value
        return [fields.get(column) for column in columns]

    return pick


def by_path(text: bytes, columns: Sequence[str]) -> Pick:
    """The expressions of a JSONPaths file, one for each column; a file without any means 'auto'."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise SqlError(f"Invalid JSONPaths file: {error}") from None
    if not isinstance(content, dict) or "jsonpaths" not in content:
        return by_name(columns, ignore_case=False)
    paths = content["jsonpaths"]
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise SqlError("Invalid JSONPaths file: jsonpaths is not a list of expressions")
    if len(paths) != len(columns):
        raise SqlError(
            "Number of jsonpaths and the number of columns should match. "
            f"JSONPath size: {len(paths)}, Number of columns in table or column list: {len(columns)}"
        )
    if not (all(map(_BRACKETS.fullmatch, paths)) or all(map(_DOTS.fullmatch, paths))):
        raise SqlError("Invalid JSONPath format. Supported notations are 'dot-notation' and 'bracket-notation'")
    steps = [_steps(path) for path in paths]
    return lambda value: [_follow(value, path) for path in steps]


def _steps(path: str) -> list[str | int]:
    return [int(index) if index else quoted or dotted for quoted, index, dotted in _STEP.findall(path)]


def _follow(value: object, path: list[str | int]) -> object:
    """The element, None if the data has none."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value
