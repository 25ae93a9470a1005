"""The settings of the server, and the environment in which ministack must be imported."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from local_cloud.data_directory import DataDirectory
from local_cloud.redshift_data.config import CloudConfig

_KEPT = frozenset({"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR"})
"""What programs of the machine need: to be found, to find their libraries, home and temporary folder."""


@dataclass(frozen=True)
class Settings:
    """Where the server listens, and root's credentials."""

    config: CloudConfig
    port: int
    access_key: str
    secret_key: str
    folder: Path
    data: DataDirectory | None = None  # None: nothing is kept
    retry_seconds: float = 1.0
    log_level: str = "INFO"
    # "Amazon API Gateway quotas", WebSocket APIs.
    websocket_idle_seconds: float = 600.0
    websocket_seconds: float = 7200.0

    @property
    def mail(self) -> Path:
        """The folder for emails."""
        return self.data.mail if self.data else self.folder / "mail"

    @property
    def endpoint(self) -> str:
        """The address of every service."""
        return f"http://127.0.0.1:{self.port}"


def prepare_environment(settings: Settings) -> None:
    """Set the environment: ministack reads it when it is imported, and workers inherit it."""
    # Workers inherit the environment, and functions on AWS see no variable of a shell: not AWS_PROFILE, nor
    # REDSHIFT_WORKGROUP of a sourced `env`. Variables of ministack (SERVICES, ...) are set below or not at all.
    for name in os.environ.keys() - _KEPT:
        del os.environ[name]
    # Otherwise the PostgreSQL package warns and creates a folder under /tmp.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(settings.folder / "tmp"))
    local = "127.0.0.1,localhost"
    os.environ.update(
        {
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(settings.port),
            "EDGE_PORT": str(settings.port),
            "IOT_MTLS_ENABLED": "0",  # Fault: with `cryptography` installed, MQTT and SFTP ports are opened too
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1" if settings.data else "0",
            "S3_PERSIST": "1" if settings.data else "0",
            "STATE_DIR": str(settings.data.state if settings.data else settings.folder / "tmp" / "state"),
            "S3_DATA_DIR": str(settings.data.objects if settings.data else settings.folder / "tmp" / "s3"),
            "LOCALSTACK_PERSISTENCE": "0",
            "MINISTACK_ACCOUNT_ID": settings.config.account_id,
            "MINISTACK_REGION": settings.config.region,
            "LAMBDA_ACCOUNT_CONCURRENCY": "0",  # calls wait for a limited number of workers instead
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": str(settings.retry_seconds),
            "LOG_LEVEL": settings.log_level,
            "AWS_ACCESS_KEY_ID": settings.access_key,
            "AWS_SECRET_ACCESS_KEY": settings.secret_key,
            "AWS_REGION": settings.config.region,
            "AWS_DEFAULT_REGION": settings.config.region,
            "AWS_ENDPOINT_URL": settings.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": local,
            "no_proxy": local,
        }
    )
