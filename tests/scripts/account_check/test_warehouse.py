"""What is said of a warehouse that cannot be checked."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from account_check.warehouse import UnsuitableWarehouse, Warehouse


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.mark.usefixtures("account")
def test_a_cluster_without_a_default_role() -> None:
    boto3.client("redshift").create_cluster(
        ClusterIdentifier="house", NodeType="ra3.large", MasterUsername="boss", MasterUserPassword="Secret123"
    )
    with pytest.raises(UnsuitableWarehouse, match="cluster house: it has no default IAM role"):
        Warehouse("house", None, None, "dev", None).describe()


@pytest.mark.usefixtures("account")
def test_a_cluster_that_is_not_there() -> None:
    with pytest.raises(UnsuitableWarehouse, match="cluster house: not found in this region of this account"):
        Warehouse("house", None, None, "dev", None).describe()
