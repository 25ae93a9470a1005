"""The scheduler's world with a bucket: files land, their events arrive, manifests are loaded."""

from __future__ import annotations

import hashlib
import io
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from scheduler import service
from scheduler.files.files import Files
from tests.unit.scheduler.world import Client, World

BUCKET = "landing"
TRIGGER = {
    "bucket": BUCKET,
    "pattern": "orders/*.csv",
    "quiet_seconds": 60,
    "max_files": 1000,
    "manifests": f"s3://{BUCKET}/manifests/taxi/",
}


class FakeS3:
    """Objects of all buckets: address => (bytes, time)."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, datetime]] = {}
        self.denied = False

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> dict[str, Any]:  # noqa: N803
        self._check("PutObject")
        self.objects[f"s3://{Bucket}/{Key}"] = (Body, datetime.now(UTC))
        return {}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._check("GetObject")
        if f"s3://{Bucket}/{Key}" not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "no such key"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[f"s3://{Bucket}/{Key}"][0])}

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        self._check("ListObjectsV2")
        start = request.get("ContinuationToken") or request.get("StartAfter", "")
        prefix = f"s3://{request['Bucket']}/"
        keys = sorted(address.removeprefix(prefix) for address in self.objects if address.startswith(prefix))
        keys = [key for key in keys if key.startswith(request["Prefix"]) and key > start]
        page = [
            {
                "Key": key,
                "Size": len(self.objects[prefix + key][0]),
                "ETag": f'"{etag(self.objects[prefix + key][0])}"',
                "LastModified": self.objects[prefix + key][1],
            }
            for key in keys[:1000]
        ]
        more = len(keys) > 1000
        return {"Contents": page, "IsTruncated": more} | ({"NextContinuationToken": page[-1]["Key"]} if more else {})

    def _check(self, operation: str) -> None:
        if self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, operation)


def etag(body: bytes) -> str:
    return hashlib.md5(body).hexdigest()  # noqa: S324 - what S3 does


class FilesWorld(World):
    """A world in which `orders` is started by files."""

    def __init__(self) -> None:
        super().__init__()
        self.s3 = FakeS3()
        self.sequence = 0x61_7F08_2993_29D1_89
        self.later = timedelta()
        """How much later it is for the handlers than it was when the files landed."""

    def define_files(self, load: str = "orders", *, retries: int = 0, **changed: Any) -> None:
        self.define(load, f"CALL {load}(:manifest)", uses=["manifest"], files=TRIGGER | changed, retries=retries)

    def land(self, key: str, body: bytes = b"1,2\n", load: str = "orders") -> str:
        """A file lands; returns its message, which nobody has received yet."""
        self.s3.put_object(BUCKET, key, body)
        self.sequence += 1
        return message(key, f"{self.sequence:x}", size=len(body), etag_of=etag(body), load=load)

    def deliver(self, *messages: str) -> list[str]:
        """One invocation with these messages; returns those that come again."""
        records = [{"messageId": str(number), "body": body} for number, body in enumerate(messages)]
        again = self.handle({"Records": records})["batchItemFailures"]
        return [messages[int(one["itemIdentifier"])] for one in again]

    def deliver_all(self, messages: Sequence[str], batch: int = 100) -> None:
        """All messages arrive, in batches, until none comes again."""
        waiting = list(messages)
        for _ in range(100):
            if not waiting:
                return
            waiting = [
                one for start in range(0, len(waiting), batch) for one in self.deliver(*waiting[start : start + batch])
            ]
        raise AssertionError(f"{len(waiting)} messages come again and again")

    def quiet(self) -> None:
        """Nothing lands for long enough, and all timers ring."""
        self.later += timedelta(seconds=120)
        self.ring()

    def manifests(self) -> list[tuple[str, list[str]]]:
        """(statement name, files) of every statement that was started with a manifest, in order."""
        return [(name, self.entries(address)) for name, address in self._addresses().items()]

    def _addresses(self) -> dict[str, str]:
        """{statement name: address of its manifest}."""
        return {
            request["StatementName"]: one["value"]
            for request in self.redshift.made("ExecuteStatement")
            for one in request.get("Parameters", [])
            if one["name"] == "manifest"
        }

    def entries(self, address: str) -> list[str]:
        manifest = json.loads(self.s3.objects[address][0])
        assert all(one["mandatory"] is True and one["meta"]["content_length"] >= 0 for one in manifest["entries"])
        return [one["url"].removeprefix(f"s3://{BUCKET}/") for one in manifest["entries"]]

    def loaded(self) -> Counter[str]:
        """How often each file was loaded: by statements that finished."""
        addresses = self._addresses()
        return Counter(
            key
            for known in self.redshift.statements.values()
            if known.status == "FINISHED" and known.name in addresses
            for key in self.entries(addresses[known.name])
        )

    def finish_all(self, bad: Mapping[str, str] | None = None) -> None:
        """Every statement ends, until none runs; one with a bad file fails with the error given for it."""
        for _ in range(10_000):
            name = next(iter(self.running()), None)
            if name is None:
                return
            address = self._addresses().get(name)
            files = self.entries(address) if address else []
            error = next((reason for key, reason in (bad or {}).items() if key in files or key == "*"), "")
            self.end(name.removeprefix("taxi/load/"), "FAILED" if error else "FINISHED", error)
        raise AssertionError("statements without end")

    def aside(self) -> list[str]:
        """The files set aside."""
        items = [item for (pk, sk), item in self.dynamo.items.items() if sk.startswith("ASIDE#")]
        return sorted(json.loads(item["files"]["S"])[0][1] for item in items)

    @contextmanager
    def installed(self, monkeypatch: Any) -> Iterator[FilesWorld]:
        with super().installed(monkeypatch):
            monkeypatch.setattr(service, "default_s3_client", lambda: Client("s3", self.s3))
            monkeypatch.setattr(service, "Files", partial(Files, now=lambda: time.time() + self.later.total_seconds()))
            yield self


def message(
    key: str, sequencer: str, *, size: int = 4, etag_of: str = "e", load: str = "orders", at: datetime | None = None
) -> str:
    """What the rule of a load sends: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html"""
    event = {
        "version": "0",
        "id": str(uuid.UUID(int=random.getrandbits(128))),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": f"{at or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": "ca-central-1",
        "resources": [f"arn:aws:s3:::{BUCKET}"],
        "detail": {
            "version": "0",
            "bucket": {"name": BUCKET},
            "object": {"key": key, "size": size, "etag": etag_of, "sequencer": sequencer},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "1.2.3.4",
            "reason": "PutObject",
        },
    }
    return json.dumps({"action": "file", "load": load, "event": event})
