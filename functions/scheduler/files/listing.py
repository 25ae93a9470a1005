"""Finds what was in a bucket before: files that no event reported, or reported too long ago."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from relay.data_api import call
from relay.errors import CallFailed, InputError
from scheduler.files.landed_file import NO_SEQUENCER, LandedFile
from scheduler.files.manifest import split_uri
from scheduler.files.noting import FILES_PER_BATCH
from scheduler.files.trigger import Trigger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Chunk:
    """Up to 100 files that the pattern matches; `after` is the last key that was listed."""

    files: tuple[LandedFile, ...]
    after: str


def prefix_of(uri: str, trigger: Trigger) -> str:
    """The prefix in the load's bucket that an address names; raises InputError."""
    bucket, prefix = split_uri(uri)
    if not uri.startswith("s3://") or bucket != trigger.bucket:
        raise InputError("files", f"{uri!r} is not in the bucket of the load. Use s3://{trigger.bucket}/ and a prefix.")
    return prefix


def chunks(client: "S3Client", trigger: Trigger, prefix: str, after: str) -> Iterator[Chunk]:
    """The files of a prefix in order, from the key after `after` on; raises InputError if they cannot be listed."""
    arguments: dict[str, Any] = {"Bucket": trigger.bucket, "Prefix": prefix}
    if after:
        arguments["StartAfter"] = after
    files: list[LandedFile] = []
    last = after
    while True:
        try:
            page = call("ListObjectsV2", partial(client.list_objects_v2, **arguments))
        except CallFailed as error:
            raise InputError("files", f"s3://{trigger.bucket}/{prefix} cannot be listed: {error}") from error
        for found in page.get("Contents", []):
            last = found["Key"]
            # A key that ends in "/" is a folder of the console, without data.
            if trigger.matches(last) and not last.endswith("/"):
                files.append(_file(trigger.bucket, found))
            if len(files) == FILES_PER_BATCH:
                yield Chunk(tuple(files), last)
                files = []
        if not page.get("IsTruncated"):
            break
        arguments["ContinuationToken"] = page["NextContinuationToken"]
    if files:
        yield Chunk(tuple(files), last)


def _file(bucket: str, found: Any) -> LandedFile:
    return LandedFile(
        bucket=bucket,
        key=found["Key"],
        size=found["Size"],
        etag=found["ETag"].strip('"'),
        sequencer=NO_SEQUENCER,
        landed_at=int(found["LastModified"].timestamp()),
    )
