"""modules/scheduler alone, applied to a local cloud of its own, with loads that files start."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.terraform import Terraform
from local_cloud.process import LocalCloud
from tests.e2e.cloud import ROOT, Cloud, until

PREFIX = "files"
BUCKET = "files-landing"
MAX_FILES = 50
ENDLESS_QUIET = 3600
"""Seconds of a load that only `max_files` start."""


def configuration(local: LocalCloud, folder: Path) -> dict[str, Any]:
    """Two loads: `burst` takes 50 files at a time, `quick` what has been quiet for a second."""
    ready = local.ready

    def load(folder: str, **files: int) -> dict[str, Any]:
        return {
            "sql": "INSERT INTO seen_manifests VALUES (:manifest)",
            "files": {"bucket": BUCKET, "pattern": f"{folder}/*.csv", "max_files": MAX_FILES, **files},
            "lane": folder,
            "expected_every_hours": 24,
        }

    return {
        "module": {
            "scheduler": {
                "source": os.path.relpath(ROOT / "modules" / "scheduler", folder.resolve()),
                "name_prefix": PREFIX,
                "redshift": {
                    "database": ready["databases"][0],
                    "cluster": {"identifier": ready["cluster"], "user": ready["admin"]},
                },
                "loads": {
                    "burst": load("burst", quiet_seconds=ENDLESS_QUIET),
                    "quick": load("quick", quiet_seconds=1),
                },
            }
        },
        "output": {"scheduler": {"value": "${module.scheduler}"}},
    }


@dataclass
class Landing:
    """The applied module."""

    cloud: Cloud
    scheduler: dict[str, Any]

    @classmethod
    @contextmanager
    def applied(cls, folder: Path) -> Iterator[Landing]:
        """Everything, until the end of the block."""
        local = LocalCloud.start("--retry-seconds", "0.2", "--database", "dev")
        try:
            cloud = Cloud(local)
            s3 = cloud.client("s3")
            s3.create_bucket(Bucket=BUCKET)
            s3.put_bucket_notification_configuration(
                Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )
            cloud.query("CREATE TABLE seen_manifests (manifest VARCHAR(2048))")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "main.tf.json").write_text(json.dumps(configuration(local, folder)))
            terraform = Terraform(folder, local.environment)
            terraform.init()
            terraform.apply()
            landing = cls(cloud, terraform.outputs()["scheduler"])
            # Failed messages come again after six minutes otherwise.
            cloud.client("sqs").set_queue_attributes(
                QueueUrl=landing.queue("files"), Attributes={"VisibilityTimeout": "60"}
            )
            yield landing
        finally:
            local.stop()

    def queue(self, name: str) -> str:
        url: str = self.cloud.client("sqs").get_queue_url(QueueName=f"{PREFIX}-scheduler-{name}")["QueueUrl"]
        return url

    def put(self, key: str, body: bytes = b"1\n") -> None:
        self.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)

    def invoke(self, **payload: Any) -> dict[str, Any]:
        answer = self.cloud.client("lambda").invoke(
            FunctionName=self.scheduler["function_name"], Payload=json.dumps(payload).encode()
        )
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        return result

    def manifests(self, load: str) -> list[list[str]]:
        """The files of every manifest that a run of the load has inserted."""
        rows = self.cloud.query("SELECT manifest FROM seen_manifests")
        addresses = sorted(row["manifest"] for row in rows if f"/{load}/" in row["manifest"])
        return [self._files(address) for address in addresses]

    def loaded(self, load: str) -> Counter[str]:
        return Counter(key for files in self.manifests(load) for key in files)

    def wait_for(self, load: str, *keys: str) -> None:
        until(lambda: set(keys) <= set(self.loaded(load)), f"the load of {keys[:3]}", seconds=240)

    def _files(self, address: str) -> list[str]:
        bucket, _, key = address.removeprefix("s3://").partition("/")
        entries = json.loads(self.cloud.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())["entries"]
        return [entry["url"].removeprefix(f"s3://{BUCKET}/") for entry in entries]
