"""Email subscriptions."""

from __future__ import annotations

from typing import Any

from local_cloud.services.sns.outbox import Outbox


def patch_email(sns: Any, outbox: Outbox) -> None:
    """Fault: email subscriptions receive nothing. Here confirmed ones get files in the outbox."""
    fanout = sns._fanout

    def fan_out(
        topic_arn: str,
        msg_id: str,
        message: str,
        subject: str,
        structure: str = "",
        attributes: Any = None,
        **more: Any,
    ) -> None:
        fanout(topic_arn, msg_id, message, subject, structure, attributes, **more)
        for subscription in (sns._topic_by_arn_any_scope(topic_arn) or {}).get("subscriptions", []):
            if subscription["protocol"] == "email" and subscription.get("confirmed"):
                text = sns._resolve_message_for_protocol(message, structure, "email")
                if sns._matches_filter_policy(subscription, attributes or {}, text):
                    outbox.send(subscription["endpoint"], topic_arn, subject, text)

    sns._fanout = fan_out
