"""A log group's key must allow CloudWatch Logs to use it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

ACTIONS = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]


def test_the_keys_policy_decides(cloud: Any) -> None:
    kms, logs = cloud.client("kms"), cloud.client("logs")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError, match=r"AccessDeniedException.*not exist or is not allowed to be used with Arn"):
        logs.create_log_group(logGroupName="/keyed", kmsKeyId=key)
    service = {"Service": f"logs.{cloud.facts['region']}.amazonaws.com"}
    allow = {"Effect": "Allow", "Principal": service, "Action": ACTIONS, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)
    logs.create_log_group(logGroupName="/keyed", kmsKeyId=key)
    assert logs.describe_log_groups(logGroupNamePrefix="/keyed")["logGroups"][0]["kmsKeyId"] == key
