"""Invokes the deliver function asynchronously, so that the caller does not wait for deliveries."""

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from relay.clients import lazy_client

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


@cache
def default_lambda_client() -> "LambdaClient":
    """One a process."""
    return lazy_client("lambda")  # type: ignore[no-any-return]


MAX_WAITERS = 100
"""Waiters that one invocation serves one by one."""


class DeliverFunction:
    """The deliver function by its name; deliver_handler.py reads what is sent here."""

    def __init__(self, client: "LambdaClient", name: str) -> None:
        self._client = client
        self._name = name

    def deliver(self, question: str) -> None:
        """Delivers the latest answer of a question to everybody who waits for it."""
        self._invoke({"action": "deliver", "question": question})

    def deliver_to(self, question: str, waiters: Sequence[str]) -> None:
        """Delivers the latest answer of a question to these waiters, by their sort keys, and to nobody else."""
        for start in range(0, len(waiters), MAX_WAITERS):
            sort_keys = list(waiters[start : start + MAX_WAITERS])
            self._invoke({"action": "deliver_to", "question": question, "waiters": sort_keys})

    def send(self, connection: str, message: dict[str, Any], connected_at: int) -> None:
        """Sends a message to a connection that is about to be open."""
        self._invoke({"action": "send", "connection": connection, "message": message, "connected_at": connected_at})

    def close(self, connections: list[str]) -> None:
        """Closes connections."""
        self._invoke({"action": "close", "connections": connections})

    def cancel_unwanted(self, questions: list[str]) -> None:
        """Cancels the runs of questions for which nobody waits any longer."""
        self._invoke({"action": "cancel_unwanted", "questions": questions})

    def _invoke(self, payload: dict[str, Any]) -> None:
        self._client.invoke(FunctionName=self._name, InvocationType="Event", Payload=json.dumps(payload).encode())
