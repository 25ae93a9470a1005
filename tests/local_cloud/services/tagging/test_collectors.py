"""GetResources finds what carries a tag, as long as it exists."""

from __future__ import annotations

from typing import Any

ALARM: dict[str, Any] = {
    "AlarmName": "tagged",
    "MetricName": "Errors",
    "Namespace": "AWS/Lambda",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}


def test_apis_and_alarms_are_found_by_their_tags(cloud: Any) -> None:
    tags = {"found-by": "test"}
    apis, alarms, tagging = (cloud.client(name) for name in ("apigatewayv2", "cloudwatch", "resourcegroupstaggingapi"))
    api = apis.create_api(Name="tagged", ProtocolType="HTTP", Tags=tags)["ApiId"]
    alarms.put_metric_alarm(**ALARM, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])

    def found() -> list[str]:
        answer = tagging.get_resources(TagFilters=[{"Key": "found-by", "Values": ["test"]}])
        return sorted(one["ResourceARN"] for one in answer["ResourceTagMappingList"])

    region = apis.meta.region_name
    alarm = alarms.describe_alarms(AlarmNames=["tagged"])["MetricAlarms"][0]["AlarmArn"]
    assert found() == [f"arn:aws:apigateway:{region}::/apis/{api}", alarm]
    apis.delete_api(ApiId=api)
    alarms.delete_alarms(AlarmNames=["tagged"])
    assert found() == []
