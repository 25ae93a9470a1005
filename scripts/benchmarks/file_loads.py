"""What files that start loads cost: the time until a statement is accepted, and writes to the table in a burst."""

import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure
from deployments.terraform import Terraform
from deployments.warehouse import query
from local_cloud.process import LocalCloud

PREFIX = "bench"
BUCKET = "bench-landing"
QUIET_SECONDS = 2
MAX_FILES = 1000
_BATCH = 100
_TIMEOUT_SECONDS = 300.0


@dataclass(frozen=True)
class DeployedLoads:
    """modules/scheduler, applied alone, with the loads `quick` and `burst`."""

    cloud: LocalCloud
    outputs: dict[str, Any]

    @classmethod
    @contextmanager
    def deployed(cls, root: Path, folder: Path) -> Iterator["DeployedLoads"]:
        """Starts the local cloud and applies the module from `folder`."""
        cloud = LocalCloud.start()
        try:
            s3 = cloud.client("s3")
            s3.create_bucket(Bucket=BUCKET)
            s3.put_bucket_notification_configuration(
                Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )
            query(cloud, "CREATE TABLE seen (manifest VARCHAR(2048))")
            folder.mkdir(parents=True)
            (folder / "main.tf.json").write_text(json.dumps(_configuration(root, folder, cloud)))
            terraform = Terraform(folder, cloud.environment)
            terraform.init()
            terraform.apply()
            yield cls(cloud, terraform.outputs()["scheduler"])
        finally:
            cloud.stop()

    def started_at(self, load: str) -> list[datetime]:
        """Returns when Redshift accepted the statements of a load."""
        answer = self.cloud.client("lambda").invoke(
            FunctionName=self.outputs["function_name"], Payload=json.dumps({"action": "list", "load": load}).encode()
        )
        (found,) = json.loads(answer["Payload"].read())["loads"]
        runs = [*found["open"], *found["ended"]]
        return sorted(datetime.fromisoformat(one["started_at"]) for one in runs if one["started_at"])


def file_loads(root: Path, folder: Path, rounds: int, events: int) -> list[Figure]:
    """Lands files one by one, then hands over a burst of events."""
    with DeployedLoads.deployed(root, folder) as deployed:
        return [*_latency(deployed, rounds), *_burst(deployed, events)]


def _latency(deployed: DeployedLoads, rounds: int) -> Iterator[Figure]:
    waits = []
    for number in range(rounds + 1):
        landed = datetime.now(UTC)
        deployed.cloud.client("s3").put_object(Bucket=BUCKET, Key=f"quick/{number}.csv", Body=b"1\n")
        waits.append((_started(deployed, landed) - landed).total_seconds())
    waits = waits[1:]  # the first one starts the worker process
    yield Figure(
        f"file landed to statement accepted, quiet_seconds = {QUIET_SECONDS} (median and longest of {rounds})",
        f"{statistics.median(waits):.1f} s, {max(waits):.1f} s",
        f"at most {QUIET_SECONDS + 2} s",
    )


def _started(deployed: DeployedLoads, since: datetime) -> datetime:
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if later := [moment for moment in deployed.started_at("quick") if moment > since]:
            return later[0]
        time.sleep(0.5)
    raise TimeoutError("no load was started")


def _burst(deployed: DeployedLoads, events: int) -> Iterator[Figure]:
    """Calls the handler here, so that its writes can be counted; a fifth of the events comes twice."""
    handle, writes = _counted(deployed)
    messages = [_message(number) for number in range(events)]
    shuffler = random.Random(1)  # noqa: S311 - the same events each time
    doubled = [*messages, *shuffler.sample(messages, events // 5)]
    shuffler.shuffle(doubled)
    started = time.perf_counter()
    for start in range(0, len(doubled), _BATCH):
        records = [
            {"messageId": str(index), "body": body} for index, body in enumerate(doubled[start : start + _BATCH])
        ]
        if handle({"Records": records})["batchItemFailures"]:
            raise RuntimeError("an event was not noted")
    seconds = time.perf_counter() - started
    manifests = deployed.cloud.client("s3").list_objects_v2(
        Bucket=BUCKET, Prefix=f"redshift-relay/{PREFIX}/manifests/burst/"
    )["KeyCount"]
    yield Figure(
        f"writes to the table for each of {events:,} file events in a burst", f"{len(writes) / events:.2f}", "at most 2"
    )
    yield Figure(f"manifests of {MAX_FILES} files for them", str(manifests), str(events // MAX_FILES))
    yield Figure("events noted one batch after the other", f"{len(doubled) / seconds:,.0f} a second")


def _counted(deployed: DeployedLoads) -> tuple[Callable[[object], Any], list[str]]:
    """The handler in this process, with the function's own settings, and the writes that it makes."""
    configuration = deployed.cloud.client("lambda").get_function_configuration(
        FunctionName=deployed.outputs["function_name"]
    )
    os.environ.update({**deployed.cloud.environment, **configuration["Environment"]["Variables"], "LOG_LEVEL": "ERROR"})
    from scheduler.handler import handle
    from scheduler.state.table import default_dynamodb_client

    writes: list[str] = []

    def count(model: Any, params: Any, **_: Any) -> None:
        items = json.loads(params["body"]).get("TransactItems", [None])
        if model.name in ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"):
            # A transaction costs each of its items twice.
            writes.extend([model.name] * (2 * len(items) if model.name == "TransactWriteItems" else 1))

    default_dynamodb_client().meta.events.register("before-call.dynamodb", count)
    return lambda event: handle(event, None), writes  # type: ignore[arg-type]


def _message(number: int) -> str:
    detail = {
        "bucket": {"name": BUCKET},
        "object": {"key": f"burst/{number:05d}.csv", "size": 2, "etag": f"{number:x}", "sequencer": f"{number:016x}"},
    }
    event = {"time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "detail": detail}
    return json.dumps({"action": "file", "load": "burst", "event": event})


def _configuration(root: Path, folder: Path, cloud: LocalCloud) -> dict[str, Any]:
    def load(name: str, quiet_seconds: int) -> dict[str, Any]:
        files = {"bucket": BUCKET, "pattern": f"{name}/*.csv", "quiet_seconds": quiet_seconds, "max_files": MAX_FILES}
        return {
            "sql": "INSERT INTO seen VALUES (:manifest)",
            "files": files,
            "lane": name,
            "expected_every_hours": 24,
        }

    module = {
        "source": os.path.relpath(root / "modules" / "scheduler", folder.resolve()),
        "name_prefix": PREFIX,
        "redshift": {
            "database": cloud.ready["databases"][0],
            "cluster": {"identifier": cloud.ready["cluster"], "user": cloud.ready["admin"]},
        },
        "loads": {"quick": load("quick", QUIET_SECONDS), "burst": load("burst", 3600)},
    }
    return {"module": {"scheduler": module}, "output": {"scheduler": {"value": "${module.scheduler}"}}}
