"""The example `incremental`, applied to the local cloud: exact rows after every step, from S3 to the table."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deployments.terraform import Terraform
from local_cloud.process import LocalCloud
from tests.e2e.cloud import ROOT, Cloud, until

EXAMPLE = Path(__file__).parent / "incremental"
ADDRESS = "git::https://example.com/redshift-relay.git?ref=v0.1.0"
BUCKET = "shop-landing"
QUIET_SECONDS = 3
HEADER = "order_id,customer,amount,updated_at"


@dataclass
class Shop:
    """The example, applied."""

    cloud: Cloud
    relay: dict[str, Any]

    def put(self, key: str, *rows: str) -> None:
        """A file lands."""
        self.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body="\n".join([HEADER, *rows, ""]).encode())

    def invoke(self, **payload: Any) -> dict[str, Any]:
        """Invokes the scheduler function."""
        function = self.relay["function_names"]["scheduler"]
        answer = self.cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload).encode())
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "errorMessage" not in result, result
        return result

    def runs(self) -> list[dict[str, Any]]:
        """All runs of the load, oldest first."""
        (orders,) = [one for one in self.invoke(action="list")["loads"] if one["load"] == "orders"]
        return sorted([*orders["open"], *orders["ended"]], key=lambda one: str(one["requested_at"]))

    def after(self, count: int) -> list[str]:
        """How all runs ended, once there are so many and none is open."""

        def ended() -> list[str] | None:
            states = [one["state"] for one in self.runs()]
            return states if len(states) >= count and not {"WAITING", "CLAIMED", "RUNNING"} & set(states) else None

        states = until(ended, f"{count} ended runs of {self.runs()}")
        assert len(states) == count, self.runs()
        return states

    def orders(self) -> list[tuple[int, str, str]]:
        rows = self.cloud.query("SELECT order_id, customer, amount FROM orders ORDER BY 1", database="dev")
        return [(row["order_id"], row["customer"], str(row["amount"])) for row in rows]

    def manifests(self) -> list[str]:
        rows = self.cloud.query("SELECT manifest FROM loaded_manifests ORDER BY loaded_at", database="dev")
        return [row["manifest"] for row in rows]

    def files_of(self, manifest: str) -> list[str]:
        key = manifest.removeprefix(f"s3://{BUCKET}/")
        entries = json.loads(self.cloud.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())["entries"]
        return sorted(entry["url"].removeprefix(f"s3://{BUCKET}/") for entry in entries)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    local = LocalCloud.start("--retry-seconds", "0.2", "--cluster", "warehouse", "--database", "dev")
    folder = tmp_path_factory.mktemp("incremental") / "root"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".terraform*"))
    main = (folder / "main.tf").read_text()
    assert ADDRESS in main
    (folder / "main.tf").write_text(main.replace(ADDRESS, str(ROOT)))
    (folder / "given.auto.tfvars").write_text(f"quiet_seconds = {QUIET_SECONDS}\n")
    terraform = Terraform(folder, local.environment)
    try:
        terraform.init()
        terraform.apply()
        yield Shop(Cloud(local), terraform.outputs()["relay"])
        assert terraform.planned_changes() == []
    finally:
        local.stop()


FIRST: Sequence[tuple[int, str, str]] = [
    (1, "Ada", "10.00"),
    (2, "Bob", "20.00"),
    (3, "Cem", "30.00"),
    (4, "Dee", "40.00"),
    (5, "Eve", "50.00"),
]


def test_files_become_rows_step_by_step(shop: Shop) -> None:
    # Two files are one manifest and one load.
    shop.put("orders/2026/a.csv", "1,Ada,10,2026-01-01 10:00:00", "2,Bob,20,2026-01-01 10:00:00", "3,Cem,30,2026-01-01")
    shop.put("orders/2026/b.csv", "4,Dee,40,2026-01-01 10:00:00", "5,Eve,50,2026-01-02 10:00:00")
    shop.put("orders/2026/notes.txt", "no order")
    assert shop.after(1) == ["FINISHED"]
    assert shop.orders() == FIRST
    (first,) = shop.manifests()
    assert shop.files_of(first) == ["orders/2026/a.csv", "orders/2026/b.csv"]

    # A late correction replaces a row; a row that is older than what is known changes nothing; two rows of one order
    # in one manifest are the latest one.
    shop.put("orders/2026/c.csv", "2,Bob,21,2026-01-03 10:00:00", "5,Eve,5,2026-01-01 09:00:00", "6,Fay,1,2026-01-03")
    shop.put("orders/2026/d.csv", "6,Fay,60,2026-01-04 10:00:00")
    assert shop.after(2) == ["FINISHED"] * 2
    corrected = [FIRST[0], (2, "Bob", "21.00"), *FIRST[2:], (6, "Fay", "60.00")]
    assert shop.orders() == corrected

    # The same file once more is a new version: it is loaded, and MERGE changes nothing.
    shop.put("orders/2026/a.csv", "1,Ada,10,2026-01-01 10:00:00", "2,Bob,20,2026-01-01 10:00:00", "3,Cem,30,2026-01-01")
    assert shop.after(3) == ["FINISHED"] * 3
    assert shop.orders() == corrected
    assert len(shop.manifests()) == 3

    # A manifest that comes again, as after a run that committed and then failed, is known.
    shop.invoke(action="run", load="orders", parameters={"manifest": first}, occurrence="again")
    assert shop.after(4) == ["FINISHED"] * 4
    assert shop.orders() == corrected
    assert len(shop.manifests()) == 3

    # A file with a bad row is set aside and named; the file beside it is loaded.
    shop.put("orders/2026/bad.csv", "7,Gil,70,2026-01-05 10:00:00", "8,Hal,eighty,2026-01-05 10:00:00")
    shop.put("orders/2026/good.csv", "9,Ida,90,2026-01-05 10:00:00")
    assert shop.after(6) == [*["FINISHED"] * 4, "FAILED", "FINISHED"]
    with_good = [*corrected, (9, "Ida", "90.00")]
    assert shop.orders() == with_good
    letter = shop.cloud.letter("orders/2026/bad.csv")
    assert "[shop] orders" in letter.subject
    assert len(shop.manifests()) == 4

    # The repaired file lands under the same key.
    shop.put("orders/2026/bad.csv", "7,Gil,70,2026-01-05 10:00:00", "8,Hal,80,2026-01-05 10:00:00")
    assert shop.after(7)[-1] == "FINISHED"
    repaired = sorted([*with_good, (7, "Gil", "70.00"), (8, "Hal", "80.00")])
    assert shop.orders() == repaired

    # What was set aside has been replaced: a redrive has nothing to load.
    assert shop.invoke(action="redrive", load="orders") == {"redriven": 1}
    time.sleep(QUIET_SECONDS)  # for what must not happen
    assert len(shop.after(7)) == 7
    assert shop.orders() == repaired

    # Everything in the bucket is known.
    answer = shop.invoke(action="run", load="orders", files=f"s3://{BUCKET}/orders/")
    assert answer["state"] == "NOT_STARTED"
    assert "were noted before" in answer["error"]
    assert shop.orders() == repaired


def test_what_landed_while_events_were_off_is_loaded_by_hand(shop: Shop) -> None:
    s3 = shop.cloud.client("s3")
    before, count = shop.orders(), len(shop.runs())
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={})
    shop.put("orders/2026/missed.csv", "10,Joe,100,2026-01-06 10:00:00")
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}})
    answer = shop.invoke(action="run", load="orders", files=f"s3://{BUCKET}/orders/2026/")
    assert answer["new"] == 1
    shop.after(count + 1)
    assert shop.orders() == [*before, (10, "Joe", "100.00")]
