"""What the alarms of loads watch: metrics that the sweep writes in CloudWatch's embedded metric format."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler import measures
from tests.unit.scheduler.world import World

MODULE = Path(__file__).parents[3] / "modules" / "scheduler"


def sweep(world: World, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    """The metrics of a sweep: load => its line."""
    capsys.readouterr()
    world.sweep()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {line["Load"]: line for line in lines if "_aws" in line}


def later(monkeypatch: pytest.MonkeyPatch, **length: float) -> None:
    """Time passes for what is measured."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(**length)

    monkeypatch.setattr(measures, "datetime", Clock)
    monkeypatch.setattr(measures, "now", lambda: Clock.now(UTC).isoformat())


def test_the_format_is_the_one_of_the_specification(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.define("trips", warn_after_minutes=30, expected_every_hours=26)
    line = sweep(world, capsys)["trips"]
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert abs(line["_aws"]["Timestamp"] / 1000 - datetime.now(UTC).timestamp()) < 600
    assert (directive["Namespace"], directive["Dimensions"]) == ("RedshiftRelay", [["NamePrefix", "Load"]])
    names = [metric["Name"] for metric in directive["Metrics"]]
    assert names == ["WaitedMinutes", "HoursSinceFinished"]
    assert all(isinstance(line[name], float) for name in names)  # members of the root, as the specification says
    assert (line["NamePrefix"], line["Load"]) == ("taxi", "trips")


def test_the_alarms_have_the_same_names() -> None:
    text = (MODULE / "alarms.tf").read_text(encoding="utf-8")
    for name in (measures.NAMESPACE, measures.WAITED, measures.SINCE_FINISHED, *measures.DIMENSIONS):
        assert name in text


def test_loads_without_an_alarm_cost_no_metric(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.define("trips")
    world.define("orders", expected_every_hours=1)
    assert list(sweep(world, capsys)) == ["orders"]
    assert "WaitedMinutes" not in sweep(world, capsys)["orders"]


def test_the_oldest_wait_counts(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.define("trips", warn_after_minutes=30, overlap="queue")
    world.define("mart", warn_after_minutes=30)
    world.run("trips", "1")
    world.run("trips", "2")
    later(monkeypatch, minutes=20)
    found = sweep(world, capsys)
    assert 20 <= found["trips"]["WaitedMinutes"] < 25
    assert found["mart"]["WaitedMinutes"] == 0  # nothing of it waits
    world.end("trips/1")
    assert sweep(world, capsys)["trips"]["WaitedMinutes"] == 0  # it runs


def test_hours_since_it_finished(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nothing asks for it any more: the sweep measures, not the load."""
    world.define("trips", expected_every_hours=26)
    world.run("trips", "1")
    world.end("trips/1")
    later(monkeypatch, hours=400)
    assert 400 <= sweep(world, capsys)["trips"]["HoursSinceFinished"] < 401


def test_a_failure_is_no_finish(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.define("trips", expected_every_hours=26, retries=0)
    world.run("trips", "1")
    world.end("trips/1")
    later(monkeypatch, hours=30)
    world.run("trips", "2")
    world.end("trips/2", "FAILED", "ERROR: no")
    assert sweep(world, capsys)["trips"]["HoursSinceFinished"] >= 30


def test_a_load_that_never_finished_is_overdue_after_the_same_time(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at once: a first apply raises no alarm."""
    world.define("trips", expected_every_hours=26)
    assert sweep(world, capsys)["trips"]["HoursSinceFinished"] < 1
    later(monkeypatch, hours=27)
    assert 27 <= sweep(world, capsys)["trips"]["HoursSinceFinished"] < 28


def test_the_level_of_the_log_keeps_no_alarm_quiet(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    world.define("trips", expected_every_hours=26)
    assert "trips" in sweep(world, capsys)


def test_a_sweep_that_cannot_measure_does_the_rest_and_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError("full")

    monkeypatch.setattr(measures.Measures, "take", broken)
    world.define("trips")
    world.run("trips", "1")
    world.ends("trips/1")
    with pytest.raises(OSError, match="full"):
        world.sweep()
    assert world.events("Load Finished")
