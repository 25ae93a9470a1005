"""Requests that the Data API rejects, what IAM must allow, and the database user of a statement."""

from __future__ import annotations

import json
from typing import Any

import pytest

UNKNOWN = "00000000-0000-0000-0000-000000000000"
CLUSTER = "arn:aws:redshift:us-east-1:000000000000:cluster:relay-demo"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:svc-AbCdEf"


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"Sql": ""}, "'sql'"),
        ({"Sql": "x" * 102401}, "'sql' failed to satisfy constraint: Member must have length less than or equal to"),
        ({"Sql": None}, "Value null at 'sql' failed to satisfy constraint: Member must not be null"),
        ({"Sql": 7}, "'sql' failed to satisfy constraint: Member must be of type string"),
        ({"StatementName": "x" * 501}, "'statementName'"),
        ({"ClientToken": "x" * 65}, "'clientToken'"),
        ({"WithEvent": "yes"}, "'withEvent'"),
        ({"Parameters": []}, "'parameters'"),
        ({"Parameters": [{"name": "a", "value": ""}]}, "'parameters.1.member.value'"),
        ({"Parameters": [{"name": "a-b", "value": "1"}]}, "regular expression pattern"),
        ({"Parameters": [{"name": "a", "value": "1"}]}, "Unused parameters: [a]"),
        ({"Sql": "SAY :v :w", "Parameters": [{"name": "v", "value": "1"}]}, "Cannot find parameter: w"),
        ({"ResultFormat": "XML"}, "Member must satisfy enum value set: [JSON, CSV]"),
        ({"SessionKeepAliveSeconds": 86401}, "'sessionKeepAliveSeconds'"),
        ({"SessionId": UNKNOWN}, "Only one of ClusterIdentifier, WorkgroupName or SessionId"),
        ({"SessionId": UNKNOWN, "ClusterIdentifier": None}, f"Session with Id: {UNKNOWN} is invalid"),
        ({"SessionId": UNKNOWN, "ClusterIdentifier": None, "DbUser": "a"}, "DbUser and SecretArn must not"),
        ({"WaitTimeSeconds": 0}, "'waitTimeSeconds'"),
        ({"WaitTimeSeconds": 31}, "'waitTimeSeconds'"),
        ({"ClusterIdentifier": None}, "Either ClusterIdentifier or WorkgroupName"),
        ({"WorkgroupName": "relay-demo"}, "Only one of ClusterIdentifier or WorkgroupName"),
        ({"ClusterIdentifier": "another"}, "Redshift endpoint doesn't exist in this region."),
        ({"ClusterIdentifier": "Not Valid"}, "'clusterIdentifier'"),
        ({"ClusterIdentifier": None, "WorkgroupName": "another"}, "Redshift endpoint doesn't exist"),
        ({"DbUser": "awsuser", "SecretArn": SECRET}, "Only one of DbUser or SecretArn"),
        ({"Database": None}, "Database must be specified"),
    ],
)
def test_wrong_input_names_the_member_and_starts_nothing(service: Any, members: dict[str, Any], named: str) -> None:
    request = {"Sql": "ROWS 1", "ClusterIdentifier": "relay-demo", "Database": "dev", **members}
    answer = service.call("ExecuteStatement", **request)
    assert (answer["__type"], answer["status"]) == ("ValidationException", 400)
    assert named in answer["Message"]
    assert service.call("ListStatements", Status="ALL")["Statements"] == []


def test_sql_of_100_kb_and_a_name_of_500_characters_are_allowed(service: Any) -> None:
    assert "Id" in service.execute("ROWS 1" + " " * (102400 - 6), StatementName="x" * 500)


def test_unknown_members_and_nulls_are_ignored(service: Any) -> None:
    assert "Id" in service.execute("ROWS 1", Nonsense=1, SecretArn=None)


def test_a_body_that_is_not_json(service: Any) -> None:
    assert b"SerializationException" in service.api.handle("ExecuteStatement", b"{", service.gate())[2]
    assert b"UnknownOperationException" in service.api.handle("Nonsense", b"{}", service.gate())[2]


def test_batches_hold_at_most_40_statements(service: Any) -> None:
    target = {"ClusterIdentifier": "relay-demo", "Database": "dev"}
    assert "'sqls'" in service.call("BatchExecuteStatement", Sqls=["ROWS 1"] * 41, **target)["Message"]
    assert "'sqls'" in service.call("BatchExecuteStatement", Sqls=[], **target)["Message"]


def test_parameters_reach_the_statement(service: Any) -> None:
    sql = "SAY :v -- :no\n '::no :no' \"a:no\" x::int $$ :no $$"
    started = service.execute(sql, Parameters=[{"name": "v", "value": "1; DROP"}])
    done = service.ended(started["Id"])
    assert done["QueryParameters"] == [{"name": "v", "value": "1; DROP"}]
    result = service.call("GetStatementResult", Id=started["Id"])
    assert result["Records"] == [[{"stringValue": "1; DROP"}]]


