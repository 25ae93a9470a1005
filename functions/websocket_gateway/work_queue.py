"""The queue of the worker function; worker_handler.py reads what is sent here."""

import json
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from relay.errors import RelayError
from websocket_gateway.questions.turns import Turn

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_ENTRIES = 10
"""Messages of one SendMessageBatch:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""


class QueueBusy(RelayError):
    """SQS has not taken some messages."""


class WorkQueue:
    """The queue by its URL; `client` returns the client of SQS."""

    def __init__(self, client: "Callable[[], SQSClient]", url: str) -> None:
        self._client = client
        self._url = url

    def send_ranges(self, question: str, attempt: int, numbers: Iterable[int]) -> None:
        """Asks for ranges of a pass. Raises QueueBusy; the sweep asks again for those that nobody takes."""
        self._send(
            {"action": "range", "question": question, "attempt": attempt, "number": number} for number in numbers
        )

    def send_turn(self, turn: Turn, delay_seconds: int) -> None:
        """Asks to visit the next live questions."""
        self._send([{"action": "turn", **vars(turn)}], delay_seconds)

    def _send(self, messages: Iterable[dict[str, Any]], delay_seconds: int = 0) -> None:
        left = iter(messages)
        while batch := list(islice(left, MAX_ENTRIES)):
            answer = self._client().send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(n), "MessageBody": json.dumps(message), "DelaySeconds": delay_seconds}
                    for n, message in enumerate(batch)
                ],
            )
            if refused := answer.get("Failed"):
                raise QueueBusy(f"{self._url}: SQS has not taken {len(refused)} messages.")
