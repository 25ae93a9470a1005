"""The warehouse that the person names, and statements in it under the deployment's role."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

TRUST_SECONDS = 90
"""How long a changed trust policy may take to be known everywhere: IAM is eventually consistent."""
DENIAL_SECONDS = 180
"""How long a denial may still hold after its deletion: a policy takes up to two minutes to be known everywhere."""
_DENIAL = "acceptance-denial"
"""The inline policy of a role whose permission a stage takes away."""


class UnsuitableWarehouse(Exception):
    """The warehouse is not there, or lacks something. The message says what to do."""


@dataclass(frozen=True)
class Warehouse:
    """A cluster or a workgroup, the database, and the way in."""

    cluster: str | None
    db_user: str | None
    workgroup: str | None
    database: str
    secret_arn: str | None

    def describe(self) -> tuple[dict[str, Any], str]:
        """The root module's `redshift`, and the ARN of the default role; raises UnsuitableWarehouse."""
        redshift: dict[str, Any] = {"database": self.database, "secret_arn": self.secret_arn}
        try:
            if self.cluster:
                role = self._of_cluster()
                redshift["cluster"] = {"identifier": self.cluster, "user": self.db_user}
            else:
                arn, role = self._of_workgroup()
                redshift["workgroup"] = {"name": self.workgroup, "arn": arn}
        except ClientError as error:
            if error.response["Error"]["Code"] in ("ClusterNotFound", "ResourceNotFoundException"):
                raise UnsuitableWarehouse(f"{self.name}: not found in this region of this account") from error
            raise
        if not role:
            raise UnsuitableWarehouse(
                f"{self.name}: it has no default IAM role, with which COPY reads the bucket. Associate one: "
                "https://docs.aws.amazon.com/redshift/latest/mgmt/default-iam-role.html"
            )
        return redshift, role

    @property
    def name(self) -> str:
        """How it is named in messages."""
        return f"cluster {self.cluster}" if self.cluster else f"workgroup {self.workgroup}"

    def _of_cluster(self) -> str | None:
        found = boto3.client("redshift").describe_clusters(ClusterIdentifier=self.cluster or "")["Clusters"][0]
        role: str | None = found.get("DefaultIamRoleArn")
        return role

    def _of_workgroup(self) -> tuple[str, str | None]:
        serverless = boto3.client("redshift-serverless")
        workgroup = serverless.get_workgroup(workgroupName=self.workgroup or "")["workgroup"]
        namespace = serverless.get_namespace(namespaceName=workgroup["namespaceName"])["namespace"]
        return workgroup["workgroupArn"], namespace.get("defaultIamRoleArn")

    def drop_objects(self, role: str, table: str) -> None:
        """Drops what a run created; does nothing if its role is gone, with which the objects were created."""
        session = _session_of(role)
        if session is None:
            return
        # A run that was killed while it was denied has left the denial.
        allowed_by = time.monotonic() + (DENIAL_SECONDS if allow_again(role) else 0)
        client = session.client("redshift-data")
        for sql in (
            f"DROP MATERIALIZED VIEW IF EXISTS public.{table}_per_day",
            f"DROP PROCEDURE public.{table}_load()",
            f"DROP TABLE IF EXISTS public.{table}_staging",
            f"DROP TABLE IF EXISTS public.{table}_trips",
            f"DROP TABLE IF EXISTS public.redshift_relay_history_{table}",
        ):
            error = self._run_once_allowed(client, sql, allowed_by)
            # DROP PROCEDURE has no IF EXISTS.
            if error and "does not exist" not in error:
                raise UnsuitableWarehouse(f"{sql}: {error}")

    def _run_once_allowed(self, client: Any, sql: str, deadline: float) -> str:
        """As _run; repeats what IAM denies until the deadline (of time.monotonic)."""
        while True:
            try:
                return self._run(client, sql)
            except ClientError as error:
                if error.response["Error"]["Code"] != "AccessDeniedException" or time.monotonic() > deadline:
                    raise
            time.sleep(3)

    def _run(self, client: Any, sql: str) -> str:
        """Runs a statement and returns Redshift's error, empty if it finished."""
        target = {"ClusterIdentifier": self.cluster} if self.cluster else {"WorkgroupName": self.workgroup}
        user = {"DbUser": self.db_user} if self.db_user else {}
        secret = {"SecretArn": self.secret_arn} if self.secret_arn else {}
        started = client.execute_statement(Database=self.database, Sql=sql, **target, **user, **secret)
        while (told := client.describe_statement(Id=started["Id"]))["Status"] in ("SUBMITTED", "PICKED", "STARTED"):
            time.sleep(0.5)
        return "" if told["Status"] == "FINISHED" else told.get("Error", told["Status"])


def deny(role: str, action: str) -> None:
    """Denies an action to a run's role."""
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    boto3.client("iam").put_role_policy(RoleName=role, PolicyName=_DENIAL, PolicyDocument=document)


def allow_again(role: str) -> bool:
    """Removes the denial; returns whether there was one."""
    iam = boto3.client("iam")
    try:
        iam.delete_role_policy(RoleName=role, PolicyName=_DENIAL)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def _session_of(role: str) -> boto3.Session | None:
    """A session of a run's own statement role, which is made to trust this account; None if there is no such role."""
    iam = boto3.client("iam")
    try:
        found = iam.get_role(RoleName=role)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return None
    account = found["Arn"].split(":")[4]
    partition = found["Arn"].split(":")[1]
    principal = {"AWS": f"arn:{partition}:iam::{account}:root"}
    trust: Mapping[str, Any] = found["AssumeRolePolicyDocument"]
    us = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    with_us = {**trust, "Statement": [one for one in trust["Statement"] if one != us] + [us]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(with_us))
    deadline = time.monotonic() + TRUST_SECONDS
    while True:
        try:
            lent = boto3.client("sts").assume_role(RoleArn=found["Arn"], RoleSessionName="acceptance")["Credentials"]
            break
        except ClientError:
            if time.monotonic() > deadline:
                raise
            time.sleep(3)
    return boto3.Session(
        aws_access_key_id=lent["AccessKeyId"],
        aws_secret_access_key=lent["SecretAccessKey"],
        aws_session_token=lent["SessionToken"],
    )
