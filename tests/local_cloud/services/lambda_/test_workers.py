"""Workers of functions: few for quick calls, one each for slow ones, and complete logs without a wait."""

from __future__ import annotations

import base64
import json
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.local_cloud.setting import invoke

CODE = """
import logging, os, sys, time

logger = logging.getLogger()
logger.setLevel("INFO")

def handle(event, context):
    for number in range(event.get("lines", 0)):
        print("line", number)
    sys.stdout.write("no newline at the end" if event.get("lines") else "")
    time.sleep(event.get("sleep", 0))
    if event.get("fail"):
        raise ValueError("failed on purpose")
    return os.getpid()
"""


@pytest.fixture(scope="module")
def call(cloud: Any) -> Any:
    cloud.function("workers", cloud.role("workers", "lambda.amazonaws.com"), CODE)
    client = cloud.client("lambda")

    def invoke(**event: Any) -> Any:
        answer = client.invoke(FunctionName="workers", Payload=json.dumps(event), LogType="Tail")
        return json.loads(answer["Payload"].read()), base64.b64decode(answer.get("LogResult", "")).decode()

    return invoke


def test_a_burst_of_quick_calls_is_served_by_few_workers(call: Any) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: call()[0], range(200)))
    assert all(isinstance(answer, int) for answer in answers)
    assert len(set(answers)) <= 16


def test_slow_calls_start_more_workers(call: Any) -> None:
    with ThreadPoolExecutor(12) as pool:
        begun = time.monotonic()
        slow = {answer for answer, _ in pool.map(lambda _: call(sleep=4), range(10))}
        seconds = time.monotonic() - begun
    assert len(slow) > 1
    assert seconds < 36  # one after the other they would take 40


def test_logs_are_complete_and_cost_no_wait(call: Any) -> None:
    _, log = call(lines=100)
    lines = [line for line in log.splitlines() if line.startswith("line")]
    assert lines[-1:] == ["line 99"]
    assert "no newline at the end" in log
    assert "end of invocation" not in log
    failed, log = call(fail=True, lines=1)
    assert failed["errorMessage"] == "failed on purpose"
    assert "line 0" in log
    assert "line 0" not in call()[1]
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    assert statistics.median(times) < 0.2


def test_functions_see_no_variable_of_the_shell(
    start_cloud: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDSHIFT_WORKGROUP", "of-the-shell")
    cloud = start_cloud()
    cloud.function("f", cloud.role("r", "lambda.amazonaws.com"), "import os\ndef handle(e, c): return dict(os.environ)")
    assert "of-the-shell" not in invoke(cloud, "f").values()
