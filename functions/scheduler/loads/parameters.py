"""Parameters of a run: picked from an event by path, and bound to the SQL. The Data API takes them as text."""

import re
from collections.abc import Mapping
from typing import Any

from relay.errors import InputError
from scheduler.loads.definition import Definition
from scheduler.loads.request import Request

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[([0-9]+)\]")
SCHEDULED_TIME = "scheduled_time"
MANIFEST = "manifest"


def pick(event: Mapping[str, Any], path: str, field: str) -> str:
    """The value at a path such as `$.detail.items[0].day`, as text; raises InputError for one that cannot be bound."""
    found: Any = event
    for name, index in _STEP.findall(path.removeprefix("$")):
        try:
            found = found[name] if name else found[int(index)]
        except (KeyError, IndexError, TypeError) as error:
            raise InputError(field, f"the event has no {path}") from error
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, int | float):
        return str(found)
    if not isinstance(found, str) or not found:
        # The Data API has neither NULL nor empty parameters (service model, SqlParameter and ParameterValue).
        kind = "empty text" if found == "" else "null" if found is None else type(found).__name__
        raise InputError(field, f"{path} of the event is {kind}, which cannot be bound. Use text or a number.")
    return found


def bound(definition: Definition, request: Request) -> dict[str, str]:
    """The parameters that the SQL contains, and no others; raises InputError for a missing or unknown one."""
    given = {**definition.parameters, **request.parameters}
    if request.scheduled_time:
        given.setdefault(SCHEDULED_TIME, request.scheduled_time)
    for name in request.parameters:
        if name not in definition.uses:
            raise InputError(f"parameters.{name}", f"the SQL of load {definition.name!r} does not contain :{name}")
    for name in definition.uses:
        if not given.get(name):
            raise InputError(f"parameters.{name}", f"the SQL of load {definition.name!r} needs a value for :{name}")
    return {name: given[name] for name in definition.uses}
