"""Manifests of COPY in S3: made, written and read here.

https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from botocore.config import Config

from relay.clients import lazy_client
from relay.data_api import call

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Entry:
    """A file of a manifest: its address `s3://bucket/key` and its size in bytes."""

    uri: str
    size: int


@cache
def default_s3_client() -> "S3Client":
    """One a process."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 5})
    return lazy_client("s3", config)  # type: ignore[no-any-return]


def as_json(entries: Sequence[Entry]) -> bytes:
    """The manifest. A file that is missing fails the COPY; Parquet and ORC require `content_length`."""
    listed = [{"url": one.uri, "mandatory": True, "meta": {"content_length": one.size}} for one in entries]
    return json.dumps({"entries": listed}, ensure_ascii=False, indent=1).encode()


def split_uri(uri: str) -> tuple[str, str]:
    """(bucket, key) of `s3://bucket/key`."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


class Manifests:
    """Manifests at their addresses. Raises CallFailed when S3 refuses."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def write(self, address: str, entries: Sequence[Entry]) -> None:
        """Writes a manifest; a repeated write puts the same bytes."""
        bucket, key = split_uri(address)
        body = as_json(entries)
        call("PutObject", partial(self._client.put_object, Bucket=bucket, Key=key, Body=body))

    def read(self, address: str) -> list[Entry]:
        """The files of a manifest of ours."""
        bucket, key = split_uri(address)
        body = call("GetObject", partial(self._client.get_object, Bucket=bucket, Key=key))["Body"].read()
        return [Entry(one["url"], one["meta"]["content_length"]) for one in json.loads(body)["entries"]]
