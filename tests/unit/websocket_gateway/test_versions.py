"""Data versions: cached answers and their age, live clients, storms of changes."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.websocket_gateway.fake_warehouse import refusal
from tests.unit.websocket_gateway.world import World


def test_a_cached_answer(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.finish()
    world.clock.now += 3600
    assert world.ask(two)["cached"] is True
    world.drain()
    assert two.ends("a")[0]["cached"] is True
    assert len(world.warehouse.statements) == 1
    world.clock.now += 22 * 3600
    three = world.connect()
    assert world.ask(three)["cached"] is False


def test_max_age(world: World) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_age_seconds=60)
    client = world.connect()
    world.ask(client)
    world.finish()
    world.clock.now += 59
    assert world.ask(client, "b")["cached"] is True
    world.clock.now += 2
    assert world.ask(client, "c")["cached"] is False


DAILY = ("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}})


def test_a_fresh_answer_is_of_a_new_run(world: World) -> None:
    client, other = world.connect(), world.connect()
    first = world.ask(client, live=True)
    world.finish()
    fresh = world.ask(other, fresh=True)
    assert fresh["cached"] is False
    assert fresh["run"] != first["run"]
    assert world.ask(client, "b", fresh=True)["run"] == fresh["run"], "a run in flight is fresh"
    world.finish()
    assert [end["run"] for end in other.ends("a") + client.ends("b")] == [fresh["run"]] * 2
    assert [end["run"] for end in client.ends("a")] == [first["run"]], "the data is the same to those who watch"
    assert world.ask(client, "c")["run"] == fresh["run"]
    assert len(world.warehouse.statements) == 2


@pytest.mark.parametrize("max_age_seconds", [None, 3600])
def test_a_fresh_answer_may_be_as_old_as_min_refresh_seconds(world: World, max_age_seconds: int | None) -> None:
    world.publish(*DAILY, min_refresh_seconds=300, max_age_seconds=max_age_seconds)
    client = world.connect()
    world.ask(client)
    world.finish()
    world.clock.now += 299
    assert world.ask(client, "b", fresh=True)["cached"] is True
    world.drain()
    assert len(client.answer("b")) == 5
    world.clock.now += 2
    assert world.ask(client, "c", fresh=True)["cached"] is False


def test_fresh_is_never_older_than_without_it(make_world: Callable[..., World]) -> None:
    """Where nobody knows when data changes, and where max_age_seconds is below min_refresh_seconds."""
    for environment, max_age_seconds in (({"VERSIONED": "false"}, None), ({}, 10)):
        world = make_world(**environment)
        world.publish(*DAILY, min_refresh_seconds=300, max_age_seconds=max_age_seconds)
        client = world.connect()
        world.ask(client)
        world.finish()
        world.clock.now += 11
        assert world.ask(client, "b", fresh=True)["cached"] is False


def test_after_new_data_fresh_does_not_wait_for_min_refresh_seconds(world: World) -> None:
    world.publish(*DAILY, min_refresh_seconds=300)
    client = world.connect()
    world.ask(client)
    world.finish()
    world.new_data()
    assert world.ask(client, "b", fresh=True)["cached"] is False


def test_a_fresh_answer_is_resumed(world: World) -> None:
    client = world.connect()
    run = world.ask(client, fresh=True)["run"]
    world.finish()
    again = world.ask(client, "b", fresh=True, resume={"run": run, "row": 2})
    assert (again["run"], again["cached"]) == (run, True)


def test_a_live_waiter_that_asks_for_a_cached_answer(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.finish()
    assert world.ask(two, live=True)["cached"] is True
    world.drain()
    world.sweep()
    assert len(two.ends("a")) == 1
    world.new_data()
    world.finish()
    assert [end["version"] for end in two.ends("a")] == [0, 1]


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
def test_a_load_that_failed_is_a_version_but_no_later_change(world: World, state: str) -> None:
    """It may have changed the data, or not: old rows must not look new."""
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    event = {"detail-type": "Load Failed", "source": "redshift-relay", "time": "2025-01-02T00:00:00Z"}
    world.deliver({**event, "detail": {"state": state}})
    world.take_turns()
    world.finish()
    world.deliver({**event, "detail-type": "Load Finished", "detail": {"state": "FINISHED"}})
    world.take_turns()
    world.finish()
    world.deliver({**event, "time": "2025-01-03T00:00:00Z", "detail": {"state": state}})
    world.take_turns()
    world.finish()
    ends = [(end["version"], end["changed_at"]) for end in client.ends("a")]
    assert ends == [(0, None), (1, None), (2, "2025-01-02T00:00:00Z"), (3, "2025-01-02T00:00:00Z")]


def test_without_versions_a_live_answer_comes_once_and_others_ask_anew(make_world: Callable[..., World]) -> None:
    world = make_world(VERSIONED="false")
    one, two = world.connect(), world.connect()
    world.ask(one, live=True)
    world.finish()
    world.clock.now += 5
    assert world.ask(two)["cached"] is False
    world.finish()
    world.sweep()
    assert len(one.ends("a")) == len(two.ends("a")) == 1
    world.clock.now += 5
    world.ask(one, live=True)  # asked again, it starts over
    world.finish()
    assert len(one.ends("a")) == 1
    assert len(one.answer("a")) == 5


def test_events_in_every_run_starve_nobody(world: World) -> None:
    """The data changes while each run is in flight: each run's answer is delivered all the same."""
    client, other = world.connect(), world.connect()
    world.ask(client, live=True)
    for version in range(5):
        world.ask(other, f"o{version}", "2015-02")
        world.new_data()
        world.finish()
        assert len(client.ends("a")) == version + 1
    assert len(other.answer("o0")) == 5


def test_a_change_that_cannot_be_followed_for_one_question_is_followed_for_the_others(world: World) -> None:
    client = world.connect()
    world.ask(client, "a", live=True)
    world.ask(client, "b", "2015-02", live=True)
    world.finish()
    first, second = (pk for pk, _, _ in world.found("Q#", "META"))

    def cut(what: str, request: Any) -> None:
        if what == "dynamodb.get_item" and first in str(request):
            raise refusal(500, "InternalServerError")

    world.cut = cut
    world.new_data()
    world.cut = lambda *_: None
    assert world.version() == 1, "the event is not heard again"
    assert [f"Q#{statement.question}" for statement in world.warehouse.running()] == [second]
    world.sweep()
    world.finish()
    assert [client.ends(request)[-1]["version"] for request in "ab"] == [1, 1]


def test_min_refresh_seconds(world: World) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, min_refresh_seconds=300)
    client, late = world.connect(), world.connect()
    world.ask(client, live=True)
    world.finish()
    world.clock.now += 10
    world.new_data()
    assert world.warehouse.running() == []
    world.sweep(60)
    assert world.warehouse.running() == []
    world.sweep(240)
    assert len(world.warehouse.running()) == 1
    world.finish()
    assert [end["version"] for end in client.ends("a")] == [0, 1]
    world.new_data()
    world.ask(late)  # who has no answer at all does not wait
    assert len(world.warehouse.running()) == 1
