"""Settings of the scheduler function."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from relay.settings import required


@dataclass(frozen=True)
class Settings:
    """`event_bus` receives events about loads that could not be started."""

    name_prefix: str
    event_bus: str

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Reads `NAME_PREFIX` and `EVENT_BUS`; raises SettingsError."""
        return cls(name_prefix=required("NAME_PREFIX", env), event_bus=required("EVENT_BUS", env))
