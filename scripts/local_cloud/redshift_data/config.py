"""The cluster and the workgroup that exist, both with the same databases, and the limits of the Data API."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

_WORKGROUP_IDS = uuid.UUID("6d2f4c1e-3a47-5b0e-9c58-1d7f0a64b1e2")


@dataclass(frozen=True)
class CloudConfig:
    """The settings of one local cloud, from its command line."""

    account_id: str = "000000000000"
    region: str = "us-east-1"
    cluster: str = "relay-demo"
    workgroup: str = "relay-demo"
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

    @property
    def workgroup_id(self) -> str:
        """The id at the end of the workgroup's ARN, which is not its name."""
        return str(uuid.uuid5(_WORKGROUP_IDS, f"{self.account_id}/{self.workgroup}"))

    @property
    def cluster_arn(self) -> str:
        """The cluster's ARN as `redshift-data:ExecuteStatement` is authorized on it."""
        return f"arn:aws:redshift:{self.region}:{self.account_id}:cluster:{self.cluster}"

    @property
    def workgroup_arn(self) -> str:
        """The workgroup's ARN."""
        return f"arn:aws:redshift-serverless:{self.region}:{self.account_id}:workgroup/{self.workgroup_id}"
