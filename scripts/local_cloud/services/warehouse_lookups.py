"""Amazon Redshift and Redshift Serverless as two more services of ministack."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local_cloud.redshift_data.config import CloudConfig
from local_cloud.services.iam.roles import Roles
from local_cloud.services.redshift import clusters
from local_cloud.services.redshift.clusters import Clusters
from local_cloud.services.redshift_serverless import workgroups
from local_cloud.services.redshift_serverless.workgroups import Workgroups

Answer = tuple[int, dict[str, str], bytes]


def add_warehouse_lookups(config: CloudConfig, roles: Roles, *, app: Any, router: Any) -> None:
    """Routes requests of both services to what answers them."""
    created = datetime.now(UTC).replace(microsecond=0)
    provisioned = Clusters(config, roles, created)
    serverless = Workgroups(config, roles, created)
    detect = app.detect_service

    def detect_service(method: str, path: str, headers: dict[str, str], query: dict[str, Any]) -> Any:
        if headers.get("x-amz-target", "").startswith(workgroups.TARGET_PREFIX):
            return workgroups.SERVICE
        if clusters.is_request(headers):
            return clusters.SERVICE
        return detect(method, path, headers, query)

    async def describe_cluster(_m: str, _p: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        return provisioned.handle(router.extract_access_key_id(headers, query), body)

    async def describe_workgroup(
        _m: str, _p: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        operation = headers["x-amz-target"].removeprefix(workgroups.TARGET_PREFIX)
        return serverless.handle(router.extract_access_key_id(headers, query), operation, body)

    app.detect_service = detect_service
    app.SERVICE_HANDLERS[clusters.SERVICE] = describe_cluster
    app.SERVICE_HANDLERS[workgroups.SERVICE] = describe_workgroup
