"""What looks a cluster up finds those of the command line, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_every_cluster_is_described(start_cloud: Callable[..., Any]) -> None:
    cloud = start_cloud("--cluster", "house", "--cluster", "barn", "--database", "sales", "--admin", "boss")
    redshift = cloud.client("redshift")
    assert [one["ClusterIdentifier"] for one in redshift.describe_clusters()["Clusters"]] == ["house", "barn"]
    [barn] = redshift.describe_clusters(ClusterIdentifier="barn")["Clusters"]
    assert (barn["ClusterStatus"], barn["DBName"], barn["MasterUsername"]) == ("available", "sales", "boss")
    assert redshift.describe_logging_status(ClusterIdentifier="barn")["LoggingEnabled"] is False
    assert redshift.describe_clusters(TagKeys=["team"])["Clusters"] == []
    assert cloud.rows("SELECT 1", ClusterIdentifier="barn", Database="sales", DbUser="boss") == [[1]]


def test_an_unknown_cluster(cloud: Any) -> None:
    with pytest.raises(ClientError, match="Cluster nowhere not found") as raised:
        cloud.client("redshift").describe_clusters(ClusterIdentifier="nowhere")
    assert raised.value.response["Error"]["Code"] == "ClusterNotFound"


def test_what_is_not_emulated_is_refused_by_name(cloud: Any) -> None:
    with pytest.raises(ClientError, match="redshift:PauseCluster is not emulated"):
        cloud.client("redshift").pause_cluster(ClusterIdentifier=cloud.facts["cluster"])


def test_iam_is_asked(cloud: Any) -> None:
    nobody = cloud.client("iam").create_user(UserName="no-redshift")["User"]["UserName"]
    key = cloud.client("iam").create_access_key(UserName=nobody)["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    with pytest.raises(ClientError, match="not authorized to perform: redshift:DescribeClusters") as raised:
        cloud.client("redshift", **keys).describe_clusters()
    assert raised.value.response["Error"]["Code"] == "AccessDenied"
