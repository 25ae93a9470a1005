"""Timers: delayed messages of one SQS queue, so that nothing sleeps."""

import json
import time
from typing import TYPE_CHECKING

from relay.data_api import call

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_DELAY_SECONDS = 900
"""The longest delay of a message (sqs service model, SendMessageRequest.DelaySeconds); longer timers are sent again."""


class Timers:
    """Sends `{"action": "timer", "kind": ..., "due": ..., ...}` to the function itself, at the time when it is due."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, kind: str, seconds: float, **what: str) -> None:
        """Rings in so many seconds; raises CallFailed. A timer may ring twice."""
        self._send({"action": "timer", "kind": kind, "due": round(time.time() + seconds), **what}, seconds)

    def is_due(self, timer: dict[str, object]) -> bool:
        """Whether a timer that has arrived is due; one that is not is sent again."""
        due = timer.get("due", 0)
        left = due - time.time() if isinstance(due, int) else 0.0
        if left >= 1:
            self._send(timer, left)
        return left < 1

    def _send(self, timer: dict[str, object], seconds: float) -> None:
        delay = max(0, min(MAX_DELAY_SECONDS, round(seconds)))
        call(
            "SendMessage",
            lambda: self._client.send_message(
                QueueUrl=self._queue_url, MessageBody=json.dumps(timer), DelaySeconds=delay
            ),
        )
