"""Reads dead letters: what Lambda, EventBridge and EventBridge Scheduler put into a failure queue.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html (requestPayload, functionArn)
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html (the event, with attributes)
https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html (the input, with attributes)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Unreadable(Exception):
    """The letter cannot be given to the function again; the message says why."""


@dataclass(frozen=True)
class Letter:
    """An event that was given up. `reason` is for people."""

    id: str
    receipt: str
    payload: Mapping[str, Any]
    reason: str

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> "Letter":
        """Reads an SQS message; raises Unreadable."""
        attributes = {name: one.get("StringValue", "") for name, one in message.get("MessageAttributes", {}).items()}
        if attributes.get("IS_PAYLOAD_TRUNCATED", "").lower() == "true":
            raise Unreadable("EventBridge Scheduler has cut the payload. Invoke the function by hand.")
        try:
            body = json.loads(message["Body"])
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Unreadable("It is not a JSON object. Read it, and delete it by hand.")
        payload, reason = body, attributes.get("ERROR_MESSAGE") or attributes.get("ERROR_CODE") or ""
        if "requestContext" in body and "requestPayload" in body:
            payload = body["requestPayload"]
            response = body.get("responsePayload") or {}
            told = response.get("errorMessage") if isinstance(response, dict) else None
            reason = str(told or body["requestContext"].get("condition") or "")
        if not isinstance(payload, dict):
            raise Unreadable("Its event is not a JSON object. Read it, and delete it by hand.")
        return cls(message["MessageId"], message["ReceiptHandle"], payload, reason)

    @property
    def summary(self) -> str:
        """What it is about: its action or its detail-type, and why it was given up."""
        what = self.payload.get("action") or self.payload.get("detail-type") or "an event"
        return f"{self.id}  {what}  {self.reason}".rstrip()
