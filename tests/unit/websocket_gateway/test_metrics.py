"""What the gateway measures, seen in what its functions write."""

from typing import Any

import pytest

from tests.unit.relay.test_metrics import lines
from tests.unit.websocket_gateway.world import World


class Written:
    """Sums of the metrics that were written since the last look."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def take(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for line in lines(self._capsys.readouterr().out):
            assert line["NamePrefix"] == "taxi"
            for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                value = line[metric["Name"]]
                found.setdefault(metric["Name"], []).extend(value if isinstance(value, list) else [value])
        return found


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Written:
    return Written(capsys)


def test_a_question_that_runs_and_its_delivery(world: World, written: Written) -> None:
    sizes: list[int] = []
    post = world.stage.post_to_connection

    def count(**request: Any) -> None:
        sizes.append(len(request["Data"]))
        post(**request)

    world.stage.post_to_connection = count  # type: ignore[method-assign]
    for _ in range(3):
        world.ask(world.connect())
    assert written.take() == {"Questions": [1, 1, 1], "CacheHits": [0, 0, 0]}
    world.finish()
    found = written.take()
    assert found["Clients"] == [3]
    assert found["StatementTime"] == [1.5]
    assert len(found["DeliveryTime"]) == 1
    assert found["Bytes"] == [sum(sizes)]


def test_a_cached_answer(world: World, written: Written) -> None:
    world.ask(world.connect())
    world.finish()
    written.take()
    world.ask(world.connect())
    assert written.take() == {"Questions": [1], "CacheHits": [1]}


def test_the_lag_of_an_event(world: World, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    from websocket_gateway import deliver_handler

    monkeypatch.setattr(deliver_handler, "time", world.clock)  # 2025-06-15T15:06:40Z
    world.ask(world.connect())
    (statement,) = world.warehouse.running()
    written.take()
    world.deliver({**world.end(statement), "time": "2025-06-15T15:06:37Z"})
    assert written.take()["EventLag"] == [3]


def test_clients_that_are_throttled(world: World, written: Written) -> None:
    world.ask(world.connect())
    statuses = [429, 429]
    world.stage.trouble = lambda _: statuses.pop() if statuses else 0
    written.take()
    world.finish()
    assert written.take()["Throttles"] == [2]


def test_the_backlog_are_answers_that_have_not_reached_everybody(world: World, written: Written) -> None:
    world.ask(world.connect())
    (statement,) = world.warehouse.running()
    world.sweep()
    assert written.take()["Backlog"] == [0]  # it still runs
    world.end(statement)
    world.clock.now += 60
    world.deliver({"action": "sweep"})  # its event was lost
    world.functions.waiting.clear()
    world.clock.now += 60
    world.deliver({"action": "sweep"})
    assert written.take()["Backlog"][-1] == 1
    world.drain()
    world.sweep()
    assert written.take()["Backlog"] == [0]
