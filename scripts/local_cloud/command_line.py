"""The command line of `python -m local_cloud.server`."""

from __future__ import annotations

import argparse
from pathlib import Path

from local_cloud.data_directory import DataDirectory, new_credentials
from local_cloud.redshift_data.config import CloudConfig
from local_cloud.settings import Settings


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local_cloud.server", description="The local cloud on one port of 127.0.0.1."
    )
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--folder", type=Path, required=True, help="for PostgreSQL and the code of functions")
    parser.add_argument(
        "--ready-file", type=Path, help="a JSON file, written when everything is ready (default: standard output)"
    )
    parser.add_argument("--log-file", type=Path, help="default: standard error")
    parser.add_argument("--log-level", default="INFO")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input ends")
    parser.add_argument("--account-id", default=CloudConfig.account_id)
    parser.add_argument("--region", default=CloudConfig.region)
    parser.add_argument("--access-key", help="root's access key id (default: a random one)")
    parser.add_argument("--secret-key", help="root's secret access key (default: a random one)")
    parser.add_argument("--data-dir", type=Path, help="keep everything there between starts")
    parser.add_argument("--cluster", action="append", help="a provisioned cluster (repeatable; default: relay-demo)")
    parser.add_argument("--workgroup", action="append", help="a Serverless workgroup (repeatable; default: relay-demo)")
    parser.add_argument("--database", action="append", help="a database to create (repeatable; default: dev)")
    parser.add_argument("--admin", default=CloudConfig.admin, help="the cluster's admin user")
    parser.add_argument("--default-copy-role", help="ARN of the cluster's default IAM role, for IAM_ROLE default")
    parser.add_argument(
        "--retry-seconds", type=float, default=1.0, help="delay of the first asynchronous retry; it doubles"
    )
    parser.add_argument("--websocket-idle-seconds", type=float, default=Settings.websocket_idle_seconds)
    parser.add_argument("--websocket-seconds", type=float, default=Settings.websocket_seconds)
    return parser


def settings(options: argparse.Namespace, data: DataDirectory | None, *, port: int) -> Settings:
    """The settings of a server that listens on `port` and keeps its data in `data`."""
    credentials = data.credentials() if data else new_credentials()
    return Settings(
        config=CloudConfig(
            account_id=options.account_id,
            region=options.region,
            clusters=tuple(options.cluster or CloudConfig.clusters),
            workgroups=tuple(options.workgroup or CloudConfig.workgroups),
            databases=tuple(options.database or CloudConfig.databases),
            admin=options.admin,
            default_copy_role=options.default_copy_role,
        ),
        port=port,
        access_key=options.access_key or credentials[0],
        secret_key=options.secret_key or credentials[1],
        folder=options.folder.resolve(),
        data=data,
        retry_seconds=options.retry_seconds,
        log_level=options.log_level,
        websocket_idle_seconds=options.websocket_idle_seconds,
        websocket_seconds=options.websocket_seconds,
    )
