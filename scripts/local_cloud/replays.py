"""Answers a request that an SDK sends again, because the first answer did not reach it, with that first answer.

AWS's services do so by client tokens of many kinds; ministack does not know them. Terraform's HTTP client loses an
answer now and then on a busy machine, and "already exists" would then end the apply. An SDK keeps its
`amz-sdk-invocation-id` through all attempts: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_MOST = 500
_MOST_BYTES = 64 * 1024


class Replays:
    """The latest good answers, by invocation."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, list[Message]] = OrderedDict()

    def earlier(self, scope: Message) -> list[Message] | None:
        """The answer to an earlier attempt of this request, if it was a good one."""
        invocation, attempt = _attempt(scope)
        return self._answers.get(invocation) if attempt > 1 else None

    def keeping(self, scope: Message, send: Send) -> Send:
        """`send`, remembering what it sends when the whole of a good answer was sent."""
        invocation, _ = _attempt(scope)
        if not invocation:
            return send
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body") and _is_good(messages):
                self._answers[invocation] = messages
                while len(self._answers) > _MOST:
                    self._answers.popitem(last=False)
            await send(message)

        return keep


def _is_good(messages: list[Message]) -> bool:
    small = sum(len(message.get("body", b"")) for message in messages) <= _MOST_BYTES
    return small and 200 <= messages[0].get("status", 0) < 300


def _attempt(scope: Message) -> tuple[str, int]:
    """(invocation id, number of the attempt) of an SDK's request; ("", 0) for any other."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    parts = dict(part.strip().partition("=")[::2] for part in headers.get(b"amz-sdk-request", "").split(";"))
    number = parts.get("attempt", "")
    return headers.get(b"amz-sdk-invocation-id", ""), int(number) if number.isdigit() else 0
