"""What was put is read back whole: otherwise a second `terraform plan` would see changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError

ALARM: dict[str, Any] = {
    "AlarmDescription": 'errors of "load" & <more>',
    "ActionsEnabled": False,
    "OKActions": ["arn:aws:sns:us-east-1:000000000000:ok"],
    "AlarmActions": ["arn:aws:sns:us-east-1:000000000000:one", "arn:aws:sns:us-east-1:000000000000:two"],
    "InsufficientDataActions": ["arn:aws:sns:us-east-1:000000000000:unknown"],
    "MetricName": "Errors",
    "Namespace": "AWS/Lambda",
    "Statistic": "Sum",
    "Dimensions": [{"Name": "FunctionName", "Value": "load"}, {"Name": "Resource", "Value": "load:1"}],
    "Period": 300,
    "Unit": "Count",
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 1.5,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
}


def cloudwatch(cloud: Any, folder: Path, protocol: str) -> Any:
    """A client of CloudWatch that speaks one protocol (Terraform's provider speaks `query`)."""
    session = botocore.session.get_session()
    model = session.get_component("data_loader").load_service_model("cloudwatch", "service-2")
    model["metadata"] = {**model["metadata"], "protocol": protocol, "protocols": [protocol]}
    place = folder / "cloudwatch" / "2010-08-01" / "service-2.json"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(model))
    fresh = botocore.session.get_session()
    fresh.set_config_variable("data_path", str(folder))
    return boto3.Session(botocore_session=fresh).client(
        "cloudwatch",
        endpoint_url=cloud.facts["endpoint"],
        region_name=cloud.facts["region"],
        aws_access_key_id=cloud.facts["access_key_id"],
        aws_secret_access_key=cloud.facts["secret_access_key"],
    )


@pytest.mark.parametrize("protocol", ["query", "smithy-rpc-v2-cbor"])
def test_an_alarm_is_read_back_whole(cloud: Any, tmp_path: Path, protocol: str) -> None:
    name = f"whole-{protocol}"
    client = cloudwatch(cloud, tmp_path, protocol)
    client.put_metric_alarm(AlarmName=name, Tags=[{"Key": "team", "Value": "data"}], **ALARM)
    answer = client.describe_alarms(AlarmNames=[name])
    (alarm,) = answer["MetricAlarms"]
    if protocol == "query":
        assert answer["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "text/xml"
    assert {key: alarm[key] for key in ALARM} == ALARM
    assert alarm["StateUpdatedTimestamp"].year >= 2025
    tags = client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "data"}]
    found = client.describe_alarms_for_metric(MetricName="Errors", Namespace="AWS/Lambda")["MetricAlarms"]
    assert ALARM["AlarmDescription"] in [one["AlarmDescription"] for one in found]


def test_an_invalid_alarm_is_an_error_in_the_query_protocol_too(cloud: Any, tmp_path: Path) -> None:
    client = cloudwatch(cloud, tmp_path, "query")
    with pytest.raises(ClientError, match="ValidationError"):
        client.describe_alarms(MaxRecords=500)


def test_authorizers_are_read_back_as_they_were_put(cloud: Any) -> None:
    client = cloud.client("apigatewayv2")
    web, socket = (client.create_api(Name="a", ProtocolType=kind)["ApiId"] for kind in ("HTTP", "WEBSOCKET"))
    function = "arn:aws:lambda:us-east-1:000000000000:function:f"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
    jwt = {
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Issuer": "https://i.example", "Audience": ["a"]},
    }
    simple = {
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": uri,
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": True,
        "IdentitySource": ["$request.header.Authorization"],
    }
    bare = {"AuthorizerType": "REQUEST", "AuthorizerUri": uri, "IdentitySource": ["route.request.header.Auth"]}
    for api, given, added in (
        (web, jwt, {}),
        (web, simple, {"AuthorizerResultTtlInSeconds": 300}),
        (socket, bare, {"AuthorizerResultTtlInSeconds": 300}),
    ):
        made = client.create_authorizer(ApiId=api, Name="n", **given)["AuthorizerId"]
        read = client.get_authorizer(ApiId=api, AuthorizerId=made)
        del read["ResponseMetadata"]
        assert read == {"AuthorizerId": made, "Name": "n", **given, **added}


def test_integrations_are_read_back_as_they_were_put(cloud: Any) -> None:
    client = cloud.client("apigatewayv2")
    api = client.create_api(Name="a", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.do")["ApiId"]
    given = {
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": "arn:aws:lambda:us-east-1:000000000000:function:f",
        "CredentialsArn": "arn:aws:iam::000000000000:role/r",
        "PassthroughBehavior": "WHEN_NO_MATCH",
        "TemplateSelectionExpression": "$default",
        "ContentHandlingStrategy": "CONVERT_TO_TEXT",
    }
    made = client.create_integration(ApiId=api, **given)["IntegrationId"]
    read = client.get_integration(ApiId=api, IntegrationId=made)
    assert {name: read[name] for name in given} == given
    assert read["TimeoutInMillis"] == 29_000
    client.update_integration(ApiId=api, IntegrationId=made, CredentialsArn="arn:aws:iam::000000000000:role/s")
    assert client.get_integration(ApiId=api, IntegrationId=made)["CredentialsArn"].endswith("/s")
    mock = client.create_integration(ApiId=api, IntegrationType="MOCK")
    assert "IntegrationMethod" not in mock


@pytest.mark.parametrize(("kind", "scheme"), [("HTTP", "http"), ("WEBSOCKET", "ws")])
def test_an_api_says_where_it_is_and_what_its_tags_are_now(cloud: Any, kind: str, scheme: str) -> None:
    client = cloud.client("apigatewayv2")
    api = client.create_api(Name="a", ProtocolType=kind, Tags={"a": "1", "b": "1"})["ApiId"]
    assert client.get_api(ApiId=api)["ApiEndpoint"] == (
        f"{scheme}://127.0.0.1:{cloud.facts['port']}/_aws/execute-api/{api}"
    )
    client.create_stage(ApiId=api, StageName="live")
    arn = f"arn:aws:apigateway:{cloud.facts['region']}::/apis/{api}"
    client.tag_resource(ResourceArn=arn, Tags={"a": "2"})
    client.untag_resource(ResourceArn=arn, TagKeys=["b"])
    client.tag_resource(ResourceArn=f"{arn}/stages/live", Tags={"c": "3"})
    assert client.get_api(ApiId=api)["Tags"] == {"a": "2"}
    assert client.get_stage(ApiId=api, StageName="live")["Tags"] == {"c": "3"}
