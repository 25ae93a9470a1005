"""Changed policies of roles take the time that the switch says."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_cloud.setting import Setting, invoke
from tests.local_cloud.waiting import until

SECONDS = 4.0


@pytest.fixture
def slow_iam(cloud: Any) -> Iterator[None]:
    cloud.switch("account", policy_seconds=SECONDS)
    yield
    assert cloud.switch("account", "DELETE")["policy_seconds"] == 0


def test_a_policy_takes_effect_later(setting: Setting, slow_iam: None) -> None:
    changed = time.monotonic()
    setting.cloud.allow(setting.name, {"Action": "sqs:SendMessage", "Resource": setting.dead_arn})
    assert invoke(setting.cloud, setting.name) == "sent"  # by the policy that was replaced
    setting.cloud.allow(setting.name, {"Action": "sqs:SendMessage", "Resource": setting.dead_arn})

    def denied() -> bool:
        try:
            invoke(setting.cloud, setting.name)
        except RuntimeError as error:
            return "AccessDenied" in str(error)
        return False

    until(denied, bool, 60)
    assert time.monotonic() - changed >= SECONDS


def test_a_setting_that_does_not_exist_is_refused(cloud: Any) -> None:
    for wrong in ({"policy_seconds": -1}, {"lambda_concurrency": 0}, {"other": 1}):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            cloud.switch("account", **wrong)
    assert cloud.switch("account", "GET") == {"policy_seconds": 0, "lambda_concurrency": 1000}
