"""The default IAM role of the clusters that scripts/cloud starts: `COPY ... IAM_ROLE default` reads any bucket."""

import json
from collections.abc import Mapping

from local_cloud.process import LocalCloud
from local_cloud.redshift_data.config import CloudConfig

_NAME = "redshift-default"
DEFAULT_COPY_ROLE = f"arn:aws:iam::{CloudConfig.account_id}:role/{_NAME}"


def create_default_copy_role(cloud: LocalCloud) -> None:
    """Creates the role, unless a data directory has kept it."""
    iam = cloud.client("iam")
    services = ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"]
    trust = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
    read = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
    try:
        iam.create_role(RoleName=_NAME, AssumeRolePolicyDocument=_policy(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        return
    iam.put_role_policy(RoleName=_NAME, PolicyName="read-s3", PolicyDocument=_policy(read))


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
