"""Files are noted once, whatever is delivered twice, late, out of order, or to an invocation that dies."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.scheduler.files.world import FilesWorld, message


def test_files_are_loaded_once_when_it_is_quiet(world: FilesWorld) -> None:
    messages = [world.land(f"orders/{number}.csv") for number in range(3)]
    assert world.deliver(*messages) == []
    assert world.manifests() == []
    (timer,) = world.queue.sent
    assert (timer["kind"], timer["load"]) == ("files_quiet", "orders")
    assert 58 <= timer["delay"] <= 60  # counted from when the file landed
    world.quiet()
    ((name, files),) = world.manifests()
    assert name.startswith("taxi/load/orders/")
    assert files == ["orders/0.csv", "orders/1.csv", "orders/2.csv"]
    world.finish_all()
    (report,) = world.events("Load Finished")
    assert (report["started_by"]["kind"], report["files"]["count"], report["files"]["bytes"]) == ("files", 3, 12)
    assert report["files"]["manifest"].startswith("s3://landing/manifests/taxi/orders/")


def test_a_repeated_event_loads_nothing_again(world: FilesWorld) -> None:
    one = world.land("orders/1.csv")
    world.deliver(one, one)
    world.deliver(one)
    world.quiet()
    world.finish_all()
    world.deliver(one)
    world.quiet()
    assert world.loaded() == {"orders/1.csv": 1}
    assert len(world.manifests()) == 1


def test_an_overwritten_key_is_loaded_again(world: FilesWorld) -> None:
    world.deliver(world.land("orders/1.csv", b"1"))
    world.quiet()
    world.finish_all()
    world.deliver(world.land("orders/1.csv", b"22"))
    world.quiet()
    world.finish_all()
    assert world.loaded() == {"orders/1.csv": 2}


def test_an_older_version_that_comes_late_is_ignored(world: FilesWorld) -> None:
    old, new = world.land("orders/1.csv", b"1"), world.land("orders/1.csv", b"22")
    world.deliver(new)
    world.quiet()
    world.deliver(old)
    world.quiet()
    assert [files for _, files in world.manifests()] == [["orders/1.csv"]]


def test_two_versions_that_wait_are_one_entry_with_the_size_of_the_latest(world: FilesWorld) -> None:
    world.deliver(world.land("orders/1.csv", b"1"))
    world.deliver(world.land("orders/1.csv", b"333"), world.land("orders/2.csv"))
    world.quiet()
    ((_, files),) = world.manifests()
    assert sorted(files) == ["orders/1.csv", "orders/2.csv"]
    world.finish_all()
    assert world.events("Load Finished")[0]["files"]["bytes"] == 3 + 4


def test_versions_are_compared_as_aws_says(world: FilesWorld) -> None:
    """Padded on the right: 0055AED6DCD90281E5 is later than 0055AED6DCD9."""
    later, sooner = message("orders/1.csv", "0055aed6dcd90281e5"), message("orders/1.csv", "0055AED6DCD9")
    world.deliver(later)
    world.deliver(sooner)
    assert world.queue.sent
    world.quiet()
    world.deliver(sooner)
    assert len(world.manifests()) == 1


def test_enough_files_are_loaded_without_waiting_for_quiet(world: FilesWorld) -> None:
    world.define_files(max_files=5)
    world.deliver(*[world.land(f"orders/{number}.csv") for number in range(12)])
    assert [len(files) for _, files in world.manifests()] == [5]  # the lane runs one at a time
    world.finish_all()
    assert [len(files) for _, files in world.manifests()] == [5, 5]
    world.quiet()
    world.finish_all()
    assert [len(files) for _, files in world.manifests()] == [5, 5, 2]
    assert set(world.loaded().values()) == {1}


def test_the_quiet_time_starts_again_with_each_file(world: FilesWorld) -> None:
    world.deliver(world.land("orders/1.csv"))
    first = world.queue.sent[-1]
    world.later = timedelta(seconds=59)
    world.deliver(message("orders/2.csv", "ff", at=datetime.now(UTC) + world.later))
    assert 58 <= world.queue.sent[-1]["delay"] <= 60
    second = world.queue.sent[-1]
    world.later = timedelta(seconds=61)
    world.queue.sent = [first]
    world.ring()
    assert world.manifests() == []
    world.later = timedelta(seconds=121)
    world.queue.sent = [second]
    world.ring()
    assert [len(files) for _, files in world.manifests()] == [2]


def test_loads_do_not_share_files(world: FilesWorld) -> None:
    world.define_files("returns", pattern="returns/*.csv")
    world.deliver(world.land("orders/1.csv"), world.land("returns/1.csv", load="returns"))
    world.quiet()
    world.finish_all()
    assert sorted((name.split("/")[2], files) for name, files in world.manifests()) == [
        ("orders", ["orders/1.csv"]),
        ("returns", ["returns/1.csv"]),
    ]


@pytest.mark.parametrize(
    "body",
    [
        '{"action":"file"}',
        '{"action":"file","load":"orders","event":{"detail":{}}}',
        '{"action":"file","load":"nothing","event":{}}',
        '{"action":"file","load":7}',
    ],
)
def test_a_message_that_cannot_be_read_comes_again_alone(world: FilesWorld, body: str) -> None:
    good = world.land("orders/1.csv")
    assert world.deliver(good, body) == [body]
    world.quiet()
    assert len(world.manifests()) == 1


def test_files_of_a_load_that_is_gone_come_again(world: FilesWorld) -> None:
    """They end in the dead-letter queue, from where they can be replayed."""
    world.define_files("returns")
    other = world.land("returns/1.csv", load="returns")
    world.remove("orders")
    mine = world.land("orders/1.csv")
    assert world.deliver(mine, other) == [mine]


def test_keys_with_any_characters(world: FilesWorld) -> None:
    keys = ['orders/ü "x" \\ <>&+%20.csv', "orders/a\nb.csv", "orders/" + "ä" * 500 + ".csv"]
    world.deliver(*[world.land(key) for key in keys])
    world.quiet()
    ((_, files),) = world.manifests()
    assert sorted(files) == sorted(keys)


def count_writes(world: FilesWorld, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Write units of all calls to the table from now on: 1 KB each, twice as many in transactions."""
    units: list[float] = []
    for operation in ("put_item", "update_item", "delete_item"):
        make = getattr(world.dynamo, operation)

        def counted(make: Any = make, **request: Any) -> Any:
            units.append(_units(json.dumps(request.get("Item") or request.get("ExpressionAttributeValues") or "")))
            return make(**request)

        monkeypatch.setattr(world.dynamo, operation, counted)
    transact = world.dynamo.transact_write_items

    def all_counted(**request: Any) -> Any:
        units.extend(2 * _units(json.dumps(one)) for one in request["TransactItems"])
        return transact(**request)

    monkeypatch.setattr(world.dynamo, "transact_write_items", all_counted)
    return units


def _units(text: str) -> int:
    return 1 + len(text) // 1024


def test_a_burst_of_10000_doubled_and_out_of_order(world: FilesWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is lost, none is loaded twice, one load for each max_files, at most two writes a file."""
    keys = [f"orders/2026/{number:05d}.csv" for number in range(10_000)]
    messages = [message(key, f"{number:016x}") for number, key in enumerate(keys)]
    rng = random.Random(7)  # noqa: S311 - repeats a test
    doubled = [*messages, *rng.sample(messages, 2_000)]
    rng.shuffle(doubled)
    for one in messages:
        world.s3.objects[f"s3://landing/{json.loads(one)['event']['detail']['object']['key']}"] = (
            b"1,2\n",
            datetime.now(UTC),
        )
    units = count_writes(world, monkeypatch)
    world.deliver_all(doubled)
    world.quiet()
    world.finish_all()
    assert set(world.loaded()) == set(keys)
    assert set(world.loaded().values()) == {1}
    assert [len(files) for _, files in world.manifests()] == [1000] * 10
    assert len(units) <= 2 * len(keys)
    assert sum(units) <= 2 * len(keys)
    print(f"{len(units) / len(keys):.2f} writes and {sum(units) / len(keys):.2f} write units a file")
