"""A file that landed in S3, read from the event that reports it.

The rule of a load sends `{"action": "file", "load": "<name>", "event": <the whole event>}` to the queue. The event:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relay.errors import InputError

SEQUENCER_LENGTH = 64
"""Characters to which sequencers are padded; those in AWS's examples have 16 to 18."""


@dataclass(frozen=True)
class LandedFile:
    """One version of an object. `landed_at` is in seconds since 1970.

    `sequencer` orders the versions of one key. It is padded with zeros on the right, so that text compares as AWS says:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    A listed file has none: nothing but its event carries it.
    """

    bucket: str
    key: str
    size: int
    etag: str
    sequencer: str
    landed_at: int

    @property
    def uri(self) -> str:
        """The address, as manifests and messages show it."""
        return f"s3://{self.bucket}/{self.key}"


def is_file_message(record: Mapping[str, Any]) -> bool:
    """Whether a message of SQS comes from the queue of files, not from that of timers."""
    try:
        message = json.loads(record["body"])
    except ValueError:
        return False
    return isinstance(message, Mapping) and message.get("action") == "file"


def parse_message(body: str) -> tuple[str, LandedFile]:
    """(load, file) of a message; raises InputError."""
    try:
        message = json.loads(body)
    except ValueError as error:
        raise InputError("body", "must be JSON") from error
    if not isinstance(message, Mapping) or not isinstance(message.get("load"), str):
        raise InputError("body.load", "must be the name of a load")
    return message["load"], parse_event(message.get("event"))


def parse_event(event: object) -> LandedFile:
    """The file of an event `Object Created`; raises InputError."""
    detail: Any = event.get("detail") if isinstance(event, Mapping) else None
    try:
        found = detail["object"]
        sequencer = str(found["sequencer"]).upper()
        return LandedFile(
            bucket=str(detail["bucket"]["name"]),
            key=str(found["key"]),
            size=int(found.get("size", 0)),
            etag=str(found.get("etag", "")),
            sequencer=padded(sequencer),
            landed_at=int(datetime.fromisoformat(str(event["time"])).timestamp()),  # type: ignore[index]
        )
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise InputError("event", f"is not an Object Created event of S3 ({error!r})") from error


def padded(sequencer: str) -> str:
    """A sequencer that compares with others as text; raises ValueError if it is no hexadecimal number."""
    int(sequencer, 16)
    return sequencer.ljust(SEQUENCER_LENGTH, "0")


NO_SEQUENCER = "0" * SEQUENCER_LENGTH
"""Sequencer of a listed file: every event of the key is later."""
