"""Targets of rules and schedules: permissions, retries, dead-letter queues."""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

import boto3

from local_cloud.services.iam.resource_policies import allows_invocation
from local_cloud.settings import Settings

logger = logging.getLogger(__name__)


class Targets:
    """Delivers events to targets as EventBridge and Scheduler do."""

    def __init__(self, settings: Settings, *, events: Any, functions: Any, sqs: Any) -> None:
        self._settings = settings
        self._events = events
        self._functions = functions
        self._sqs = sqs
        self.deliver = events._invoke_target
        """ministack's delivery to a target, without a permission check."""
        self._patch()

    def _patch(self) -> None:
        """Fault: a Lambda target has no retries, on-failure destination, DLQ or permission check.

        Fault: a queue takes the events of rules that its policy does not allow.
        """
        deliver = self.deliver

        def invoke_target(
            target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
        ) -> None:
            problem = self.undeliverable(target, rule.get("Arn", ""))
            if problem is None:
                deliver(target, event, rule, view)
                return
            view = view or self._events._pattern_event_view(event)
            body = json.dumps(view.event_with_detail())
            self.dead_letter(target, body, {"RULE_ARN": rule.get("Arn", ""), **problem})

        def dispatch_to_lambda(arn: str, payload: str) -> None:
            try:
                event = json.loads(payload)
            except ValueError:
                event = {"body": payload}
            function, config, _ = self._functions._get_func_record_for_ref(arn)
            if function and config:
                record = self._functions._execution_record_for_config(function, config)
                self._functions.invoke_async_with_retry(record, event)

        self._events._invoke_target = invoke_target
        self._events._dispatch_to_lambda = dispatch_to_lambda

    def undeliverable(self, target: dict[str, Any], rule_arn: str | None) -> dict[str, str] | None:
        """The reason if a target is missing or its policy does not allow the rule; None otherwise."""
        arn = target.get("Arn", "")
        service = arn.split(":")[2] if arn.count(":") >= 5 else ""
        if service == "sqs":
            return self._undeliverable_to_queue(arn, rule_arn)
        if service != "lambda":
            return None
        function, config, _ = self._functions._get_func_record_for_ref(arn)
        if not function or not config:
            return {"ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": f"Function not found: {arn}"}
        policy = (function.get("policy") or {}).get("Statement", [])
        if rule_arn is not None and not any(allows_invocation(one, "events.amazonaws.com", rule_arn) for one in policy):
            return {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": f"{rule_arn} may not invoke {arn}"}
        return None

    def _undeliverable_to_queue(self, arn: str, rule_arn: str | None) -> dict[str, str] | None:
        """The reason if a queue is missing or its policy does not allow the rule to send."""
        queue = self._sqs._queue_by_arn(arn)
        if not queue:
            return {"ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": f"The queue {arn} does not exist"}
        policy = json.loads(queue["attributes"].get("Policy") or "{}").get("Statement", [])
        if rule_arn is not None and not any(allows_invocation(one, "events.amazonaws.com", rule_arn) for one in policy):
            return {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": f"{rule_arn} may not send to {arn}"}
        return None

    def dead_letter(self, target: dict[str, Any], body: str, attributes: dict[str, str]) -> None:
        """Send an undeliverable event to the target's dead-letter queue, if it has one."""
        attributes = {"TARGET_ARN": target.get("Arn", ""), **attributes}
        logger.warning("not delivered: %s", attributes)
        queue = self._sqs._queue_by_arn((target.get("DeadLetterConfig") or {}).get("Arn", ""))
        if queue:
            threading.Thread(target=self._send, args=(queue["url"], body, attributes), daemon=True).start()

    def _send(self, url: str, body: str, attributes: dict[str, str]) -> None:
        settings = self._settings
        client: Any = boto3.client(
            "sqs",
            endpoint_url=settings.endpoint,
            region_name=settings.config.region,
            aws_access_key_id=settings.access_key,
            aws_secret_access_key=settings.secret_key,
        )
        named = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value}
        client.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=named)
