"""Which runs that only tags tell of are removed: never one that may still run, and nothing of anybody else."""

import time
from typing import Any

import pytest

from account_check import leftovers
from account_check.deployment import TAG
from account_check.workspace import started_at


def tagged(value: str) -> dict[str, Any]:
    return {"ResourceARN": f"arn:aws:sqs:eu-west-1:111122223333:{value}", "Tags": [{"Key": TAG, "Value": value}]}


def test_only_old_runs_are_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    now = int(time.time())
    old, young = f"relay-check-{now - 4 * 3600:x}", f"relay-check-{now - 60:x}"
    found = [tagged(one) for one in (old, young, "relay-check-notes", "production")]
    monkeypatch.setattr(leftovers, "_resources", lambda: found)
    assert leftovers.abandoned() == [old]


def test_a_prefix_tells_when_its_run_began() -> None:
    assert started_at("relay-check-6b08181a") == float(0x6B08181A)
    assert started_at("taxi") is None


def test_nothing_but_a_run_is_removed() -> None:
    with pytest.raises(ValueError, match="taxi is not a prefix of a run"):
        leftovers.remove_tagged("taxi")
