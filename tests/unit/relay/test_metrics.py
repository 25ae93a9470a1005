"""Metrics are one line of CloudWatch's embedded metric format for each invocation."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from relay.data_api import DataApi
from relay.errors import CallFailed
from relay.metrics import DIMENSION, MAX_VALUES, NAMESPACE, UNITS, Metrics, metrics


def lines(captured: str) -> list[dict[str, Any]]:
    """The metrics among what was written."""
    found = [json.loads(line) for line in captured.splitlines() if line.startswith("{")]
    return [line for line in found if "_aws" in line]


def test_a_line_has_every_metric_with_its_unit(capsys: pytest.CaptureFixture[str]) -> None:
    measured = Metrics()
    with measured.written("taxi"):
        measured.add("Clients", 2)
        measured.add("Clients", 3)
        measured.record("EventLag", 1.23456)
        measured.record("EventLag", 2)
    (line,) = lines(capsys.readouterr().out)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == NAMESPACE
    assert directive["Dimensions"] == [[DIMENSION]]
    assert {one["Name"]: one["Unit"] for one in directive["Metrics"]} == {"Clients": "Count", "EventLag": "Seconds"}
    assert (line[DIMENSION], line["Clients"], line["EventLag"]) == ("taxi", 5, [1.235, 2])
    assert line["_aws"]["Timestamp"] > 1_700_000_000_000  # milliseconds


def test_an_invocation_that_measures_nothing_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    measured = Metrics()
    for _ in range(2):
        with measured.written("taxi"):
            pass
    assert capsys.readouterr().out == ""


def test_one_that_fails_writes_what_it_has_measured_and_the_next_begins_anew(
    capsys: pytest.CaptureFixture[str],
) -> None:
    measured = Metrics()

    def fail() -> None:
        with measured.written("taxi"):
            measured.add("Throttles")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    measured.add("Throttles")  # of an invocation that was killed
    with measured.written("taxi"):
        measured.add("Bytes", 7)
    first, second = lines(capsys.readouterr().out)
    assert first["Throttles"] == 1
    assert second["Bytes"] == 7
    assert "Throttles" not in second


def test_threads_lose_nothing_and_a_line_stays_within_its_limit(capsys: pytest.CaptureFixture[str]) -> None:
    measured = Metrics()
    with measured.written("taxi"), ThreadPoolExecutor(16) as pool:
        for _ in range(1_000):
            pool.submit(measured.add, "Bytes", 3)
            pool.submit(measured.record, "DeliveryTime", 1)
    (line,) = lines(capsys.readouterr().out)
    assert line["Bytes"] == 3_000
    assert len(line["DeliveryTime"]) == MAX_VALUES


def test_units_are_cloudwatchs() -> None:
    from botocore.session import get_session

    model = get_session().get_service_model("cloudwatch")
    assert set(UNITS.values()) <= set(model.shape_for("StandardUnit").enum)


@pytest.mark.parametrize(("code", "times"), [("ThrottlingException", 1), ("ValidationException", 5)])
def test_throttling_by_the_data_api_is_counted(
    code: str,
    times: int,
    api: DataApi,
    redshift: Any,
    pauses: list[float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    redshift.refuse("CancelStatement", code, "ThrottlingException: Rate exceeded")
    with pytest.raises(CallFailed), metrics.written("taxi"):
        api.cancel("dd2e1ec9-2ee3-49a0-819f-905fa7d75a4a")
    (line,) = lines(capsys.readouterr().out)
    assert line["Throttles"] == times
