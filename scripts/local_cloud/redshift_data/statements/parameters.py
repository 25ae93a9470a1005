"""Named parameters: `:name` in SQL, and the values of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from local_cloud.redshift_data.errors import ValidationError
from local_cloud.redshift_data.wire.service_model import JSON

# Everything in which a colon is no parameter: strings, names, comments, dollar quotes, casts.
_PARAMETERS = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|::|:=|(?<!\w):(?P<name>\w+)", re.DOTALL
)


def parse_parameters(request: JSON, sqls: Sequence[str]) -> dict[str, str]:
    """The values by name. Raises ValidationError unless each is used and each `:name` has a value."""
    given = {one["name"]: one["value"] for one in request.get("Parameters", [])}
    if len(given) != len(request.get("Parameters", [])):
        raise ValidationError("Parameters list contains duplicate names.")
    if "Parameters" not in request:
        return {}
    used = set().union(*map(_names, sqls))
    if unused := sorted(set(given) - used):
        raise ValidationError(f"Parameters list contains unused parameters. Unused parameters: [{', '.join(unused)}]")
    if missing := sorted(used - set(given)):
        raise ValidationError(f"Cannot find parameter: {missing[0]}")
    return given


def used_parameters(sql: str, given: Mapping[str, str]) -> dict[str, str]:
    """The values that this statement of a batch uses."""
    names = _names(sql) if given else ()
    return {name: value for name, value in given.items() if name in names}


def _names(sql: str) -> set[str]:
    return {match["name"] for match in _PARAMETERS.finditer(sql) if match["name"]}
