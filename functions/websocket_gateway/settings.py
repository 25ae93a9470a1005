"""Settings of the functions of the gateway."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from relay.errors import SettingsError
from relay.settings import Target, required, texts, whole_number


@dataclass(frozen=True)
class Settings:
    """What modules/websocket_gateway sets.

    `claims`: claims that queries require. `url_credentials`: parameters of the connect URL that authenticate a client.
    `versioned`: events tell when data changes, so answers of the current version are cached.
    """

    name_prefix: str
    table: str
    target: Target
    management_endpoint: str
    deliver_function: str
    answers_bucket: str
    work_queue: str
    authorization: str
    allowed_origins: tuple[str, ...]
    max_open_requests: int
    max_running_statements: int
    max_running_per_person: int | None
    max_connections_per_person: int | None
    max_starts_per_person: int | None
    max_message_bytes: int
    groups_claim: str
    claims: frozenset[str]
    url_credentials: frozenset[str]
    versioned: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Reads the environment that modules/websocket_gateway writes; raises SettingsError."""
        settings = cls(
            name_prefix=required("NAME_PREFIX", env),
            table=required("TABLE", env),
            target=Target.from_env(env),
            management_endpoint=required("MANAGEMENT_ENDPOINT", env),
            deliver_function=required("DELIVER_FUNCTION", env),
            answers_bucket=required("ANSWERS_BUCKET", env),
            work_queue=required("WORK_QUEUE", env),
            authorization=required("AUTHORIZATION", env),
            allowed_origins=texts("ALLOWED_ORIGINS", env),
            max_open_requests=whole_number("MAX_OPEN_REQUESTS", env),
            max_running_statements=whole_number("MAX_RUNNING_STATEMENTS", env),
            max_running_per_person=_bound("MAX_RUNNING_PER_PERSON", env),
            max_connections_per_person=_bound("MAX_CONNECTIONS_PER_PERSON", env),
            max_starts_per_person=_bound("MAX_STARTS_PER_PERSON", env),
            max_message_bytes=whole_number("MAX_MESSAGE_BYTES", env),
            groups_claim=required("GROUPS_CLAIM", env),
            claims=frozenset(texts("CLAIMS", env)),
            url_credentials=frozenset(texts("URL_CREDENTIALS", env)),
            versioned=required("VERSIONED", env) == "true",
        )
        if settings.authorization not in ("JWT", "CUSTOM", "NONE"):
            raise SettingsError("AUTHORIZATION must be JWT, CUSTOM or NONE")
        return settings


def _bound(name: str, env: Mapping[str, str]) -> int | None:
    """A bound, or None for none."""
    return whole_number(name, env) if env.get(name) else None
