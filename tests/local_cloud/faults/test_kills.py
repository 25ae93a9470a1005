"""Workers that are killed at a chosen AWS call."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_cloud.setting import Setting, invoke

SELECT = {"ClusterIdentifier": "x", "Database": "dev", "Sql": "SELECT 1"}


@pytest.mark.parametrize(("when", "sent"), [("before", 1), ("after", 2)])
def test_a_worker_is_killed_at_a_chosen_call(setting: Setting, when: str, sent: int) -> None:
    setting.rule({"source": [setting.name]})
    setting.cloud.switch("kill", role=setting.name, operation="sqs:SendMessage", when=when)
    setting.put(setting.name)
    assert len(setting.bodies(sent)) == sent  # the retry sends it (again)
    (kill,) = setting.cloud.switch("kill", "GET")["kills"]
    assert (kill["fired"], kill["seen"]) == (True, 1)
    setting.cloud.switch("kill", "DELETE")


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
