"""The Data API inside ministack: IAM, completion events, targets, schedules and switches, over HTTP."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

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
_NUMBERS = itertools.count(1)
DENIED = r"assumed-role/{role}/{function} is not authorized to perform: {action} on resource: {resource}"


def invoke(cloud: Any, function: str, **event: Any) -> Any:
    answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    result = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RuntimeError(result["errorMessage"])
    return result


class Setting:
    """A function under a role of its own, with a queue for what it sends."""

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

    def bodies(self, count: int = 1, seconds: float = 15) -> list[Any]:
        return [json.loads(message["Body"]) for message in self.cloud.messages(self.queue, count, seconds)]


@pytest.fixture
def setting(cloud: Any, request: pytest.FixtureRequest) -> Setting:
    name = re.sub(r"\W", "", request.node.name.replace("test_", ""))
    return Setting(cloud, f"{next(_NUMBERS)}-{name}"[:40])


def test_a_function_needs_each_right_on_its_exact_arn(setting: Setting) -> None:
    names = {"role": setting.name, "function": setting.name}
    dbname = f"{setting.prefix}:dbname:{setting.cluster}/dev"
    for missing, action, resource in (
        ("data", "redshift-data:ExecuteStatement", setting.cluster_arn),
        ("login", "redshift:GetClusterCredentialsWithIAM", dbname),
    ):
        setting.cloud.allow(setting.name, *setting.rights(**{missing: False}))
        with pytest.raises(RuntimeError, match="AccessDeniedException") as raised:
            invoke(setting.cloud, setting.name, sql="SELECT 1")
        assert DENIED.format(action=action, resource=resource, **names) in str(raised.value)
    setting.cloud.allow(setting.name, *setting.rights())
    started = invoke(setting.cloud, setting.name, sql="SELECT 1")
    assert invoke(setting.cloud, setting.name, describe=started) in ("SUBMITTED", "PICKED", "STARTED", "FINISHED")
    setting.cloud.allow(setting.name, *setting.rights(describe=False))
    with pytest.raises(RuntimeError, match="not authorized to perform: redshift-data:DescribeStatement"):
        invoke(setting.cloud, setting.name, describe=started)


def test_the_condition_on_the_owner_of_a_statement(setting: Setting) -> None:
    role_id = setting.cloud.client("iam").get_role(RoleName=setting.name)["Role"]["RoleId"]
    mine = {
        "Action": "redshift-data:DescribeStatement",
        "Resource": "*",
        "Condition": {"StringLike": {"redshift-data:statement-owner-iam-userid": f"{role_id}:*"}},
    }
    setting.cloud.allow(setting.name, mine, *setting.rights(describe=False))
    started = invoke(setting.cloud, setting.name, sql="SELECT 1")
    assert invoke(setting.cloud, setting.name, describe=started)
    somebody = {"StringEquals": {"redshift-data:statement-owner-iam-userid": "AROAOTHER:x"}}
    setting.cloud.allow(setting.name, {**mine, "Condition": somebody}, *setting.rights(describe=False))
    with pytest.raises(RuntimeError, match="AccessDeniedException"):
        invoke(setting.cloud, setting.name, describe=started)


def test_the_completion_event_reaches_a_function(setting: Setting) -> None:
    setting.completion_rule()
    started = invoke(setting.cloud, setting.name, sql="SELECT 1")
    (event,) = setting.bodies()
    facts = setting.cloud.facts
    assert event["source"] == "aws.redshift-data"
    assert event["detail-type"] == "Redshift Data Statement Status Change"
    assert (event["account"], event["region"]) == (facts["account_id"], facts["region"])
    assert event["resources"] == [facts["cluster_arn"]]
    detail = event["detail"]
    assert detail.pop("expireAt") > time.time() + 23 * 3600
    assert detail.pop("redshiftQueryId") > 0
    assert detail == {
        "principal": f"arn:aws:sts::{facts['account_id']}:assumed-role/{setting.name}/{setting.name}",
        "statementName": "pre/load/x",
        "statementId": started,
        "state": "FINISHED",
        "rows": 1,
    }


def test_others_do_not_see_the_statement(setting: Setting) -> None:
    started = invoke(setting.cloud, setting.name, sql="SELECT 1")
    with pytest.raises(ClientError, match="Query does not exist"):
        setting.cloud.client("redshift-data").describe_statement(Id=started)


def test_user_ids_of_functions_hold_the_id_of_their_role(setting: Setting) -> None:
    role = setting.cloud.client("iam").get_role(RoleName=setting.name)["Role"]
    assert invoke(setting.cloud, setting.name, whoami=True) == f"{role['RoleId']}:{setting.name}"


def test_nobody_gets_in_without_a_signature(cloud: Any) -> None:
    unsigned = cloud.client("redshift-data", config=Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError, match="MissingAuthenticationToken"):
        unsigned.list_statements()
    stranger = cloud.client("redshift-data", aws_access_key_id="AKIASTRANGER")
    with pytest.raises(ClientError, match="security token included in the request is invalid"):
        stranger.list_statements()


def test_the_workgroup_and_the_secret_as_ways_in(cloud: Any) -> None:
    assert cloud.run("CREATE USER svc PASSWORD DISABLE")["Status"] == "FINISHED"
    secret = cloud.client("secretsmanager").create_secret(
        Name="svc", SecretString=json.dumps({"username": "svc", "password": "Sesame12"})
    )["ARN"]
    workgroup = {"ClusterIdentifier": None, "DbUser": None, "WorkgroupName": cloud.facts["workgroup"]}
    assert cloud.rows("SELECT current_user", **workgroup) == [["IAM:RootIdentity"]]
    assert cloud.rows("SELECT current_user", DbUser=None, SecretArn=secret) == [["svc"]]


def test_a_failing_target_is_retried_and_then_goes_to_the_on_failure_destination(setting: Setting) -> None:
    setting.cloud.client("lambda").put_function_event_invoke_config(
        FunctionName=setting.name, DestinationConfig={"OnFailure": {"Destination": setting.dead_arn}}
    )
    rule_of = {"source": [setting.name], "detail-type": ["t"]}
    setting.rule(rule_of)
    setting.cloud.client("events").put_events(
        Entries=[{"Source": setting.name, "DetailType": "t", "Detail": '{"a": 1}'}]
    )
    assert len(setting.bodies(1)) == 1  # it succeeds: nothing is repeated
    setting.cloud.client("events").put_targets(
        Rule=f"{setting.name}-rule", Targets=[{"Id": "1", "Arn": setting.arn, "Input": '{"fail": true}'}]
    )
    setting.put(setting.name)
    assert setting.bodies(3) == [{"fail": True}] * 3
    (dead,) = setting.cloud.messages(setting.dead, 1)
    assert json.loads(dead["Body"])["requestPayload"] == {"fail": True}


@pytest.mark.parametrize("why", ["NO_RESOURCE", "NO_PERMISSIONS"])
def test_what_cannot_be_delivered_goes_to_the_dead_letter_queue_of_the_rule(setting: Setting, why: str) -> None:
    missing = setting.arn + "-missing" if why == "NO_RESOURCE" else None
    setting.rule({"source": [setting.name]}, permitted=False, arn=missing)
    setting.put(setting.name)
    (dead,) = setting.cloud.messages(setting.dead, 1)
    assert json.loads(dead["Body"])["detail"] == {"a": 1}
    assert dead["MessageAttributes"]["ERROR_CODE"]["StringValue"] == why


def schedule(setting: Setting, zone: str, *, role: str, arn: str | None = None) -> datetime:
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    setting.cloud.client("scheduler").create_schedule(
        Name=setting.name,
        ScheduleExpression=f"at({moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S})",
        ScheduleExpressionTimezone=zone,
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={
            "Arn": arn or setting.arn,
            "RoleArn": role,
            "Input": '{"t":"<aws.scheduler.scheduled-time>","s":"<aws.scheduler.schedule-arn>"}',
            "DeadLetterConfig": {"Arn": setting.dead_arn},
        },
    )
    return moment


def test_a_schedule_fires_in_its_time_zone_with_its_occurrence(setting: Setting) -> None:
    right = {"Action": "lambda:InvokeFunction", "Resource": setting.arn}
    role = setting.cloud.role(f"{setting.name}-by", "scheduler.amazonaws.com", right)
    moment = schedule(setting, "Asia/Kolkata", role=role)
    (body,) = setting.bodies()
    assert body["t"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert body["s"].endswith(f":schedule/default/{setting.name}")
    assert datetime.now(UTC) - moment < timedelta(seconds=4)
    assert not [
        one for one in setting.cloud.client("scheduler").list_schedules()["Schedules"] if one["Name"] == setting.name
    ]


def test_a_schedule_whose_role_may_not_invoke_goes_to_its_dead_letter_queue(setting: Setting) -> None:
    role = setting.cloud.role(f"{setting.name}-by"[:60], "scheduler.amazonaws.com")
    schedule(setting, "UTC", role=role)
    (dead,) = setting.cloud.messages(setting.dead, 1)
    assert dead["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "AccessDeniedException"
    assert '"t":"20' in dead["Body"]


@pytest.fixture
def events_mode(cloud: Any) -> Iterator[Any]:
    yield lambda **body: cloud.switch("events", **body)
    cloud.switch("events", "DELETE")


def test_events_can_be_lost_repeated_and_late(setting: Setting, events_mode: Any) -> None:
    setting.completion_rule()
    events_mode(mode="drop")
    published = events_mode(mode="drop")["published"]
    invoke(setting.cloud, setting.name, sql="SELECT 1")
    while setting.cloud.switch("events", "POST", mode="drop")["published"] == published:
        time.sleep(0.05)
    events_mode(mode="duplicate")
    twice = invoke(setting.cloud, setting.name, sql="SELECT 1")
    assert [body["detail"]["statementId"] for body in setting.bodies(2)] == [twice] * 2
    events_mode(mode="delay", seconds=1.5)
    begun = time.monotonic()
    late = invoke(setting.cloud, setting.name, sql="SELECT 1")
    assert [body["detail"]["statementId"] for body in setting.bodies()] == [late]
    assert time.monotonic() - begun > 1.5


@pytest.mark.parametrize(("when", "sent"), [("before", 1), ("after", 2)])
def test_a_worker_is_killed_at_a_chosen_call(setting: Setting, when: str, sent: int) -> None:
    setting.rule({"source": [setting.name]})
    setting.cloud.switch("kill", role=setting.name, operation="sqs:SendMessage", when=when)
    setting.put(setting.name)
    assert len(setting.bodies(sent)) == sent  # the retry sends it (again)
    (kill,) = setting.cloud.switch("kill", "GET")["kills"]
    assert (kill["fired"], kill["seen"]) == (True, 1)
    setting.cloud.switch("kill", "DELETE")


SELECT = {"ClusterIdentifier": "x", "Database": "dev", "Sql": "SELECT 1"}


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("redshift-data:ExecuteStatement", ["redshift-data", "execute_statement", SELECT]),
        ("sns:Publish", ["sns", "publish", {"TopicArn": "arn:aws:sns:us-east-1:000000000000:t", "Message": "m"}]),
        ("dynamodb:PutItem", ["dynamodb", "put_item", {"TableName": "t", "Item": {"a": {"S": "b"}}}]),
        ("events:PutEvents", ["events", "put_events", {"Entries": [{"Source": "s"}]}]),
        ("s3:GetObject", ["s3", "get_object", {"Bucket": "b", "Key": "k"}]),
        ("lambda:InvokeFunction", ["lambda", "invoke", {"FunctionName": "f"}]),
    ],
)
def test_calls_are_named_as_iam_names_them(setting: Setting, operation: str, call: list[Any]) -> None:
    setting.cloud.switch("kill", function=setting.name, operation=operation, nth=2)
    with pytest.raises(RuntimeError, match="An error occurred"):
        invoke(setting.cloud, setting.name, call=call)
    with pytest.raises(RuntimeError, match="Worker process died"):
        invoke(setting.cloud, setting.name, call=call)
    setting.cloud.switch("kill", "DELETE")


def test_copy_reads_with_the_rights_of_its_role(cloud: Any) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="trips")
    s3.put_object(Bucket="trips", Key="in/a.psv", Body=b"1|x\n2|y\n")
    cloud.run("CREATE TABLE copied (a INT, b VARCHAR(5))")
    listing = {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::trips"}
    reading = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::trips/in/*"}
    good = cloud.role("copier", "redshift.amazonaws.com", listing, reading)
    foreign = cloud.role("foreign", "lambda.amazonaws.com", listing, reading)

    def copy(role: str, prefix: str = "in/") -> Any:
        return cloud.run(f"COPY copied FROM 's3://trips/{prefix}' IAM_ROLE '{role}' DELIMITER '|'")

    assert copy(good)["Status"] == "FINISHED"
    assert cloud.rows("SELECT a, b FROM copied ORDER BY a") == [[1, "x"], [2, "y"]]
    assert "is not authorized to assume IAM Role" in copy(foreign)["Error"]
    cloud.allow("copier", listing)
    assert "Access Denied" in copy(good)["Error"]
    cloud.allow("copier", reading)
    assert "Access Denied" in copy(good)["Error"]
