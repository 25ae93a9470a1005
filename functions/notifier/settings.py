"""Settings of the notifier function."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from relay.settings import Target, required


@dataclass(frozen=True)
class Settings:
    """`target` is where the reason of a failed COPY is queried; None if only other roles' statements are announced.

    `event_bus` receives the events that replace lost ones; None without a sweep.
    """

    name_prefix: str
    topic_arn: str
    announcements_table: str
    target: Target | None
    event_bus: str | None

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Reads `NAME_PREFIX`, `TOPIC_ARN`, `ANNOUNCEMENTS_TABLE` and, if there, `REDSHIFT_*` and `EVENT_BUS`.

        Raises SettingsError.
        """
        return cls(
            name_prefix=required("NAME_PREFIX", env),
            topic_arn=required("TOPIC_ARN", env),
            announcements_table=required("ANNOUNCEMENTS_TABLE", env),
            target=Target.from_env(env) if env.get("REDSHIFT_DATABASE") else None,
            event_bus=env.get("EVENT_BUS") or None,
        )
