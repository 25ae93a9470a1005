"""How a request logs in to the database: what IAM must allow, the database user, and the session."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.errors import ApiError, ValidationError
from local_cloud.redshift_data.gate import Gate
from local_cloud.redshift_data.targets import NO_ENDPOINT, Target

if TYPE_CHECKING:
    from local_cloud.redshift.session import Session
    from local_cloud.redshift.warehouse import Warehouse

_FIRST_LOGIN = threading.Lock()


class LoginFailed(Exception):
    """The database rejected the user; the text is the statement's `Error`."""


def authorize(action: str, target: Target, config: CloudConfig, gate: Gate) -> str:
    """Ask IAM for the operation and for the credentials; returns the database user.

    Without the right to the operation, AWS answers AccessDeniedException; without the right to the credentials, which
    the Data API asks for on the caller's behalf, ValidationException with IAM's text (measured:
    https://github.com/awslabs/mcp, src/redshift-mcp-server/e2e_tests/denied_batch.py).
    """
    check_region(config, gate)
    gate.require(f"redshift-data:{action}", target.arn, "redshift-data")
    try:
        for check in target.checks:
            gate.require(check.action, check.resource, check.service)
    except ApiError as error:
        raise ValidationError(error.message) from error
    if target.secret_arn:
        return _secret_user(gate.secret(target.secret_arn), target.secret_arn)
    return target.db_user or gate.caller.database_user


def check_region(config: CloudConfig, gate: Gate) -> None:
    """Raises ValidationError in an account or a region without the warehouse."""
    if (gate.caller.account_id, gate.caller.region) != (config.account_id, config.region):
        raise ValidationError(NO_ENDPOINT)


def connect(warehouse: Warehouse, database: str, user: str) -> Session:
    """A session as this user. Raises LoginFailed (`FATAL: user "x" does not exist`)."""
    if user.startswith(("IAM:", "IAMR:")):
        with _FIRST_LOGIN:
            if not warehouse.has_user(user):
                warehouse.create_user(user)
    try:
        return warehouse.session(database, user)
    except SqlError as error:
        raise LoginFailed(error.message.replace("ERROR:", "FATAL:", 1)) from error


def _secret_user(text: str | None, arn: str) -> str:
    if text is None:
        raise ValidationError(f"Secrets Manager can't find the specified secret: {arn}")
    try:
        secret = json.loads(text)
    except ValueError:
        secret = None
    if not isinstance(secret, dict) or not secret.get("username") or not secret.get("password"):
        raise ValidationError("username and password in secret cannot be empty")
    return str(secret["username"])
