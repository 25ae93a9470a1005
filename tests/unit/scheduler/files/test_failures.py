"""Files that cannot be loaded: set aside by name, found by halving, redriven; nothing lost, nothing loaded twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.scheduler.files.world import BUCKET, FilesWorld

COPY_FAILED = "ERROR: Load into table 'orders' failed. Check 'sys_load_error_detail' system table for details."
BAD_ROWS = "ERROR: Found multiple matches to update the same tuple."


def land(world: FilesWorld, count: int) -> list[str]:
    keys = [f"orders/{number:03d}.csv" for number in range(count)]
    world.deliver_all([world.land(key) for key in keys])
    world.quiet()
    return keys


def names(world: FilesWorld, *keys: str) -> None:
    """Redshift names these files in sys_load_error_detail."""
    table = [{"file_name": f"s3://{BUCKET}/{key}  "} for key in keys]
    world.redshift.when("sys_load_error_detail", status="FINISHED", table=table)


def test_files_that_redshift_names_are_set_aside_and_the_others_loaded(world: FilesWorld) -> None:
    keys = land(world, 5)
    names(world, keys[2])
    world.finish_all({keys[2]: COPY_FAILED})
    assert world.aside() == [keys[2]]
    assert world.loaded() == dict.fromkeys([key for key in keys if key != keys[2]], 1)
    (failed,) = world.events("Load Failed")
    assert failed["files"]["set_aside"] == [f"s3://{BUCKET}/{keys[2]}"]
    (finished,) = world.events("Load Finished")
    assert finished["files"]["count"] == 4


def test_the_event_waits_until_redshift_has_named_the_files(world: FilesWorld) -> None:
    keys = land(world, 2)
    world.redshift.when("sys_load_error_detail", status="STARTED")
    (name,) = world.running()
    world.end(name.removeprefix("taxi/load/"), "FAILED", COPY_FAILED)
    assert world.events() == []
    question = next(one for one in world.redshift.statements.values() if "file-errors" in one.name)
    question.status, question.table = "FINISHED", [{"file_name": f"s3://{BUCKET}/{keys[0]}"}]
    world.sweep()
    assert world.events("Load Failed")[0]["files"]["set_aside"] == [f"s3://{BUCKET}/{keys[0]}"]
    world.finish_all()
    assert world.loaded() == {keys[1]: 1}
    assert len([one for one in world.redshift.statements.values() if "file-errors" in one.name]) == 1


def test_redshift_that_never_answers_is_not_waited_for_longer_than_ten_minutes(world: FilesWorld) -> None:
    land(world, 1)
    world.redshift.when("sys_load_error_detail", status="STARTED")
    (name,) = world.running()
    world.end(name.removeprefix("taxi/load/"), "FAILED", COPY_FAILED)
    failed = next(one for one in world.redshift.statements.values() if one.name == name)
    failed.updated_at = datetime.now(UTC) - timedelta(minutes=11)
    world.sweep()
    assert world.aside() == ["orders/000.csv"]


@pytest.mark.parametrize("bad", [0, 37, 99])
def test_a_bad_file_that_nobody_names_is_found_by_halving(world: FilesWorld, bad: int) -> None:
    keys = land(world, 100)
    world.finish_all({keys[bad]: BAD_ROWS})
    assert world.aside() == [keys[bad]]
    assert world.loaded() == dict.fromkeys([key for key in keys if key != keys[bad]], 1)
    assert len(world.manifests()) <= 15


def test_two_bad_files_that_nobody_names(world: FilesWorld) -> None:
    keys = land(world, 64)
    world.finish_all({keys[3]: BAD_ROWS, keys[40]: BAD_ROWS})
    assert world.aside() == [keys[3], keys[40]]
    assert set(world.loaded().values()) == {1}
    assert len(world.loaded()) == 62


def test_a_fault_in_no_file_does_not_cost_a_run_for_each(world: FilesWorld) -> None:
    keys = land(world, 1000)
    world.finish_all({"*": 'ERROR: permission denied for relation "orders"'})
    assert world.aside() == keys
    assert len(world.manifests()) <= 16
    assert len(world.events("Load Failed")[-1]["files"]["set_aside"]) == 100


def test_a_failed_manifest_is_tried_again_unchanged(world: FilesWorld) -> None:
    world.define_files(retries=2)
    land(world, 3)
    (name,) = world.running()
    world.end(
        name.removeprefix("taxi/load/"), "FAILED", "ERROR: 1023 DETAIL: Serializable isolation violation on table"
    )
    later = world.land("orders/later.csv")
    world.deliver(later)
    occurrence = name.split("/")[-1]
    world.age("orders", occurrence, minutes=1)
    world.ring()
    again = [(one, files) for one, files in world.manifests() if occurrence in one]
    assert [one for one, _ in again] == [name, f"{name}/2"]
    assert again[0][1] == again[1][1]
    addresses = {address for one, address in world._addresses().items() if occurrence in one}
    assert len(addresses) == 1


def test_redriven_files_are_loaded_once(world: FilesWorld) -> None:
    keys = land(world, 3)
    names(world, keys[0])
    world.finish_all({keys[0]: COPY_FAILED})
    assert world.handle({"action": "redrive", "load": "orders"}) == {"redriven": 1}
    world.finish_all()
    assert world.aside() == []
    assert world.loaded() == dict.fromkeys(keys, 1)
    with pytest.raises(Exception, match="no file of 'orders' is set aside"):
        world.handle({"action": "redrive", "load": "orders"})


def test_a_file_that_was_repaired_meanwhile_is_not_loaded_twice_by_a_redrive(world: FilesWorld) -> None:
    keys = land(world, 2)
    names(world, keys[0])
    world.finish_all({keys[0]: COPY_FAILED})
    world.deliver(world.land(keys[0], b"repaired"))
    world.quiet()
    world.finish_all()
    assert world.loaded()[keys[0]] == 1
    world.handle({"action": "redrive", "load": "orders"})
    world.quiet()
    world.finish_all()
    assert world.loaded()[keys[0]] == 1


def test_a_file_that_lands_again_while_its_manifest_fails(world: FilesWorld) -> None:
    keys = land(world, 2)
    world.later += timedelta(seconds=10)
    world.deliver(world.land(keys[0], b"repaired"))
    names(world, keys[0])
    (name,) = world.running()
    world.end(name.removeprefix("taxi/load/"), "FAILED", COPY_FAILED)
    world.finish_all()
    world.quiet()
    world.finish_all()
    world.handle({"action": "redrive", "load": "orders"})
    world.finish_all()
    assert world.loaded() == dict.fromkeys(keys, 1)


@pytest.mark.parametrize("when", ["waiting", "running"])
def test_files_of_a_cancelled_run_are_set_aside(world: FilesWorld, when: str) -> None:
    if when == "waiting":
        world.handle({"action": "pause", "load": "orders"})
    keys = land(world, 3)
    occurrence = (
        next(item["occurrence"]["S"] for (pk, _), item in world.dynamo.items.items() if pk.startswith("LANE#"))
        if when == "waiting"
        else world.running()[0].split("/")[-1]
    )
    world.handle({"action": "cancel", "load": "orders", "occurrence": occurrence})
    if when == "running":
        event = world.ends(f"orders/{occurrence}", "ABORTED")
        world.handle(event)
    assert world.aside() == keys
    world.handle({"action": "resume", "load": "orders"})
    world.handle({"action": "redrive", "load": "orders"})
    world.finish_all()
    assert world.loaded() == dict.fromkeys(keys, 1)


def test_a_load_that_is_removed_while_its_files_wait(world: FilesWorld) -> None:
    world.handle({"action": "pause", "load": "orders"})
    keys = land(world, 3)
    world.remove("orders")
    world.sweep()
    (report,) = world.events("Load Not Started")
    assert report["field"] == "load"
    assert world.aside() == keys
    world.define_files()
    world.handle({"action": "resume", "load": "orders"})
    world.handle({"action": "redrive", "load": "orders"})
    world.finish_all()
    assert world.loaded() == dict.fromkeys(keys, 1)


def test_a_repeated_failure_sets_nothing_aside_again(world: FilesWorld) -> None:
    """The function died after the files were set aside and before the event was put; meanwhile they were redriven."""
    keys = land(world, 2)
    names(world, *keys)
    world.bus.down = True
    (name,) = world.running()
    with pytest.raises(Exception, match="PutEvents"):
        world.end(name.removeprefix("taxi/load/"), "FAILED", COPY_FAILED)
    world.bus.down = False
    world.handle({"action": "redrive", "load": "orders"})
    world.sweep()
    assert world.events("Load Failed")[0]["files"]["set_aside"] == [f"s3://{BUCKET}/{key}" for key in keys]
    assert world.aside() == []
    world.finish_all()
    assert world.loaded() == dict.fromkeys(keys, 1)


def test_more_files_than_one_transaction_moves_are_redriven(world: FilesWorld) -> None:
    keys = land(world, 250)
    names(world, *keys)
    (name,) = world.running()
    world.redshift.page_size = 1000
    world.end(name.removeprefix("taxi/load/"), "FAILED", COPY_FAILED)
    assert len(world.aside()) == 250
    world.handle({"action": "redrive", "load": "orders"})
    world.finish_all()
    assert world.loaded() == dict.fromkeys(keys, 1)


def test_manifests_are_what_copy_takes(world: FilesWorld) -> None:
    land(world, 1)
    (address,) = world._addresses().values()
    manifest: dict[str, Any] = json.loads(world.s3.objects[address][0])
    url = f"s3://{BUCKET}/orders/000.csv"
    assert manifest == {"entries": [{"url": url, "mandatory": True, "meta": {"content_length": 4}}]}
