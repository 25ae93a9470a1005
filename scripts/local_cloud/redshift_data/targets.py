"""Where a statement runs: the cluster or the workgroup that a request names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.errors import ValidationError

# AWS's own text, seen in aws/aws-cdk issue 30536.
NO_ENDPOINT = "Redshift endpoint doesn't exist in this region."


@dataclass(frozen=True)
class Check:
    """An IAM check: the caller needs `action` on `resource`."""

    action: str
    resource: str
    service: str


@dataclass(frozen=True)
class Target:
    """Where a statement runs, and the IAM checks for it."""

    arn: str
    cluster: str | None
    workgroup: str | None
    database: str
    secret_arn: str | None
    db_user: str | None  # None: the user of the IAM identity or of the secret
    checks: tuple[Check, ...]  # the way to credentials


def resolve(request: Mapping[str, Any], config: CloudConfig, *, database: str | None = None) -> Target:
    """The target that a request names. Raises ValidationError for a wrong combination or an unknown target."""
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
        if cluster not in config.clusters:
            raise ValidationError(NO_ENDPOINT)
        return Target(
            arn=config.cluster_arn(cluster),
            cluster=cluster,
            workgroup=None,
            database=database,
            secret_arn=secret,
            db_user=db_user,
            checks=_secret_check(secret) if secret else _cluster_checks(config, cluster, database, db_user),
        )
    name = next((one for one in config.workgroups if workgroup in (one, config.workgroup_arn(one))), None)
    if name is None:
        raise ValidationError(NO_ENDPOINT)
    arn = config.workgroup_arn(name)
    path = Check("redshift-serverless:GetCredentials", arn, "redshift-serverless")
    return Target(
        arn=arn,
        cluster=None,
        workgroup=name,
        database=database,
        secret_arn=secret,
        db_user=None,
        checks=_secret_check(secret) if secret else (path,),
    )


def _secret_check(secret: str) -> tuple[Check, ...]:
    return (Check("secretsmanager:GetSecretValue", secret, "secretsmanager"),)


def _cluster_checks(config: CloudConfig, cluster: str, database: str, db_user: str | None) -> tuple[Check, ...]:
    """Service authorization reference, Redshift: GetClusterCredentials needs dbuser and dbname, ...WithIAM dbname."""
    prefix = f"arn:aws:redshift:{config.region}:{config.account_id}"
    dbname = f"{prefix}:dbname:{cluster}/{database}"
    if db_user is None:
        return (Check("redshift:GetClusterCredentialsWithIAM", dbname, "redshift"),)
    return (
        Check("redshift:GetClusterCredentials", f"{prefix}:dbuser:{cluster}/{db_user}", "redshift"),
        Check("redshift:GetClusterCredentials", dbname, "redshift"),
    )
