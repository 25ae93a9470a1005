"""Invocations at the same time, in any order, killed at any call: no file is lost, none is loaded twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from tests.unit.scheduler.files.world import FilesWorld
from tests.unit.scheduler.world import interleaved, seeds
from tests.unit.websocket_gateway.interleaving import Task

WorldMaker = Callable[[], FilesWorld]
SEEDS = 60


@pytest.fixture
def make_world(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> WorldMaker:
    def make() -> FilesWorld:
        world = FilesWorld()
        world.installed(monkeypatch).__enter__()
        world.define_files(max_files=4)
        return world

    return make


class Delivery:
    """Messages in flight: they come again until an invocation has answered for them."""

    def __init__(self, world: FilesWorld, messages: list[str]) -> None:
        self.world = world
        self.left = list(messages)

    def invoke(self, batch: list[str]) -> None:
        again = self.world.deliver(*batch)
        for one in batch:
            if one not in again and one in self.left:
                self.left.remove(one)

    def settle(self) -> None:
        """Everything comes again, timers ring, the sweep runs, statements end, until nothing is left."""
        for _ in range(6):
            self.world.later += timedelta(seconds=300)
            if self.left:
                self.invoke(list(self.left))
            self.world.quiet()
            self.world.sweep()
            self.world.finish_all()
        assert self.left == []


def land(world: FilesWorld, count: int, rng: random.Random) -> list[str]:
    messages = [world.land(f"orders/{number}.csv") for number in range(count)]
    rng.shuffle(messages)
    return messages


@pytest.mark.parametrize("kill", [0.0, 0.02, 0.1])
def test_every_file_is_loaded_once(make_world: WorldMaker, kill: float) -> None:
    for seed in seeds(SEEDS):
        world, rng = make_world(), random.Random(seed)  # noqa: S311 - repeats a test
        messages = land(world, 11, rng)
        delivery = Delivery(world, messages)
        batches = [messages[:4], messages[4:8], messages[8:], messages[2:6], messages[5:10]]
        interleaved(seed, *[partial(delivery.invoke, batch) for batch in batches], world.sweep, kill=kill)
        world.later += timedelta(seconds=61)
        timers, world.queue.sent = list(world.queue.sent), []

        def ring(timer: dict[str, object], world: FilesWorld = world) -> None:
            world.queue.sent.append(timer)  # type: ignore[arg-type]
            world.ring()

        works = [partial(ring, timer) for timer in timers[:3]]
        interleaved(seed, *works, partial(delivery.invoke, messages[:3]), world.sweep, kill=kill)
        delivery.settle()
        assert world.loaded() == {f"orders/{number}.csv": 1 for number in range(11)}, seed


@pytest.mark.parametrize("kill", [0.0, 0.05])
def test_a_broken_batch_is_taken_over_once(make_world: WorldMaker, kill: float) -> None:
    """An invocation that was only slow must not complete what others took over."""
    for seed in seeds(SEEDS):
        world, rng = make_world(), random.Random(seed)  # noqa: S311 - repeats a test
        messages = land(world, 6, rng)
        delivery = Delivery(world, messages)

        def late(order: int, world: FilesWorld = world, delivery: Delivery = delivery) -> None:
            world.later += timedelta(seconds=100)
            delivery.invoke(list(delivery.left)[::order])

        interleaved(seed, partial(delivery.invoke, messages), partial(late, 1), partial(late, -1), kill=kill)
        delivery.settle()
        assert world.loaded() == {f"orders/{number}.csv": 1 for number in range(6)}, seed


@pytest.mark.parametrize("kill", [0.0, 0.05])
def test_versions_of_a_key_are_never_lost(make_world: WorldMaker, kill: float) -> None:
    """The latest version is in the last manifest that has the key; there are at most as many as versions."""
    for seed in seeds(SEEDS):
        world, rng = make_world(), random.Random(seed)  # noqa: S311 - repeats a test
        messages = [world.land("orders/1.csv", b"x" * version) for version in range(1, 4)]
        latest = messages[-1]
        rng.shuffle(messages)
        delivery = Delivery(world, messages)
        interleaved(seed, *[partial(delivery.invoke, [one]) for one in messages], world.quiet, kill=kill)
        delivery.settle()
        reports = world.events("Load Finished")
        assert reports[-1]["files"]["bytes"] == 3, (seed, latest)
        assert 1 <= world.loaded()["orders/1.csv"] <= 3, seed


@pytest.mark.parametrize("kill", [0.0, 0.05])
def test_failures_and_redrives(make_world: WorldMaker, kill: float) -> None:
    for seed in seeds(SEEDS):
        world, rng = make_world(), random.Random(seed)  # noqa: S311 - repeats a test
        messages = land(world, 4, rng)
        bad = "ERROR: Found multiple matches to update the same tuple."
        delivery = Delivery(world, messages)
        delivery.invoke(messages)
        (name,) = world.running()
        event = world.ends(name.removeprefix("taxi/load/"), "FAILED", bad)
        interleaved(seed, partial(world.handle, event), partial(world.handle, event), world.sweep, kill=kill)
        for _ in range(3):
            world.sweep()
            world.finish_all({"orders/2.csv": bad})
        assert world.aside() == ["orders/2.csv"], seed
        redrive = partial(world.handle, {"action": "redrive", "load": "orders"})
        interleaved(seed, redrive, redrive, world.sweep, kill=kill)
        delivery.settle()
        if world.aside():
            world.handle({"action": "redrive", "load": "orders"})
            delivery.settle()
        assert world.loaded() == {f"orders/{number}.csv": 1 for number in range(4)}, seed


@pytest.mark.parametrize("kill", [0.0, 0.05])
def test_a_listing_and_the_events_of_the_same_files(make_world: WorldMaker, kill: float) -> None:
    for seed in seeds(SEEDS):
        world, rng = make_world(), random.Random(seed)  # noqa: S311 - repeats a test
        messages = land(world, 6, rng)
        delivery = Delivery(world, messages)
        run = partial(world.handle, {"action": "run", "load": "orders", "files": "s3://landing/orders/"})
        interleaved(
            seed, run, partial(delivery.invoke, messages[:3]), partial(delivery.invoke, messages[2:]), kill=kill
        )
        delivery.settle()
        assert world.loaded() == {f"orders/{number}.csv": 1 for number in range(6)}, seed


def test_a_batch_that_was_broken_cannot_be_completed(make_world: WorldMaker) -> None:
    """Its invocation was only slow, and another one is about to take its file over."""
    world = make_world()
    delivery = Delivery(world, [world.land("orders/1.csv")])
    slow = Task("slow", partial(delivery.invoke, list(delivery.left)))
    slow.step_to("':complete'")
    world.later += timedelta(seconds=100)
    other = Task("other", partial(delivery.invoke, list(delivery.left)))
    other.step_to("':found'")
    slow.finish()
    world.quiet()
    world.finish_all()
    other.finish()
    delivery.settle()
    assert world.loaded() == {"orders/1.csv": 1}


def test_a_file_of_a_broken_batch_is_taken_over_by_one_invocation(make_world: WorldMaker) -> None:
    """The other one has seen the same, and comes after the file was loaded."""
    world = make_world()
    delivery = Delivery(world, [world.land("orders/1.csv")])
    dead = Task("dead", partial(delivery.invoke, list(delivery.left)))
    dead.step_to("':complete'")
    dead.kill()
    world.later += timedelta(seconds=100)
    late = Task("late", partial(delivery.invoke, list(delivery.left)))
    late.step_to("':found'")
    delivery.invoke(list(delivery.left))
    world.quiet()
    world.finish_all()
    late.finish()
    delivery.settle()
    assert world.loaded() == {"orders/1.csv": 1}


def test_a_slow_invocation_does_not_hand_over_what_later_claims_took(make_world: WorldMaker) -> None:
    """It stops before it notes how far its claim went; others finish that claim and make the next ones."""
    world = make_world()
    delivery = Delivery(world, [world.land(f"orders/{number}.csv") for number in range(14)])
    slow = Task("slow", partial(delivery.invoke, list(delivery.left)))
    slow.step_to("SET #taken = :to")
    world.sweep()
    world.finish_all()
    slow.finish()
    delivery.settle()
    assert world.loaded() == {f"orders/{number}.csv": 1 for number in range(14)}


def test_two_invocations_that_plan_the_same_claim(make_world: WorldMaker) -> None:
    """Both have seen the same files; the second one comes while the first one hands its manifest over."""
    world = make_world()
    delivery = Delivery(world, [world.land(f"orders/{number}.csv") for number in range(4)])
    first = Task("first", partial(delivery.invoke, list(delivery.left)))
    first.step_to("#claim = :claim")
    world.later += timedelta(seconds=300)
    second = Task("second", world.sweep)
    second.step_to("#claim = :claim")
    first.step_to("put_object")
    second.finish()
    first.finish()
    delivery.settle()
    assert world.loaded() == {f"orders/{number}.csv": 1 for number in range(4)}


def test_the_first_decision_about_a_failed_manifest_counts(make_world: WorldMaker) -> None:
    """Two invocations decide at once, and Redshift has named different files to them."""
    world = make_world()
    delivery = Delivery(world, [world.land(f"orders/{number}.csv") for number in range(4)])
    delivery.invoke(list(delivery.left))
    question = [{"file_name": "s3://landing/orders/0.csv"}]
    world.redshift.when("sys_load_error_detail", status="FINISHED", table=question)
    (name,) = world.running()
    event = world.ends(name.removeprefix("taxi/load/"), "FAILED", "ERROR: Check 'sys_load_error_detail' for details.")
    late = Task("late", partial(world.handle, event))
    late.step_to("#decision = :decision")
    question[0]["file_name"] = "s3://landing/orders/1.csv"
    world.sweep()
    late.finish()
    delivery.settle()
    assert world.aside() == ["orders/1.csv"]
    assert world.loaded() == {f"orders/{number}.csv": 1 for number in (0, 2, 3)}
