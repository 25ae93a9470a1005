"""Removes what a run left in the account: by its Terraform state, and by tag and name what the state has lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

from account_check.deployment import PARALLEL, TAG, Deployment
from account_check.workspace import PREFIX, Run, started_at
from deployments.terraform import TerraformError

ABANDONED_SECONDS = 3 * 3600.0
"""A run that only its tags tell of may be somebody else's, and running: a run takes an hour at most."""

_GONE = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist")
"""In the error codes of all services that runs use, for a resource that is not there."""


def remove_run(run: Run) -> list[str]:
    """Drops the objects, destroys, and removes what the state has lost; returns what is still there."""
    terraform = Deployment(run).terraform
    terraform.end_orphans()
    run.warehouse.drop_objects(run.statement_role, run.table)
    problem = ""
    if (run.folder / "main.tf.json").exists():
        try:
            # Without a refresh: what is gone already may be deleted again.
            terraform.destroy("-refresh=false", PARALLEL)
        except TerraformError as error:  # a state that a kill has damaged; what remains has tags
            problem = str(error)
    left = [*remove_tagged(run.prefix), *roles_of(run.prefix), *log_groups_of(run.prefix)]
    if left:
        return [*left, *([problem] if problem else [])]
    run.forget()
    return []


def abandoned() -> list[str]:
    """Prefixes of runs that only tags tell of, and that began more than three hours ago."""
    prefixes = {tag["Value"] for found in _resources() for tag in found["Tags"] if tag["Key"] == TAG}
    begun = {prefix: started_at(prefix) for prefix in prefixes}
    return sorted(one for one, at in begun.items() if at is not None and at < time.time() - ABANDONED_SECONDS)


def tagged(prefix: str) -> list[str]:
    """ARNs of everything that carries the run's tag."""
    return [
        found["ResourceARN"]
        for found in _resources()
        if any(tag["Key"] == TAG and tag["Value"] == prefix for tag in found["Tags"])
    ]


def roles_of(prefix: str) -> list[str]:
    """The run's IAM roles: GetResources does not know IAM."""
    pages = boto3.client("iam").get_paginator("list_roles").paginate()
    return [role["RoleName"] for page in pages for role in page["Roles"] if role["RoleName"].startswith(f"{prefix}-")]


def log_groups_of(prefix: str) -> list[str]:
    """The run's log groups: a function that is deleted while it runs creates its own again, without tags."""
    logs = boto3.client("logs")
    return [
        group["logGroupName"]
        for start in ("/aws/lambda/", "/aws/vendedlogs/")
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"{start}{prefix}")
        for group in page["logGroups"]
    ]


def remove_tagged(prefix: str) -> list[str]:
    """Deletes what carries the run's tag or name, and returns what could not be deleted with the reason.

    GetResources still shows what was deleted a moment ago, so only a deletion tells whether it exists.
    """
    if not prefix.startswith(PREFIX):
        raise ValueError(f"{prefix} is not a prefix of a run")
    left = [reason for arn in tagged(prefix) if (reason := _remove(arn))]
    logs, iam = boto3.client("logs"), boto3.client("iam")
    for group in log_groups_of(prefix):
        logs.delete_log_group(logGroupName=group)
    for role in roles_of(prefix):
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=role, PolicyName=policy)
        iam.delete_role(RoleName=role)
    return left


def _resources() -> Iterator[Any]:
    client = boto3.client("resourcegroupstaggingapi")
    for page in client.get_paginator("get_resources").paginate(TagFilters=[{"Key": TAG}]):
        yield from page["ResourceTagMappingList"]


def _remove(arn: str) -> str:
    """Deletes a resource; returns the reason if it is still there, else an empty text."""
    if arn.split(":")[2] in ("logs", "iam"):  # found by name
        return ""
    delete = _deleter(arn)
    if delete is None:
        return f"{arn}: delete it by hand"
    try:
        delete()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return "" if any(word in code for word in _GONE) else f"{arn}: {error}"
    return ""


def _deleter(arn: str) -> Callable[[], Any] | None:
    """What deletes the resource; None for a kind that runs do not create, or that goes with another."""
    _, _, service, _, account, rest = arn.split(":", 5)
    kind, _, name = rest.replace(":", "/", 1).partition("/")
    client: Any = boto3.client
    if service == "lambda":
        return lambda: client("lambda").delete_function(FunctionName=name)
    if service == "sqs":
        sqs = client("sqs")
        return lambda: sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=rest)["QueueUrl"])
    if service == "sns":
        return lambda: client("sns").delete_topic(TopicArn=arn)
    if service == "dynamodb":
        return lambda: client("dynamodb").delete_table(TableName=name)
    if service == "events":
        return lambda: _delete_rule(name)
    if service == "scheduler":
        return lambda: client("scheduler").delete_schedule_group(Name=name.split("/")[0])
    if service == "apigateway":
        return lambda: client("apigatewayv2").delete_api(ApiId=rest.split("/")[2])
    if service == "cloudwatch":
        return lambda: client("cloudwatch").delete_alarms(AlarmNames=[rest.removeprefix("alarm:")])
    if service == "cognito-idp":
        return lambda: client("cognito-idp").delete_user_pool(UserPoolId=name)
    if service == "s3" and not account:
        return lambda: _delete_bucket(rest)
    if service == "cloudfront" and kind == "distribution":
        return lambda: _delete_distribution(name)
    return None


def _delete_rule(name: str) -> None:
    events = boto3.client("events")
    if targets := events.list_targets_by_rule(Rule=name)["Targets"]:
        events.remove_targets(Rule=name, Ids=[target["Id"] for target in targets])
    events.delete_rule(Name=name)


def _delete_bucket(name: str) -> None:
    bucket = boto3.resource("s3").Bucket(name)
    bucket.object_versions.delete()
    bucket.objects.delete()
    bucket.delete()


def _delete_distribution(identifier: str) -> None:
    """Disables it and deletes it once that is deployed, which takes minutes."""
    cloudfront = boto3.client("cloudfront")
    found = cloudfront.get_distribution_config(Id=identifier)
    if found["DistributionConfig"]["Enabled"]:
        off: Any = {**found["DistributionConfig"], "Enabled": False}
        cloudfront.update_distribution(Id=identifier, IfMatch=found["ETag"], DistributionConfig=off)
        cloudfront.get_waiter("distribution_deployed").wait(Id=identifier)
    cloudfront.delete_distribution(Id=identifier, IfMatch=cloudfront.get_distribution_config(Id=identifier)["ETag"])
