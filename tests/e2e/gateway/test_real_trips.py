"""The root module with its gateway, and real trips: the answers agree with those that were worked out elsewhere."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from deployments.warehouse import QueryFailed
from redshift_relay.gateway_client import Answer, GatewayClient
from tests.e2e.pipeline import Pipeline
from tests.unit.websocket_gateway.asyncapi import CheckedSocket


def expected(file: Path, column: str, month: str = "") -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return [row for row in csv.DictReader(lines) if row[column].startswith(month)]


def assert_agree(answer: Answer, wanted: list[dict[str, str]], absolute: tuple[str, ...] = ()) -> None:
    """Every number within a millionth of itself; averages that the view rounds within a hundredth."""
    rows = answer.as_dicts()
    assert len(rows) == len(wanted) == answer.complete["rows"]
    for row, right in zip(rows, wanted, strict=True):
        assert list(row) == list(right)
        for column, text in right.items():
            if column in ("trip_date", "pickup_month"):
                assert row[column] == text
            elif column in absolute:
                assert float(row[column]) == pytest.approx(float(text), rel=0, abs=0.01), (right, column)
            else:
                assert float(row[column]) == pytest.approx(float(text), rel=1e-6), (right, column)


def test_real_trips_are_pushed_as_worked_out_elsewhere(
    pipeline: Pipeline, taxi: Path, gateway_outputs: dict[str, Any]
) -> None:
    """A page that watches a month gets the real one by itself, once it is loaded: all 31 days."""
    files = {path.name: path.read_bytes() for path in taxi.glob("*.psv.gz")}
    with GatewayClient.connect(gateway_outputs["websocket_url"]) as gateway:
        gateway.socket = CheckedSocket(gateway.socket)  # type: ignore[assignment]
        answers = gateway.ask("daily_trips", {"month": "2015-01"}, live=True)
        before = next(answers)
        with pipeline.loaded(files) as letter:
            assert "ready" in letter.subject
            daily = next(answers)
            with GatewayClient.connect(gateway_outputs["websocket_url"]) as other:
                monthly = next(other.ask("monthly_volume"))
    assert daily.complete["version"] > before.complete["version"]
    wanted = expected(taxi / "expected_daily.csv", "trip_date", "2015-01")
    assert len(wanted) == 31
    assert_agree(daily, wanted)
    assert_agree(monthly, expected(taxi / "expected_monthly.csv", "pickup_month"), ("avg_distance", "avg_fare"))
    types = {column["name"]: column["type"] for column in daily.columns}
    assert types == {
        "trip_date": "date", "total_hours": "float8", "total_distance": "float8", "total_fare": "float8",
        "trips": "int8",
    }  # fmt: skip


def test_the_gateway_may_only_read_what_it_was_granted(pipeline: Pipeline, gateway_outputs: dict[str, Any]) -> None:
    """Its database user sees the table and the view, and changes nothing."""
    user = gateway_outputs["gateway"]["database_user"]
    assert pipeline.cloud.query("SELECT COUNT(*) AS n FROM nyc_yellow_taxi", user=user)
    assert pipeline.cloud.query("SELECT COUNT(*) AS n FROM nyc_yellow_taxi_volume_analysis", user=user)
    for sql in ("DELETE FROM nyc_yellow_taxi", "SELECT * FROM nyc_yellow_taxi_staging", "CALL execute_elt_process()"):
        with pytest.raises(QueryFailed, match="permission denied"):
            pipeline.cloud.query(sql, user=user)
