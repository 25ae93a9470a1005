"""GetWorkgroup, ListWorkgroups and GetNamespace, for data sources and tools that look a workgroup up.

Workgroups come from the command line, each with a namespace of its name: whatever would create or change one is
refused by name. What a workgroup on AWS has and this one lacks (capacity, a network, an endpoint for SQL clients) is
left out of the answer.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import botocore.session
from botocore.model import ServiceModel

from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.errors import ApiError
from local_cloud.services.iam.roles import Roles

SERVICE = "redshift-serverless"
TARGET_PREFIX = "RedshiftServerless."

JSON = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
_JSON = {"Content-Type": "application/x-amz-json-1.1"}


class Workgroups:
    """Answers for the workgroups of one local cloud, and for their namespaces."""

    def __init__(self, config: CloudConfig, roles: Roles, created: datetime) -> None:
        self._config = config
        self._roles = roles
        self._created = created.isoformat().replace("+00:00", "Z")
        self._operations: dict[str, Callable[[str, JSON], JSON]] = {
            "GetWorkgroup": self._get_workgroup,
            "ListWorkgroups": self._list_workgroups,
            "GetNamespace": self._get_namespace,
        }

    def handle(self, access_key: str, operation: str, body: bytes) -> Answer:
        """Answers one request of the JSON protocol."""
        try:
            answer = self._answer(access_key, operation, json.loads(body or b"{}"))
            return 200, dict(_JSON), json.dumps(answer).encode()
        except ApiError as error:
            return error.answer()

    def _answer(self, access_key: str, operation: str, request: JSON) -> JSON:
        if operation not in _model().operation_names:
            raise ApiError("UnknownOperationException", f"The operation {operation} does not exist.")
        if operation not in self._operations:
            raise ApiError("ValidationException", f"redshift-serverless:{operation} is not emulated")
        return self._operations[operation](access_key, request)

    def _get_workgroup(self, access_key: str, request: JSON) -> JSON:
        name = str(request.get("workgroupName", ""))
        known = name in self._config.workgroups
        # Without a workgroup there is no id for its ARN.
        resource = self._config.workgroup_arn(name) if known else "*"
        self._roles.require(access_key, "redshift-serverless:GetWorkgroup", resource, SERVICE)
        if not known:
            raise _not_found("Workgroup", name)
        return {"workgroup": self._workgroup(name)}

    def _list_workgroups(self, access_key: str, _: JSON) -> JSON:
        self._roles.require(access_key, "redshift-serverless:ListWorkgroups", "*", SERVICE)
        return {"workgroups": [self._workgroup(name) for name in self._config.workgroups]}

    def _get_namespace(self, access_key: str, request: JSON) -> JSON:
        name = str(request.get("namespaceName", ""))
        known = name in self._config.workgroups
        self._roles.require(
            access_key, "redshift-serverless:GetNamespace", self._namespace_arn(name) if known else "*", SERVICE
        )
        if not known:
            raise _not_found("Namespace", name)
        config = self._config
        namespace: JSON = {
            "namespaceName": name,
            "namespaceId": config.namespace_id(name),
            "namespaceArn": self._namespace_arn(name),
            "adminUsername": config.admin,
            "dbName": config.databases[0],
            "status": "AVAILABLE",
            "creationDate": self._created,
            "iamRoles": [],
            "logExports": [],
        }
        if config.default_copy_role:
            namespace |= {"defaultIamRoleArn": config.default_copy_role, "iamRoles": [config.default_copy_role]}
        return {"namespace": namespace}

    def _workgroup(self, name: str) -> JSON:
        config = self._config
        return {
            "workgroupName": name,
            "workgroupId": config.workgroup_id(name),
            "workgroupArn": config.workgroup_arn(name),
            "namespaceName": name,
            "status": "AVAILABLE",
            "creationDate": self._created,
            "enhancedVpcRouting": False,
            "publiclyAccessible": False,
            "configParameters": [],
            "securityGroupIds": [],
            "subnetIds": [],
        }

    def _namespace_arn(self, name: str) -> str:
        config = self._config
        return f"arn:aws:redshift-serverless:{config.region}:{config.account_id}:namespace/{config.namespace_id(name)}"


def _not_found(kind: str, name: str) -> ApiError:
    return ApiError("ResourceNotFoundException", f"{kind} {name} does not exist.", resourceName=name)


@functools.cache
def _model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("redshift-serverless")
