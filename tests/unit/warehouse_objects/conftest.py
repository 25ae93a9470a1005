"""What the tests of warehouse_objects share."""

from typing import Any

import pytest

from relay import data_api
from warehouse_objects import handler


@pytest.fixture
def apply(redshift: Any, context: type, monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> Any:
    """The entry point of warehouse_objects, in an environment as Terraform writes it."""
    for name, value in {"NAME_PREFIX": "taxi", "REDSHIFT_DATABASE": "dev", "REDSHIFT_WORKGROUP": "analytics"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(data_api, "default_client", lambda: redshift)
    handler._api.cache_clear()

    def run(*files: dict[str, Any], **changes: Any) -> dict[str, Any]:
        made = changes.pop("context", context())
        event = {"action": "apply_objects", "files": list(files), "history_table": "public.redshift_relay_history"}
        return handler.handle(event | changes, made)

    yield run
    handler._api.cache_clear()
