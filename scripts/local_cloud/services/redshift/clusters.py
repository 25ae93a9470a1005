"""DescribeClusters and DescribeLoggingStatus, for data sources and tools that look a cluster up.

Clusters come from the command line: whatever would create or change one is refused by name. What a cluster on AWS has
and this one lacks (nodes, a network, an endpoint for SQL clients) is left out of the answer.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import botocore.session
from botocore.model import ServiceModel

from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.errors import ApiError
from local_cloud.services.iam.roles import Roles
from local_cloud.services.query_protocol import Parameters, error_answer, request_members, xml_answer

SERVICE = "redshift"

JSON = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
_XML = {"Content-Type": "text/xml"}


class Clusters:
    """Answers for the clusters of one local cloud."""

    def __init__(self, config: CloudConfig, roles: Roles, created: datetime) -> None:
        self._config = config
        self._roles = roles
        self._created = created.isoformat().replace("+00:00", "Z")
        self._operations: dict[str, Callable[[JSON], JSON]] = {
            "DescribeClusters": self._describe,
            "DescribeLoggingStatus": self._logging,
        }

    def handle(self, access_key: str, body: bytes) -> Answer:
        """Answers one request of the query protocol."""
        parameters = parse_qs(body.decode(), keep_blank_values=True)
        action = parameters.get("Action", [""])[0]
        try:
            return 200, dict(_XML), self._answer(access_key, action, parameters)
        except ApiError as error:
            # The query protocol's name of it.
            code = "AccessDenied" if error.code == "AccessDeniedException" else error.code
            status = 403 if code == "AccessDenied" else error.status
            namespace = _model().metadata["xmlNamespace"]
            return status, dict(_XML), error_answer(code, error.message, str(uuid.uuid4()), namespace=namespace)

    def _answer(self, access_key: str, action: str, parameters: Parameters) -> bytes:
        if action not in _model().operation_names:
            raise ApiError("InvalidAction", f"The action {action} is not valid for this web service.")
        self._roles.require(access_key, f"redshift:{action}", "*", SERVICE)
        if action not in self._operations:
            raise ApiError("UnsupportedOperation", f"redshift:{action} is not emulated")
        operation = _model().operation_model(action)
        members = self._operations[action](request_members(operation, parameters))
        return xml_answer(operation, members, str(uuid.uuid4()))

    def _describe(self, request: JSON) -> JSON:
        names = [name for name in self._config.clusters if request.get("ClusterIdentifier", name) == name]
        if not names:
            raise _not_found(request["ClusterIdentifier"])
        # A cluster of this cloud has no tags, so none matches a filter.
        if request.get("TagKeys") or request.get("TagValues"):
            names = []
        return {"Clusters": [self._cluster(name) for name in names]}

    def _logging(self, request: JSON) -> JSON:
        if request.get("ClusterIdentifier") not in self._config.clusters:
            raise _not_found(str(request.get("ClusterIdentifier")))
        return {"LoggingEnabled": False}

    def _cluster(self, name: str) -> JSON:
        config = self._config
        namespace = f"arn:aws:redshift:{config.region}:{config.account_id}:namespace:{config.namespace_id(name)}"
        roles = [{"IamRoleArn": role, "ApplyStatus": "in-sync"} for role in _roles(config)]
        return {
            "ClusterIdentifier": name,
            "ClusterStatus": "available",
            "ClusterAvailabilityStatus": "Available",
            "MasterUsername": config.admin,
            "DBName": config.databases[0],
            "ClusterCreateTime": self._created,
            "AutomatedSnapshotRetentionPeriod": 0,
            "ClusterSecurityGroups": [],
            "VpcSecurityGroups": [],
            "ClusterParameterGroups": [],
            "AllowVersionUpgrade": False,
            "NumberOfNodes": 1,
            "PubliclyAccessible": False,
            "Encrypted": False,
            "ClusterNodes": [],
            "Tags": [],
            "EnhancedVpcRouting": False,
            "IamRoles": roles,
            "AvailabilityZoneRelocationStatus": "disabled",
            "ClusterNamespaceArn": namespace,
            "DefaultIamRoleArn": config.default_copy_role,
            "MultiAZ": "Disabled",
        }


def _not_found(name: str) -> ApiError:
    """Modelled as ClusterNotFoundFault, whose code is ClusterNotFound."""
    return ApiError("ClusterNotFound", f"Cluster {name} not found.", status=404)


def _roles(config: CloudConfig) -> list[str]:
    return [config.default_copy_role] if config.default_copy_role else []


@functools.cache
def _model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("redshift")


def is_request(headers: Mapping[str, str]) -> bool:
    """Whether a request is signed for this service."""
    return f"/{SERVICE}/aws4_request" in headers.get("authorization", "")
