"""Customer managed keys of log groups."""

from __future__ import annotations

from typing import Any

from local_cloud.services.iam.resource_policies import allows_service

_NEEDED = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:DescribeKey")


def patch_keys(logs: Any, kms: Any) -> None:
    """Fault: a log group takes any key, whose policy AWS checks when the group is created.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    The message is from a user's report: https://github.com/hashicorp/terraform-provider-aws/issues/29282
    """
    create = logs._create_log_group

    def create_log_group(data: dict[str, Any]) -> Any:
        if key := data.get("kmsKeyId"):
            found = kms.key_policy_for_arn(key)
            service = f"logs.{logs.get_region()}.amazonaws.com"
            if found is None or not all(allows_service(found[0], service, action) for action in _NEEDED):
                arn = logs._make_group_arn(data.get("logGroupName")).removesuffix(":*")
                return logs.error_response_json(
                    "AccessDeniedException",
                    f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'",
                    400,
                )
        return create(data)

    logs._create_log_group = create_log_group
