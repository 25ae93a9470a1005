"""Entry point of the warehouse_objects function: action `apply_objects`, invoked by terraform apply."""

from functools import cache
from typing import Any

from relay.actions import Context, as_event, check_fields
from relay.data_api import DataApi
from relay.errors import UnknownAction
from relay.settings import Target, required
from warehouse_objects.apply import Request, apply_objects

_FIELDS = ("action", "files", "history_table", "grants", "database", "warehouse", "user", "revision")
"""The last four have no effect here: a change of them makes Terraform invoke the function again."""


@cache
def _api() -> DataApi:
    return DataApi(Target.from_env())


def handle(event: object, context: Context) -> dict[str, Any]:
    """Runs the files that have not run, in one transaction except for nontransactional ones, and waits for their end.

    Raises RelayError. It may wait, because terraform apply waits for it; the apply fails only if the handler raises.
    """
    request = as_event(event)
    if request.get("action") != "apply_objects":
        raise UnknownAction(request.get("action"), ("apply_objects",))
    check_fields(request, _FIELDS)
    applied = apply_objects(_api(), Request.parse(request, required("NAME_PREFIX")), context)
    removed = {"removed": applied.removed} if applied.removed else {}
    return {"applied": applied.ran, "unchanged": applied.unchanged, **removed}