def credentials(resource: str) -> str:
    return f"arn:aws:redshift:us-east-1:000000000000:{resource}"


@pytest.mark.parametrize(
    ("caller", "members", "user", "path"),
    [
        (
            "role/loader",
            {"DbUser": "awsuser"},
            "awsuser",
            [
                ("redshift:GetClusterCredentials", credentials("dbuser:relay-demo/awsuser")),
                ("redshift:GetClusterCredentials", credentials("dbname:relay-demo/dev")),
            ],
        ),
        (
            "role/loader",
            {},
            "IAMR:loader",
            [("redshift:GetClusterCredentialsWithIAM", credentials("dbname:relay-demo/dev"))],
        ),
        (
            "user/ann",
            {},
            "IAM:ann",
            [("redshift:GetClusterCredentialsWithIAM", credentials("dbname:relay-demo/dev"))],
        ),
        ("role/loader", {"WorkgroupName": "relay-demo"}, "IAMR:loader", [("redshift-serverless:GetCredentials", None)]),
        ("role/loader", {"SecretArn": SECRET}, "svc", [("secretsmanager:GetSecretValue", SECRET)]),
        (
            "role/loader",
            {"SecretArn": SECRET, "WorkgroupName": "relay-demo"},
            "svc",
            [("secretsmanager:GetSecretValue", SECRET)],
        ),
    ],
)
def test_the_way_in_decides_the_user_and_what_must_be_allowed(
    service: Any, caller: str, members: dict[str, Any], user: str, path: list[tuple[str, str | None]]
) -> None:
    workgroup = "WorkgroupName" in members
    arn = service.config.workgroup_arn("relay-demo") if workgroup else CLUSTER
    wanted = [("redshift-data:ExecuteStatement", arn), *((action, resource or arn) for action, resource in path)]
    secret = {SECRET: json.dumps({"username": "svc", "password": "x"})}
    gate = service.gate(caller, secrets=secret)
    started = service.execute("WHO", gate, **members)
    assert started["DbUser"] == user
    assert gate.asked == wanted
    assert service.ended(started["Id"], gate)["Status"] == "FINISHED"
    assert service.call("GetStatementResult", gate, Id=started["Id"])["Records"] == [[{"stringValue": user}]]
    for action, resource in wanted:
        refused = service.execute(
            "WHO", service.gate(caller, secrets=secret, denied={f"{action} {resource}"}), **members
        )
        of_the_data_api = action.startswith("redshift-data:")
        assert refused["__type"] == ("AccessDeniedException" if of_the_data_api else "ValidationException")
        assert resource in refused["Message"]


def test_the_workgroup_arn_ends_in_its_id_and_names_it_too(service: Any) -> None:
    arn = service.config.workgroup_arn("relay-demo")
    assert not arn.endswith("/relay-demo")
    started = service.execute("WHO", WorkgroupName=arn)
    assert (started["WorkgroupName"], "ClusterIdentifier" in started) == ("relay-demo", False)


@pytest.mark.parametrize("text", [None, "no json", '{"user": "svc"}', '{"username": "svc"}'])
def test_a_secret_must_hold_username_and_password(service: Any, text: str | None) -> None:
    gate = service.gate(secrets={SECRET: text} if text else {})
    assert "secret" in service.execute("WHO", gate, SecretArn=SECRET)["Message"]


def test_a_database_user_or_database_that_is_missing_fails_the_statement(service: Any) -> None:
    nobody = service.ended(service.execute("WHO", DbUser="nobody")["Id"])
    assert (nobody["Status"], nobody["Error"]) == ("FAILED", 'FATAL: user "nobody" does not exist')
    target = {"ClusterIdentifier": "relay-demo", "Database": "nope"}
    nowhere = service.ended(service.call("ExecuteStatement", Sql="WHO", **target)["Id"])
    assert nowhere["Error"] == 'FATAL: database "nope" does not exist'
    answer = service.call("ListTables", **target)
    assert (answer["__type"], answer["status"]) == ("DatabaseConnectionException", 500)


@pytest.mark.parametrize("operation", ["DescribeStatement", "GetStatementResult", "CancelStatement", "ListStatements"])
def test_reading_is_authorised_on_every_resource(service: Any, operation: str) -> None:
    started = service.execute("ROWS 1")
    service.ended(started["Id"])
    members = {} if operation == "ListStatements" else {"Id": started["Id"]}
    gate = service.gate(denied={f"redshift-data:{operation} *"})
    assert service.call(operation, gate, **members)["__type"] == "AccessDeniedException"


def test_another_region_has_no_such_endpoint(service: Any) -> None:
    gate = service.gate()
    gate.caller = type(gate.caller)(gate.caller.account_id, "eu-west-1", gate.caller.arn, gate.caller.user_id)
    assert service.execute("WHO", gate)["Message"] == "Redshift endpoint doesn't exist in this region."
