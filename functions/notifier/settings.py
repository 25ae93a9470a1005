"""Settings of the notifier function."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from relay.settings import Target, required


@dataclass(frozen=True)
class Settings:
    """`target` is where the reason of a failed COPY is queried, and `steps_queue_url` delays the steps to it.

    Both are None if only other roles' statements are announced. `chat_topic_arn` is None without a chat topic.
    """

    name_prefix: str
    topic_arn: str
    chat_topic_arn: str | None
    announcements_table: str
    target: Target | None
    steps_queue_url: str | None

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Reads `NAME_PREFIX`, `TOPIC_ARN`, `ANNOUNCEMENTS_TABLE` and, if there, `CHAT_TOPIC_ARN`,
        `STEPS_QUEUE_URL` and `REDSHIFT_*`. Raises SettingsError.
        """
        return cls(
            name_prefix=required("NAME_PREFIX", env),
            topic_arn=required("TOPIC_ARN", env),
            chat_topic_arn=env.get("CHAT_TOPIC_ARN") or None,
            announcements_table=required("ANNOUNCEMENTS_TABLE", env),
            target=Target.from_env(env) if env.get("REDSHIFT_DATABASE") else None,
            steps_queue_url=env.get("STEPS_QUEUE_URL") or None,
        )
