"""Targets of rules: retries, on-failure destinations, dead-letter queues."""

from __future__ import annotations

import json

import pytest

from tests.local_cloud.setting import Setting


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
