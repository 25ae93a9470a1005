"""Settings of the scheduler function."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from relay.settings import Target, required


@dataclass(frozen=True)
class Settings:
    """`table` holds definitions and state, `timers_url` is the queue of timers, `event_bus` hears how loads end."""

    name_prefix: str
    event_bus: str
    table: str
    timers_url: str
    target: Target

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Reads `NAME_PREFIX`, `EVENT_BUS`, `LOADS_TABLE`, `TIMERS_URL` and `REDSHIFT_*`; raises SettingsError."""
        return cls(
            name_prefix=required("NAME_PREFIX", env),
            event_bus=required("EVENT_BUS", env),
            table=required("LOADS_TABLE", env),
            timers_url=required("TIMERS_URL", env),
            target=Target.from_env(env),
        )
