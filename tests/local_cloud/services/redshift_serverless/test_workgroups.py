"""What looks a workgroup or its namespace up finds those of the command line, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_every_workgroup_is_described(start_cloud: Callable[..., Any]) -> None:
    cloud = start_cloud("--workgroup", "day", "--workgroup", "night", "--database", "sales")
    serverless = cloud.client("redshift-serverless")
    assert [one["workgroupName"] for one in serverless.list_workgroups()["workgroups"]] == ["day", "night"]
    night = serverless.get_workgroup(workgroupName="night")["workgroup"]
    assert night["workgroupArn"] == cloud.facts["workgroups"]["night"]
    assert night["workgroupArn"].endswith(night["workgroupId"])
    assert night["status"] == "AVAILABLE"
    namespace = serverless.get_namespace(namespaceName=night["namespaceName"])["namespace"]
    assert (namespace["dbName"], namespace["adminUsername"]) == ("sales", "awsuser")
    for name in ("night", night["workgroupArn"]):
        target = {"ClusterIdentifier": "", "WorkgroupName": name, "Database": "sales", "DbUser": ""}
        assert cloud.rows("SELECT 1", **target) == [[1]]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [("get_workgroup", {"workgroupName": "nowhere"}), ("get_namespace", {"namespaceName": "nowhere"})],
)
def test_an_unknown_name(cloud: Any, operation: str, request_: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="nowhere does not exist") as raised:
        getattr(cloud.client("redshift-serverless"), operation)(**request_)
    assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_what_is_not_emulated_is_refused_by_name(cloud: Any) -> None:
    with pytest.raises(ClientError, match="redshift-serverless:CreateWorkgroup is not emulated"):
        cloud.client("redshift-serverless").create_workgroup(workgroupName="another", namespaceName="another")


def test_iam_is_asked_on_the_workgroup(cloud: Any) -> None:
    nobody = cloud.client("iam").create_user(UserName="no-serverless")["User"]["UserName"]
    key = cloud.client("iam").create_access_key(UserName=nobody)["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    denied = f"redshift-serverless:GetWorkgroup on resource: {cloud.facts['workgroup_arn']}"
    with pytest.raises(ClientError, match=denied):
        cloud.client("redshift-serverless", **keys).get_workgroup(workgroupName=cloud.facts["workgroup"])
