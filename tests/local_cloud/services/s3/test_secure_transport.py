"""A policy that denies plain HTTP does not deny AWS clients, which call AWS over HTTPS."""

from __future__ import annotations

import json
from typing import Any


def test_a_user_may_write_to_a_bucket_that_wants_tls(cloud: Any) -> None:
    iam, s3 = cloud.client("iam"), cloud.client("s3")
    iam.create_user(UserName="writer")
    rights = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rights]})
    iam.put_user_policy(UserName="writer", PolicyName="s3", PolicyDocument=policy)
    key = iam.create_access_key(UserName="writer")["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    s3.create_bucket(Bucket="wants-tls")
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::wants-tls/*"}
    document = {"Version": "2012-10-17", "Statement": [{**deny, "Condition": plain}]}
    s3.put_bucket_policy(Bucket="wants-tls", Policy=json.dumps(document))
    cloud.client("s3", **keys).put_object(Bucket="wants-tls", Key="a", Body=b"1")
    assert s3.get_object(Bucket="wants-tls", Key="a")["Body"].read() == b"1"
    assert cloud.client("sqs").create_queue(QueueName="plain-address")["QueueUrl"].startswith("http://127.0.0.1:")
