"""`{"action":"run","load":...,"files":"s3://..."}` loads what was in the bucket before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.scheduler.files.world import BUCKET, FilesWorld, message


def run(world: FilesWorld, uri: str = f"s3://{BUCKET}/orders/") -> Any:
    return world.handle({"action": "run", "load": "orders", "files": uri}, "by-hand-1")


def put(world: FilesWorld, *keys: str, ago: timedelta = timedelta()) -> None:
    for key in keys:
        world.s3.objects[f"s3://{BUCKET}/{key}"] = (b"1,2\n", datetime.now(UTC) - ago)


def test_files_without_events_are_loaded(world: FilesWorld) -> None:
    put(world, "orders/1.csv", "orders/a/2.csv", "orders/folder/", "orders/3.txt", "other/4.csv")
    assert run(world) == {"listed": 2, "new": 2}
    world.finish_all()
    assert world.loaded() == {"orders/1.csv": 1, "orders/a/2.csv": 1}


def test_what_was_noted_before_is_not_loaded_again(world: FilesWorld) -> None:
    world.deliver(world.land("orders/1.csv"))
    world.quiet()
    put(world, "orders/2.csv")
    assert run(world) == {"listed": 2, "new": 1}
    world.finish_all()
    assert world.loaded() == {"orders/1.csv": 1, "orders/2.csv": 1}


def test_the_event_of_a_listed_file_loads_nothing_again(world: FilesWorld) -> None:
    late = world.land("orders/1.csv")
    run(world)
    world.deliver(late)
    world.quiet()
    world.finish_all()
    assert world.loaded() == {"orders/1.csv": 1}


def test_a_listed_file_that_is_overwritten_is_loaded_again(world: FilesWorld) -> None:
    world.land("orders/1.csv", b"1")
    run(world)
    world.finish_all()
    world.deliver(world.land("orders/1.csv", b"22"))
    world.quiet()
    world.finish_all()
    assert world.loaded() == {"orders/1.csv": 2}


def test_a_listing_finds_a_version_whose_event_was_missed(world: FilesWorld) -> None:
    world.deliver(message("orders/1.csv", "61", etag_of="old", at=datetime.now(UTC) - timedelta(hours=1)))
    world.quiet()
    put(world, "orders/1.csv")
    assert run(world) == {"listed": 1, "new": 1}
    world.finish_all()
    world.deliver(message("orders/1.csv", "61", etag_of="old"))
    world.quiet()
    assert len(world.manifests()) == 2


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("s3://other/orders/", "is not in the bucket of the load"),
        ("orders/", "is not in the bucket of the load"),
        (f"s3://{BUCKET}/nothing/", "nothing to load"),
    ],
)
def test_a_run_without_files_is_reported_as_not_started(world: FilesWorld, uri: str, reason: str) -> None:
    answer = run(world, uri)
    assert answer["state"] == "NOT_STARTED"
    assert reason in answer["error"]
    (report,) = world.events("Load Not Started")
    assert (report["load"], report["field"]) == ("orders", "files")
    assert reason in report["error"]


def test_files_that_are_all_loaded_are_reported(world: FilesWorld) -> None:
    put(world, "orders/1.csv")
    run(world)
    assert (
        "all 1 files were noted before"
        in world.handle({"action": "run", "load": "orders", "files": f"s3://{BUCKET}/"}, "by-hand-2")["error"]
    )


def test_a_bucket_that_cannot_be_listed_is_reported(world: FilesWorld) -> None:
    world.s3.denied = True
    assert "cannot be listed" in run(world)["error"]
    (report,) = world.events("Load Not Started")
    assert report["field"] == "files"
    assert "AccessDenied" in report["error"]


def test_a_load_without_files_is_reported(world: FilesWorld) -> None:
    world.define("mart")
    answer = world.handle({"action": "run", "load": "mart", "files": "s3://landing/"}, "by-hand-1")
    assert "is not started by files" in answer["error"]


def test_a_long_listing_goes_on_with_a_timer(world: FilesWorld) -> None:
    keys = [f"orders/{number:05d}.csv" for number in range(5250)]
    put(world, *keys)
    assert run(world) == {"listed": 5000, "new": 5000}
    assert [timer["kind"] for timer in world.queue.sent].count("files_listing") == 1
    world.ring()
    world.finish_all()
    assert world.loaded() == dict.fromkeys(keys, 1)
