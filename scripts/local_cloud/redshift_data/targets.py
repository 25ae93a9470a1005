"""What the local cloud offers: one provisioned cluster and one Serverless workgroup in front of the same databases."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.redshift_data.service_model import ValidationError

# AWS's own text, seen in aws/aws-cdk issue 30536.
NO_ENDPOINT = "Redshift endpoint doesn't exist in this region."
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
    max_active: int = 200  # "Considerations": 500 active statements, 200 in smaller regions and accounts

    @property
    def workgroup_id(self) -> str:
        """An ARN of a workgroup ends in its id, which is not its name."""
        return str(uuid.uuid5(_WORKGROUP_IDS, f"{self.account_id}/{self.workgroup}"))

    @property
    def cluster_arn(self) -> str:
        """The cluster's ARN as `redshift-data:ExecuteStatement` is authorised on it."""
        return f"arn:aws:redshift:{self.region}:{self.account_id}:cluster:{self.cluster}"

    @property
    def workgroup_arn(self) -> str:
        """The workgroup's ARN."""
        return f"arn:aws:redshift-serverless:{self.region}:{self.account_id}:workgroup/{self.workgroup_id}"


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
        """Whoever may read the statement: the role whatever its session, or the user (the same-role rule)."""
        return f"{self.account_id}:role/{self.role_name}" if self.role_name else self.arn

    @property
    def database_user(self) -> str:
        """The database user of this IAM identity (GetClusterCredentialsWithIAM: `IAM:user` or `IAMR:role`)."""
        if self.role_name:
            return f"IAMR:{self.role_name}"
        if self.arn.endswith(":root"):
            return "IAM:RootIdentity"
        return f"IAM:{self.arn.rsplit('/', 1)[-1]}"


@dataclass(frozen=True)
class Check:
    """One IAM question: may the caller do `action` on `resource`?"""

    action: str
    resource: str
    service: str


@dataclass(frozen=True)
class Target:
    """Where a statement runs, and what must be allowed for that."""

    arn: str
    cluster: str | None
    workgroup: str | None
    database: str
    secret_arn: str | None
    db_user: str | None  # None: the IAM identity's own user, or the secret's
    checks: tuple[Check, ...]  # the credentials path


def resolve(request: Mapping[str, Any], config: CloudConfig, *, database: str | None = None) -> Target:
    """The target that a request names; a wrong mix or an unknown one is a ValidationException."""
    cluster, workgroup = request.get("ClusterIdentifier"), request.get("WorkgroupName")
    secret, db_user = request.get("SecretArn"), request.get("DbUser")
    if (cluster is None) == (workgroup is None):
        what = "Either" if cluster is None else "Only one of"
        raise ValidationError(f"{what} ClusterIdentifier or WorkgroupName must be specified.")
    if db_user and secret:
        raise ValidationError("Only one of DbUser or SecretArn must be specified.")
    if db_user and workgroup:
        raise ValidationError("DbUser must not be specified with WorkgroupName.")
    database = database or request.get("Database")
    if not database:
        raise ValidationError("Database must be specified.")
    if cluster is not None:
        if cluster != config.cluster:
            raise ValidationError(NO_ENDPOINT)
        return Target(
            arn=config.cluster_arn,
            cluster=cluster,
            workgroup=None,
            database=database,
            secret_arn=secret,
            db_user=db_user,
            checks=_secret_check(secret) if secret else _cluster_checks(config, database, db_user),
        )
    if workgroup not in (config.workgroup, config.workgroup_arn):
        raise ValidationError(NO_ENDPOINT)
    path = Check("redshift-serverless:GetCredentials", config.workgroup_arn, "redshift-serverless")
    return Target(
        arn=config.workgroup_arn,
        cluster=None,
        workgroup=config.workgroup,
        database=database,
        secret_arn=secret,
        db_user=None,
        checks=_secret_check(secret) if secret else (path,),
    )


def _secret_check(secret: str) -> tuple[Check, ...]:
    return (Check("secretsmanager:GetSecretValue", secret, "secretsmanager"),)


def _cluster_checks(config: CloudConfig, database: str, db_user: str | None) -> tuple[Check, ...]:
    """Service authorization reference, Redshift: GetClusterCredentials needs dbuser and dbname, ...WithIAM dbname."""
    prefix = f"arn:aws:redshift:{config.region}:{config.account_id}"
    dbname = f"{prefix}:dbname:{config.cluster}/{database}"
    if db_user is None:
        return (Check("redshift:GetClusterCredentialsWithIAM", dbname, "redshift"),)
    return (
        Check("redshift:GetClusterCredentials", f"{prefix}:dbuser:{config.cluster}/{db_user}", "redshift"),
        Check("redshift:GetClusterCredentials", dbname, "redshift"),
    )
