"""Event source mappings of SQS queues: batches as large and as late as the mapping says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

# Lambda's documentation, "Configuring a queue as an event source": 10,000 messages or 6 MB, whichever comes first.
_MAX_BATCH = 10_000
_MAX_BATCH_BYTES = 6 * 1024 * 1024
# What a message has around its body in the function's event.
_ENVELOPE_BYTES = 700
_REFUSED_SECONDS = 1


class Batches:
    """Takes batches out of queues for event source mappings."""

    def __init__(self, functions: Any, sqs: Any, may_poll: Callable[[str, str], bool]) -> None:
        self._functions = functions
        self._sqs = sqs
        self._may_poll = may_poll
        self._since: dict[str, float] = {}  # queue => when its first waiting message was seen
        self._wake_at: dict[str, float] = {}

    def receive(self, queue_url: str, max_number: int) -> list[dict[str, Any]]:
        """The next batch of a queue; empty while the mapping's batching window is open."""
        sqs = self._sqs
        mapping = self._mapping(sqs._get_q(queue_url)["attributes"]["QueueArn"])
        with sqs._queues_lock:
            queue = sqs._get_q(queue_url)
            attributes = queue["attributes"]
            sqs._expire_retained(queue)
            sqs._dlq_sweep(queue)
            now = time.time()
            for message in queue["messages"]:
                sqs._ensure_msg_fields(message)
            visible = [message for message in queue["messages"] if message["visible_at"] <= now]
            most = min(int(max_number or 1), _MAX_BATCH)
            if not visible:
                self._since.pop(queue_url, None)
                later = min((message["visible_at"] for message in queue["messages"]), default=None)
                if later is not None:
                    self._wake(queue_url, later)
                return []
            end = self._since.setdefault(queue_url, now) + int(mapping.get("MaximumBatchingWindowInSeconds") or 0)
            if len(visible) < most and now < end:
                self._wake(queue_url, end)
                return []
            if not self._permitted(mapping):
                self._wake(queue_url, now + _REFUSED_SECONDS)
                return []
            del self._since[queue_url]
            count, hidden = self._fitting(visible, most), int(attributes.get("VisibilityTimeout", "30"))
            batch: list[dict[str, Any]] = sqs._collect_msgs(queue, count, hidden)
            return batch

    def _mapping(self, queue_arn: str) -> dict[str, Any]:
        for _, _, mapping in self._functions._iter_all_esms():
            if mapping.get("EventSourceArn") == queue_arn:
                return dict(mapping)
        return {}

    def _permitted(self, mapping: dict[str, Any]) -> bool:
        """Whether the function's role may take messages from the queue."""
        function, config = self._functions._get_func_record_for_qualifier(mapping.get("FunctionName", ""), None)
        return bool(function) and self._may_poll((config or {}).get("Role", ""), mapping["EventSourceArn"])

    def _fitting(self, messages: list[dict[str, Any]], most: int) -> int:
        """How many messages the payload of an invocation has room for."""
        size = count = 0
        for message in messages[:most]:
            size += len(message["body"].encode()) + _ENVELOPE_BYTES
            if count and size > _MAX_BATCH_BYTES:
                break
            count += 1
        return count

    def _wake(self, queue_url: str, moment: float) -> None:
        """Polls again at a moment: when a delay or a batching window ends."""
        now = time.time()
        if now < self._wake_at.get(queue_url, 0) <= moment:
            return
        self._wake_at[queue_url] = moment
        timer = threading.Timer(max(0.0, moment - now) + 0.005, self._functions._esm_wake.set)
        timer.daemon = True
        timer.start()


def patch_event_sources(functions: Any, sqs: Any, may_poll: Callable[[str, str], bool]) -> None:
    """Fault: batches have at most 10 messages and no batching window, delayed messages are seen up to 1 s late.

    Fault: the function's role needs no permission on the queue.
    """
    sqs._receive_messages_for_esm = Batches(functions, sqs, may_poll).receive
