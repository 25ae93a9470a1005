"""What the Data API needs from the AWS around it: the caller, IAM and Secrets Manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from local_cloud.redshift_data.caller import Caller


class Gate(Protocol):
    """The gate of one request."""

    @property
    def caller(self) -> Caller:
        """Who signed the request."""

    def require(self, action: str, resource: str, service: str, context: Mapping[str, str] | None = None) -> None:
        """Raise AccessDeniedException unless IAM allows the action."""

    def secret(self, arn: str) -> str | None:
        """The text of a secret; None if it does not exist."""


def owner_context(user_id: str) -> dict[str, str]:
    """The service's condition keys (service authorization reference, Redshift Data API)."""
    return {
        "redshift-data:statement-owner-iam-userid": user_id,
        "redshift-data:session-owner-iam-userid": user_id,
    }
