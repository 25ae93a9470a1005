"""The Data API of the common cloud, with its cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_cloud.waiting import until

ENDED = ("FINISHED", "FAILED", "ABORTED")


class DataApi:
    """boto3's client, with the cluster, the database and its admin filled in."""

    def __init__(self, cloud: Any) -> None:
        self.cloud = cloud
        self.client = cloud.client("redshift-data")
        self.target = {"ClusterIdentifier": cloud.facts["cluster"], "Database": "dev", "DbUser": "awsuser"}

    def start(self, sql: str, **members: Any) -> dict[str, Any]:
        target = {} if "SessionId" in members else self.target
        return dict(self.client.execute_statement(Sql=sql, **target, **members))

    def batch(self, *sqls: str, **members: Any) -> dict[str, Any]:
        target = {} if "SessionId" in members else self.target
        started = self.client.batch_execute_statement(Sqls=sqls, **target, **members)
        return {**started, **self.ended(started["Id"])}

    def run(self, sql: str, **members: Any) -> dict[str, Any]:
        return self.ended(self.start(sql, **members)["Id"])

    def ended(self, statement: str) -> dict[str, Any]:
        def describe() -> Any:
            return self.client.describe_statement(Id=statement)

        return dict(until(describe, lambda got: got["Status"] in ENDED, 60))

    def rows(self, statement: str) -> list[list[Any]]:
        records = self.client.get_statement_result(Id=statement)["Records"]
        return [[next(iter(field.values())) for field in row] for row in records]


@pytest.fixture
def api(cloud: Any) -> DataApi:
    return DataApi(cloud)


@pytest.fixture
def quotas(cloud: Any) -> Iterator[Any]:
    yield lambda **body: cloud.switch("quotas", **body)
    cloud.switch("quotas", "DELETE")
