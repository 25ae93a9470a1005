"""Who calls the Data API."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """Who signed a request, as IAM names them."""

    account_id: str
    region: str
    arn: str
    user_id: str

    @property
    def role_name(self) -> str | None:
        """The role's name when the caller is a session of a role."""
        match = re.fullmatch(r"arn:[^:]+:sts::\d+:assumed-role/([^/]+)/.+", self.arn)
        return match[1] if match else None

    @property
    def owner(self) -> str:
        """Who may read the statement: the role in any of its sessions, or the user (the same-role rule)."""
        return f"{self.account_id}:role/{self.role_name}" if self.role_name else self.arn

    @property
    def database_user(self) -> str:
        """The database user of this IAM identity (GetClusterCredentialsWithIAM: `IAM:user` or `IAMR:role`)."""
        if self.role_name:
            return f"IAMR:{self.role_name}"
        if self.arn.endswith(":root"):
            return "IAM:RootIdentity"
        return f"IAM:{self.arn.rsplit('/', 1)[-1]}"
