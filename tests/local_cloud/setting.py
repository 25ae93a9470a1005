"""A function that does what its event asks for, with a role, a queue and a dead-letter queue of its own."""

from __future__ import annotations

import json
from typing import Any

# Forwards what it is given to a queue; with `sql` starts a statement; with `fail` raises; with `describe` describes.
CODE = """
import boto3, json, os

def handle(event, context):
    data = boto3.client("redshift-data")
    if event.get("sql"):
        target = json.loads(os.environ["TARGET"])
        return data.execute_statement(Sql=event["sql"], WithEvent=True, StatementName="pre/load/x", **target)["Id"]
    if event.get("describe"):
        return data.describe_statement(Id=event["describe"])["Status"]
    if event.get("call"):
        service, method, parameters = event["call"]
        return str(getattr(boto3.client(service), method)(**parameters))
    if event.get("whoami"):
        return boto3.client("sts").get_caller_identity()["UserId"]
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
    if event.get("fail"):
        raise ValueError("failed on purpose")
    return "sent"
"""


def invoke(cloud: Any, function: str, **event: Any) -> Any:
    answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    result = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RuntimeError(result["errorMessage"])
    return result


class Setting:
    """The function, and the rules that invoke it."""

    def __init__(self, cloud: Any, name: str, **target: str) -> None:
        self.cloud, self.name = cloud, name
        self.cluster_arn = cloud.facts["cluster_arn"]
        self.prefix = f"arn:aws:redshift:{cloud.facts['region']}:{cloud.facts['account_id']}"
        self.cluster = cloud.facts["cluster"]
        self.queue, self.queue_arn = cloud.queue(f"{name}-queue")
        self.dead, self.dead_arn = cloud.queue(f"{name}-dead")
        role = cloud.role(name, "lambda.amazonaws.com", *self.rights())
        where = {"ClusterIdentifier": self.cluster, "Database": "dev", **target}
        self.arn = cloud.function(
            name, role, CODE, QUEUE=self.queue, TARGET=json.dumps({key: value for key, value in where.items() if value})
        )

    def rights(self, *, data: bool = True, login: bool = True, describe: bool = True) -> list[dict[str, Any]]:
        dbname = f"{self.prefix}:dbname:{self.cluster}/dev"
        statements = [
            (data, "redshift-data:ExecuteStatement", self.cluster_arn),
            (login, "redshift:GetClusterCredentialsWithIAM", dbname),
            (describe, "redshift-data:DescribeStatement", "*"),
            (True, "sqs:SendMessage", self.queue_arn),
        ]
        return [{"Action": action, "Resource": resource} for wanted, action, resource in statements if wanted]

    def rule(self, pattern: dict[str, Any], *, permitted: bool = True, arn: str | None = None) -> str:
        events = self.cloud.client("events")
        rule: str = events.put_rule(Name=f"{self.name}-rule", EventPattern=json.dumps(pattern))["RuleArn"]
        if permitted:
            self.cloud.client("lambda").add_permission(
                FunctionName=self.name,
                StatementId="rule",
                Action="lambda:InvokeFunction",
                Principal="events.amazonaws.com",
                SourceArn=rule,
            )
        target = {"Id": "1", "Arn": arn or self.arn, "DeadLetterConfig": {"Arn": self.dead_arn}}
        events.put_targets(Rule=f"{self.name}-rule", Targets=[target])
        return rule

    def completion_rule(self, **options: Any) -> str:
        principal = f"arn:aws:sts::{self.cloud.facts['account_id']}:assumed-role/{self.name}/"
        pattern = {"source": ["aws.redshift-data"], "detail": {"principal": [{"prefix": principal}]}}
        return self.rule(pattern, **options)

    def put(self, source: str) -> None:
        self.cloud.client("events").put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": '{"a": 1}'}])

    def bodies(self, count: int = 1, seconds: float = 60) -> list[Any]:
        return [json.loads(message["Body"]) for message in self.cloud.messages(self.queue, count, seconds)]
