"""Botocore's service model of the Data API: the one that boto3 and the AWS CLI use.

`redshift-data`, 2019-12-20, JSON 1.1.
"""

from __future__ import annotations

import functools
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel

from local_cloud.redshift_data.errors import ApiError

JSON = dict[str, Any]


@functools.cache
def service() -> ServiceModel:
    """Botocore's model of the Redshift Data API."""
    return botocore.session.get_session().get_service_model("redshift-data")


def operation(name: str) -> OperationModel:
    """The operation of that name; an unknown one is an ApiError."""
    if name not in service().operation_names:
        raise ApiError("UnknownOperationException", f"The operation {name} does not exist.")
    return service().operation_model(name)
