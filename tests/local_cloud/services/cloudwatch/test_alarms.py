"""Alarms are read back as they were put: otherwise a second `terraform plan` would show changes."""

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
