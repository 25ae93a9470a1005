"""The clusters and workgroups that exist, all with the same databases, and the limits of the Data API."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

_IDS = uuid.UUID("6d2f4c1e-3a47-5b0e-9c58-1d7f0a64b1e2")


@dataclass(frozen=True)
class CloudConfig:
    """The settings of one local cloud, from its command line."""

    account_id: str = "000000000000"
    region: str = "us-east-1"
    clusters: tuple[str, ...] = ("relay-demo",)
    workgroups: tuple[str, ...] = ("relay-demo",)
    databases: tuple[str, ...] = ("dev",)
    admin: str = "awsuser"
    default_copy_role: str | None = None  # the cluster's default IAM role, for `IAM_ROLE default`
    page_rows: int = 1000
    page_bytes: int = 1024 * 1024
    workers: int = 50
    max_result_bytes: int = 500 * 1024 * 1024  # Data API considerations, as the two below
    max_row_bytes: int = 64 * 1024
    max_seconds: float = 24 * 3600
    tidy_up_seconds: float = 0.5

    def cluster_arn(self, name: str) -> str:
        """A cluster's ARN as `redshift-data:ExecuteStatement` is authorized on it."""
        return f"arn:aws:redshift:{self.region}:{self.account_id}:cluster:{name}"

    def namespace_id(self, name: str) -> str:
        """The id of the namespace behind a cluster or a workgroup."""
        return self._id("namespace", name)

    def workgroup_id(self, name: str) -> str:
        """The id at the end of a workgroup's ARN, which is not its name."""
        return self._id("workgroup", name)

    def workgroup_arn(self, name: str) -> str:
        """A workgroup's ARN."""
        return f"arn:aws:redshift-serverless:{self.region}:{self.account_id}:workgroup/{self.workgroup_id(name)}"

    def _id(self, kind: str, name: str) -> str:
        return str(uuid.uuid5(_IDS, f"{self.account_id}/{kind}/{name}"))
