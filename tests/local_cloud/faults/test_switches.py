"""Lost, repeated and late events, and older statements."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_cloud.setting import Setting, invoke


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


def test_a_statement_can_be_made_older(cloud: Any) -> None:
    done = cloud.run("SELECT 1")
    cloud.switch("age", id=done["Id"], seconds=600)
    older = cloud.client("redshift-data").describe_statement(Id=done["Id"])
    assert (done["UpdatedAt"] - older["UpdatedAt"]).total_seconds() == pytest.approx(600)
    assert older["CreatedAt"] == done["CreatedAt"]
    with pytest.raises(urllib.error.HTTPError, match="400"):
        cloud.switch("age", id="unknown", seconds=1)
    with pytest.raises(urllib.error.HTTPError, match="405"):
        cloud.switch("age", "DELETE")
