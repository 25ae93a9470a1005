"""Steps towards the reason of a failed COPY, as messages that SQS delays: no function waits for SQL."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from relay.actions import Event
from relay.errors import InputError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True)
class Step:
    """The next step for an event: query Redshift (`query_id` empty), or read what query `number` says.

    `first_at` is when the first query was started, in epoch seconds.
    """

    event: Event
    number: int
    query_id: str
    first_at: float

    @classmethod
    def of_records(cls, records: object) -> "tuple[str, Step]":
        """The id of the only message that Lambda hands over at a time, and its step; raises InputError."""
        if not isinstance(records, list) or len(records) != 1 or not isinstance(records[0], Mapping):
            raise InputError("Records", "must be a list of one record. Set the batch size of the event source to 1.")
        record = records[0]
        try:
            found = json.loads(record["body"])
            step = cls(dict(found["event"]), int(found["number"]), str(found["query_id"]), float(found["first_at"]))
            return str(record["messageId"]), step
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("Records", f"is no message of this function: {error!r}") from error

    @property
    def age_seconds(self) -> float:
        """Seconds since the first query."""
        return time.time() - self.first_at


class DelayedSteps:
    """The queue that delivers a step to this function later."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, step: Step, delay_seconds: int) -> None:
        """Delivers a step after up to 900 seconds (sqs service model, DelaySeconds)."""
        self._client.send_message(QueueUrl=self._url, MessageBody=_body(step), DelaySeconds=delay_seconds)


def _body(step: Step) -> str:
    members: dict[str, Any] = asdict(step)
    return json.dumps(members)
