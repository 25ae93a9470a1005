"""Settings, read once from the environment that Terraform writes; a missing or wrong variable is named."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from relay.errors import SettingsError


def required(name: str, env: Mapping[str, str] = os.environ) -> str:
    """The value of a required environment variable; raises SettingsError."""
    value = env.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def whole_number(name: str, env: Mapping[str, str] = os.environ) -> int:
    """The value of a required environment variable as a number from 0; raises SettingsError."""
    value = required(name, env)
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise SettingsError(f"{name}: {value!r} is not a whole number")
    return int(value)


def texts(name: str, env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The value of a required environment variable as a JSON array of text; raises SettingsError."""
    value = required(name, env)
    try:
        found = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{name}: {value!r} is not JSON") from error
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise SettingsError(f'{name}: {value!r} is not an array of text, e.g. ["a"]')
    return tuple(found)


@dataclass(frozen=True)
class Target:
    """The warehouse, and the way in: a cluster (as `user` or as the IAM role) or a workgroup, or either by a secret."""

    database: str
    cluster: str | None = None
    workgroup: str | None = None
    user: str | None = None
    secret_arn: str | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Target":
        """Reads `REDSHIFT_DATABASE`, `_CLUSTER` or `_WORKGROUP`, `_USER` and `_SECRET_ARN`; raises SettingsError."""
        target = cls(
            database=required("REDSHIFT_DATABASE", env),
            cluster=env.get("REDSHIFT_CLUSTER") or None,
            workgroup=env.get("REDSHIFT_WORKGROUP") or None,
            user=env.get("REDSHIFT_USER") or None,
            secret_arn=env.get("REDSHIFT_SECRET_ARN") or None,
        )
        if (target.cluster is None) == (target.workgroup is None):
            raise SettingsError("set either REDSHIFT_CLUSTER or REDSHIFT_WORKGROUP")
        if target.user and target.workgroup:
            raise SettingsError(
                "REDSHIFT_USER can only be set together with REDSHIFT_CLUSTER; a workgroup takes the user from IAM"
            )
        if target.user and target.secret_arn:
            raise SettingsError("set either REDSHIFT_USER or REDSHIFT_SECRET_ARN, not both: the secret names the user")
        return target

    def arguments(self) -> dict[str, str]:
        """The members of ExecuteStatement that say where (redshift-data service model, ExecuteStatementInput)."""
        members = {
            "Database": self.database,
            "ClusterIdentifier": self.cluster,
            "WorkgroupName": self.workgroup,
            "DbUser": self.user,
            "SecretArn": self.secret_arn,
        }
        return {name: value for name, value in members.items() if value}
