"""Who may call the Data API, and how a statement reaches its database user."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_cloud.setting import Setting, invoke

DENIED = r"assumed-role/{role}/{function} is not authorized to perform: {action} on resource: {resource}"


def test_a_function_needs_each_right_on_its_exact_arn(setting: Setting) -> None:
    names = {"role": setting.name, "function": setting.name}
    dbname = f"{setting.prefix}:dbname:{setting.cluster}/dev"
    for missing, action, resource, code in (
        ("data", "redshift-data:ExecuteStatement", setting.cluster_arn, "AccessDeniedException"),
        ("login", "redshift:GetClusterCredentialsWithIAM", dbname, "ValidationException"),
    ):
        setting.cloud.allow(setting.name, *setting.rights(**{missing: False}))
        with pytest.raises(RuntimeError, match=code) as raised:
            invoke(setting.cloud, setting.name, sql="SELECT 1")
        assert DENIED.format(action=action, resource=resource, **names) in str(raised.value)
    setting.cloud.allow(setting.name, *setting.rights())
    started = invoke(setting.cloud, setting.name, sql="SELECT 1")
    assert invoke(setting.cloud, setting.name, describe=started) in ("SUBMITTED", "PICKED", "STARTED", "FINISHED")
    setting.cloud.allow(setting.name, *setting.rights(describe=False))
    with pytest.raises(RuntimeError, match="not authorized to perform: redshift-data:DescribeStatement"):
        invoke(setting.cloud, setting.name, describe=started)


def test_the_condition_on_the_owner_of_a_statement(setting: Setting) -> None:
    role_id = setting.cloud.client("iam").get_role(RoleName=setting.name)["Role"]["RoleId"]
    mine = {
        "Action": "redshift-data:DescribeStatement",
        "Resource": "*",
        "Condition": {"StringLike": {"redshift-data:statement-owner-iam-userid": f"{role_id}:*"}},
    }
    setting.cloud.allow(setting.name, mine, *setting.rights(describe=False))
    started = invoke(setting.cloud, setting.name, sql="SELECT 1")
    assert invoke(setting.cloud, setting.name, describe=started)
    somebody = {"StringEquals": {"redshift-data:statement-owner-iam-userid": "AROAOTHER:x"}}
    setting.cloud.allow(setting.name, {**mine, "Condition": somebody}, *setting.rights(describe=False))
    with pytest.raises(RuntimeError, match="AccessDeniedException"):
        invoke(setting.cloud, setting.name, describe=started)


def test_others_do_not_see_the_statement(setting: Setting) -> None:
    started = invoke(setting.cloud, setting.name, sql="SELECT 1")
    with pytest.raises(ClientError, match="Query does not exist"):
        setting.cloud.client("redshift-data").describe_statement(Id=started)


def test_nobody_gets_in_without_a_signature(cloud: Any) -> None:
    unsigned = cloud.client("redshift-data", config=Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError, match="MissingAuthenticationToken"):
        unsigned.list_statements()
    stranger = cloud.client("redshift-data", aws_access_key_id="AKIASTRANGER")
    with pytest.raises(ClientError, match="security token included in the request is invalid"):
        stranger.list_statements()


def test_the_workgroup_and_the_secret_as_ways_in(cloud: Any) -> None:
    assert cloud.run("CREATE USER svc PASSWORD DISABLE")["Status"] == "FINISHED"
    secret = cloud.client("secretsmanager").create_secret(
        Name="svc", SecretString=json.dumps({"username": "svc", "password": "Sesame12"})
    )["ARN"]
    workgroup = {"ClusterIdentifier": None, "DbUser": None, "WorkgroupName": cloud.facts["workgroup"]}
    assert cloud.rows("SELECT current_user", **workgroup) == [["IAM:RootIdentity"]]
    assert cloud.rows("SELECT current_user", DbUser=None, SecretArn=secret) == [["svc"]]


def test_the_reason_of_a_failed_statement_is_in_the_history(cloud: Any) -> None:
    failed = cloud.run("SELECT * FROM of_nobody")
    query = "SELECT TRIM(status), TRIM(error_message), session_id FROM sys_query_history WHERE query_id = {}"
    rows = cloud.rows(query.format(failed["RedshiftQueryId"]))
    assert rows == [["failed", failed["Error"], failed["RedshiftPid"]]]
