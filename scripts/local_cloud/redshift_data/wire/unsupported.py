"""The operations and members of the Data API that the local cloud does not emulate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.redshift_data.errors import ValidationError

UNSUPPORTED_OPERATIONS = ("GetStatementResultV2", "ListSessions")
UNSUPPORTED_MEMBERS = ("SessionId", "SessionKeepAliveSeconds", "WaitTimeSeconds")
UNSUPPORTED_VALUES = {"ResultFormat": "CSV", "ExecutionMode": "AUTO_COMMIT"}


def check_operation(name: str) -> None:
    """Raises ValidationError for an operation that is not emulated."""
    if name in UNSUPPORTED_OPERATIONS:
        raise ValidationError(f"{name} is not emulated")


def check_members(request: Mapping[str, Any]) -> None:
    """Raises ValidationError that names the first member that is not emulated."""
    for member in UNSUPPORTED_MEMBERS:
        if member in request:
            raise ValidationError(f"{member} is not emulated")
    for member, value in UNSUPPORTED_VALUES.items():
        if request.get(member) == value:
            raise ValidationError(f"{member} {value} is not emulated")
