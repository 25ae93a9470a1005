"""Callers, authorization, and role sessions for AWS services."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

from local_cloud.redshift_data.caller import Caller
from local_cloud.redshift_data.errors import ApiError
from local_cloud.services.iam.resource_policies import trusts

_SESSION_SECONDS = 3600


class Roles:
    """IAM and STS; safe to use from any thread."""

    def __init__(self, *, evaluator: Any, iam: Any, sts: Any, arn: Any, responses: Any) -> None:
        self._evaluator = evaluator
        self._iam = iam
        self._sts = sts
        self._arn = arn
        self._responses = responses
        self._sessions: dict[tuple[str, str], tuple[float, dict[str, str]]] = {}
        self._sessions_lock = threading.Lock()

    def caller(self, access_key: str) -> Caller:
        """Who signed the request that is being handled."""
        identity = self._evaluator.resolve_caller_identity(access_key) or {}
        return Caller(
            account_id=self._responses.get_account_id(),
            region=self._responses.get_region(),
            arn=identity.get("userArn", ""),
            user_id=identity.get("userId", ""),
        )

    def require(
        self, access_key: str, action: str, resource: str, service: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Raise AccessDeniedException unless IAM allows the action for the key's principal."""
        region = self._responses.get_region()
        denied = self._evaluator.enforce(access_key, action, service, region, resource, dict(context or {}))
        if denied is None:
            return
        if isinstance(denied, self._evaluator.AuthError):
            code = {"MissingAuthenticationToken": "MissingAuthenticationTokenException"}.get(denied.code, denied.code)
            raise ApiError(code, denied.message)
        on = "" if resource == "*" else f" on resource: {resource}"
        bounded = self._boundary_denies(access_key, action, resource, region, dict(context or {}))
        kind = "permissions boundary" if bounded else "identity-based policy"
        why = (
            f"with an explicit deny in {'a' if bounded else 'an'} {kind}"
            if denied.decision == "Deny"
            else f"because no {kind} allows the {action} action"
        )
        message = f"User: {denied.principal_arn} is not authorized to perform: {action}{on} {why}"
        raise ApiError("AccessDeniedException", message)

    def _boundary_denies(
        self, access_key: str, action: str, resource: str, region: str, context: dict[str, str]
    ) -> bool:
        """Whether the principal's permissions boundary denies the action, whatever its policies allow."""
        principal = self._evaluator.resolve_principal(access_key, self._responses.get_account_id())
        if isinstance(principal, self._evaluator.AuthError) or not principal.limits:
            return False
        asked = self._evaluator.EvalContext(
            principal.arn,
            principal.type,
            principal.account,
            action,
            resource,
            region,
            service_context={key.lower(): value for key, value in context.items()},
            principal_keys=principal.keys,
        )
        everything = self._evaluator.parse_policy_document(
            {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
        )
        return bool(self._evaluator.evaluate(asked, [everything], *principal.limits).decision != "Allow")

    def session(self, role_arn: str, session_name: str, trusted: tuple[str, ...]) -> dict[str, str] | None:
        """A role session for an AWS service, as boto3.client keywords; None if the role does not trust the service."""
        try:
            spec = self._arn.parse_arn(role_arn)
        except self._arn.ArnParseError:
            return None
        name = spec.resource.rsplit("/", 1)[-1]
        role = self._iam._roles.get_scoped(spec.account_id, None, name)
        if not role or role.get("Arn") != role_arn or not trusts(role.get("AssumeRolePolicyDocument"), trusted):
            return None
        with self._sessions_lock:
            until, session = self._sessions.get((role_arn, session_name), (0.0, {}))
            if until < time.time() + 60 or session.get("aws_access_key_id") not in self._sts._sessions:
                until = time.time() + _SESSION_SECONDS
                session = {
                    "aws_access_key_id": f"ASIA{secrets.token_hex(8).upper()}",
                    "aws_secret_access_key": secrets.token_hex(20),
                    "aws_session_token": secrets.token_hex(32),
                }
                self._sts.register_session(
                    session["aws_access_key_id"],
                    {
                        "Arn": f"arn:aws:sts::{spec.account_id}:assumed-role/{name}/{session_name}",
                        "UserId": f"{role['RoleId']}:{session_name}",
                        "SecretAccessKey": session["aws_secret_access_key"],
                        "SessionToken": session["aws_session_token"],
                        "Expiration": until,
                    },
                )
                self._sessions[role_arn, session_name] = (until, session)
        return session

    def gateway_may_invoke(self, role_arn: str, function_arn: str) -> bool:
        """Whether API Gateway may assume the role, and the role may invoke the function."""
        session = self.session(role_arn, "apigateway", ("apigateway.amazonaws.com",))
        if session is None:
            return False
        try:
            self.require(session["aws_access_key_id"], "lambda:InvokeFunction", function_arn, "lambda")
        except ApiError:
            return False
        return True

    def lambda_may_poll(self, role_arn: str, queue_arn: str) -> bool:
        """Whether Lambda may assume a function's role, and the role may take messages from the queue.

        Lambda Developer Guide, "Using Lambda with Amazon SQS": the permissions of the execution role.
        """
        session = self.session(role_arn, "lambda-poller", ("lambda.amazonaws.com",))
        if session is None:
            return False
        try:
            for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"):
                self.require(session["aws_access_key_id"], action, queue_arn, "sqs")
        except ApiError:
            return False
        return True

    def patch_function_sessions(self, runtime: Any) -> None:
        """Fault: the user id of a function's role session is `role name:function`, not `role id:function` as on AWS."""
        original = runtime.execution_credentials

        def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
            credentials: dict[str, str] = original(config)
            session = self._sts._sessions.get(credentials["AWS_ACCESS_KEY_ID"])
            if session is not None:
                name = session["Arn"].rsplit("/", 1)[-1]
                session["UserId"] = f"{self._sts._role_id(config.get('Role', ''))}:{name}"
            return credentials

        runtime.execution_credentials = execution_credentials
