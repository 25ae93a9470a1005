"""Repeats the first answer to a request that an SDK retries because that answer did not arrive.

AWS's services recognize retries by client tokens, which ministack ignores. On a busy machine, Terraform's HTTP client
sometimes loses an answer; the retry would then end the apply with "already exists". An SDK keeps its
`amz-sdk-invocation-id` in all attempts: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_MAX_ANSWERS = 500
_MAX_BYTES = 64 * 1024


class ReplayedAnswers:
    """The latest successful answers, by invocation."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, list[Message]] = OrderedDict()

    def earlier(self, scope: Message) -> list[Message] | None:
        """The answer to an earlier attempt of this request, if it was successful."""
        invocation, attempt = _attempt(scope)
        return self._answers.get(invocation) if attempt > 1 else None

    def keeping(self, scope: Message, send: Send) -> Send:
        """`send`, which also records a complete, successful answer."""
        invocation, _ = _attempt(scope)
        if not invocation:
            return send
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body") and _is_good(messages):
                self._answers[invocation] = messages
                while len(self._answers) > _MAX_ANSWERS:
                    self._answers.popitem(last=False)
            await send(message)

        return keep


def _is_good(messages: list[Message]) -> bool:
    small = sum(len(message.get("body", b"")) for message in messages) <= _MAX_BYTES
    return small and 200 <= messages[0].get("status", 0) < 300


def _attempt(scope: Message) -> tuple[str, int]:
    """(invocation id, number of the attempt) of an SDK's request; ("", 0) for any other."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    parts = dict(part.strip().partition("=")[::2] for part in headers.get(b"amz-sdk-request", "").split(";"))
    number = parts.get("attempt", "")
    return headers.get(b"amz-sdk-invocation-id", ""), int(number) if number.isdigit() else 0
