"""ministack with the Redshift Data API as one more service.

Only the files emulator*.py touch ministack's inside: ministack 1.5.33 (pinned in requirements). Each workaround names
the fault that it mends in a comment `Fault:`. What it does not enforce and is left so: the function role's right to
send to its on-failure destination and to write logs, KMS of SNS, and root's own signature (the access key alone makes
root).
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import importlib
import json
import logging
import os
import secrets
import signal
import tempfile
import threading
import time
import types
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import boto3

from local_cloud.data_api import DataApi
from local_cloud.emulator_control import mend_alarms, mend_apis
from local_cloud.emulator_gateway import Gateway
from local_cloud.emulator_requests import mend_put_events, mend_request_ids
from local_cloud.emulator_websockets import WebSockets
from local_cloud.emulator_workers import mend_log_wait, mend_worker_pool
from local_cloud.model import ApiError
from local_cloud.outbox import Outbox
from local_cloud.policies import lets_in, owner_of_port, trusts
from local_cloud.schedules import ScheduleClock, render
from local_cloud.settings import Settings, prepare_environment
from local_cloud.statements import Statement
from local_cloud.switches import Kill, Switches
from local_cloud.targets import Caller

logger = logging.getLogger(__name__)

SERVICE = "redshift-data"
_TARGET_PREFIX = "RedshiftData."
_SESSION_SECONDS = 3600
_REQUEST_THREADS = 32

Answer = tuple[int, dict[str, str], bytes]


def _module(name: str) -> Any:
    """An untyped module of ministack, to read from and to patch."""
    return importlib.import_module(name)


class Emulator:
    """The patched ministack; `app` is its ASGI application."""

    def __init__(self, settings: Settings) -> None:
        prepare_environment(settings)
        self.settings = settings
        self.switches = Switches()
        self._app = _module("ministack.app")
        self._iam = _module("ministack.core.iam_evaluator")
        self._actions = _module("ministack.core.iam_actions")
        self._arn = _module("ministack.core.arn")
        self._runtime = _module("ministack.core.lambda_runtime")
        self._responses = _module("ministack.core.responses")
        self._router = _module("ministack.core.router")
        service = {name: _module(f"ministack.services.{name}") for name in _SERVICES}
        self._events, self._lambda = service["eventbridge"], service["lambda_svc"]
        self._scheduler, self._sts, self._roles = service["scheduler"], service["sts"], service["iam"]
        self._s3, self._secrets, self._sqs = service["s3"], service["secretsmanager"], service["sqs"]
        self.app: Any = self._app.app
        self._api: DataApi | None = None
        self._pool = ThreadPoolExecutor(_REQUEST_THREADS, thread_name_prefix="data-api")
        self._sessions: dict[tuple[str, str], tuple[float, dict[str, str]]] = {}
        self._sessions_lock = threading.Lock()
        self._clock = ScheduleClock(self._cron_next, self._events._parse_rate_seconds)
        self._temporary = settings.folder / "tmp"
        self._temporary.mkdir(parents=True, exist_ok=True)
        self._temporary.chmod(0o700)
        # Workers' code is unpacked in the folder and leaves with it, whatever happens to this process.
        make_folder = functools.partial(tempfile.mkdtemp, dir=self._temporary)
        self._runtime.tempfile = types.SimpleNamespace(mkdtemp=make_folder)
        self._route_data_api()
        self._mend_targets()
        self._mend_scheduler()
        self._mend_role_sessions()
        self._mend_email()
        mend_worker_pool(self._runtime, self._lambda)
        mend_log_wait(self._runtime)
        mend_request_ids(self._lambda)
        mend_put_events(self._actions)
        mend_alarms(self._app, service["cloudwatch"])
        mend_apis(service["apigateway"], settings.port)
        self._mend_gateway(service["apigateway"])

    def serve(self, api: DataApi) -> None:
        """The service behind `X-Amz-Target: RedshiftData.*`."""
        self._api = api
        self.switches.age = api.statements.age

    def stop(self) -> None:
        """End the workers of functions."""
        self._runtime.reset()
        self._pool.shutdown(wait=False, cancel_futures=True)

    # --- the Data API as a service

    def _route_data_api(self) -> None:
        detect = self._app.detect_service

        def detect_service(method: str, path: str, headers: dict[str, str], query: dict[str, Any]) -> Any:
            if headers.get("x-amz-target", "").startswith(_TARGET_PREFIX):
                return SERVICE
            return detect(method, path, headers, query)

        self._app.detect_service = detect_service
        self._app.SERVICE_HANDLERS[SERVICE] = self._handle

    async def _handle(
        self, _method: str, _path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        """In a thread: IAM and the catalogue must not hold up the event loop."""
        assert self._api is not None  # noqa: S101 - set before the server listens
        operation = headers.get("x-amz-target", "").removeprefix(_TARGET_PREFIX)
        gate = RequestGate(self, self._router.extract_access_key_id(headers, query))
        run = contextvars.copy_context().run
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, run, self._api.handle, operation, body, gate)

    def caller(self, access_key: str) -> Caller:
        """Who signed the request that is being handled."""
        identity = self._iam.resolve_caller_identity(access_key) or {}
        return Caller(
            account_id=self._responses.get_account_id(),
            region=self._responses.get_region(),
            arn=identity.get("userArn", ""),
            user_id=identity.get("userId", ""),
        )

    def require(
        self, access_key: str, action: str, resource: str, service: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Raise AWS's AccessDeniedException unless the key's principal may do it."""
        region = self._responses.get_region()
        denied = self._iam.enforce(access_key, action, service, region, resource, dict(context or {}))
        if denied is None:
            return
        if isinstance(denied, self._iam.AuthError):
            code = {"MissingAuthenticationToken": "MissingAuthenticationTokenException"}.get(denied.code, denied.code)
            raise ApiError(code, denied.message)
        on = "" if resource == "*" else f" on resource: {resource}"
        explicit = denied.decision == "Deny"
        why = (
            "with an explicit deny in an identity-based policy"
            if explicit
            else (f"because no identity-based policy allows the {action} action")
        )
        message = f"User: {denied.principal_arn} is not authorized to perform: {action}{on} {why}"
        raise ApiError("AccessDeniedException", message)

    def secret(self, arn: str) -> str | None:
        """A secret's text, without asking who wants it."""
        text = self._secrets.resolve_secret_string(arn)
        return None if text is None else str(text)

    def announce(self, statement: Statement) -> None:
        """The completion event (Redshift management guide, "Monitoring events for the Data API")."""
        detail = {
            "principal": statement.caller.arn,
            "statementName": statement.name or "",
            "statementId": statement.id,
            "redshiftQueryId": statement.query_id,
            "state": statement.status,
            "rows": statement.rows,
            "expireAt": int(statement.expires.timestamp()),
        }
        entry = {
            "Source": "aws.redshift-data",
            "DetailType": "Redshift Data Statement Status Change",
            "Detail": json.dumps(detail),
            "Resources": [statement.target.arn],
        }
        caller = statement.caller

        def publish() -> None:
            with self._responses.request_scope(caller.account_id, caller.region):
                self._events._put_events({"Entries": [entry]}, allow_aws_source=True)

        loop = self._app._MAIN_LOOP
        self.switches.deliver(lambda: loop.call_soon_threadsafe(publish))

    # --- e-mail

    def _mend_email(self) -> None:
        """Fault: e-mail subscriptions get nothing. They go to files in `mail`, confirmed as ministack confirms them."""
        sns = _module("ministack.services.sns")
        outbox = Outbox(self.settings.folder / "mail")
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

    # --- roles

    def _mend_role_sessions(self) -> None:
        """Fault: a function's role session has the user id `role name:function` where AWS has `role id:function`."""
        original = self._runtime.execution_credentials

        def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
            credentials: dict[str, str] = original(config)
            session = self._sts._sessions.get(credentials["AWS_ACCESS_KEY_ID"])
            if session is not None:
                name = session["Arn"].rsplit("/", 1)[-1]
                session["UserId"] = f"{self._sts._role_id(config.get('Role', ''))}:{name}"
            return credentials

        self._runtime.execution_credentials = execution_credentials

    def role_session(self, role_arn: str, session_name: str, trusted: tuple[str, ...]) -> dict[str, str] | None:
        """A session of a role for an AWS service, as boto3.client keywords; None unless the role trusts the service."""
        try:
            spec = self._arn.parse_arn(role_arn)
        except self._arn.ArnParseError:
            return None
        name = spec.resource.rsplit("/", 1)[-1]
        role = self._roles._roles.get_scoped(spec.account_id, None, name)
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

    def bucket_region(self, bucket: str) -> str | None:
        """The region of a bucket of this account."""
        found = self._s3._buckets.get_scoped(self.settings.config.account_id, None, bucket)
        return found.get("region", "us-east-1") if found else None

    # --- API Gateway

    def _mend_gateway(self, apis: Any) -> None:
        run = _module("ministack.core.concurrency").run_reentrant
        gateway = Gateway(apis, self._lambda, run, self._gateway_role_may_invoke)
        gateway.mend_authorizers()
        gateway.mend_http_apis()
        WebSockets(
            gateway,
            self._responses.request_scope,
            idle_seconds=self.settings.websocket_idle_seconds,
            most_seconds=self.settings.websocket_seconds,
        )

    def _gateway_role_may_invoke(self, role_arn: str, function_arn: str) -> bool:
        session = self.role_session(role_arn, "apigateway", ("apigateway.amazonaws.com",))
        if session is None:
            return False
        try:
            self.require(session["aws_access_key_id"], "lambda:InvokeFunction", function_arn, "lambda")
        except ApiError:
            return False
        return True

    # --- targets of rules

    def _mend_targets(self) -> None:
        """Fault: a Lambda target gets one attempt, no retry, no on-failure destination, no DLQ, no permission check."""
        deliver = self._events._invoke_target

        def invoke_target(
            target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
        ) -> None:
            problem = self._undeliverable(target, rule.get("Arn", ""))
            if problem is None:
                deliver(target, event, rule, view)
                return
            view = view or self._events._pattern_event_view(event)
            body = json.dumps(view.event_with_detail())
            self._dead_letter(target, body, {"RULE_ARN": rule.get("Arn", ""), **problem})

        def dispatch_to_lambda(arn: str, payload: str) -> None:
            try:
                event = json.loads(payload)
            except ValueError:
                event = {"body": payload}
            function, config, _ = self._lambda._get_func_record_for_ref(arn)
            if function and config:
                record = self._lambda._execution_record_for_config(function, config)
                self._lambda.invoke_async_with_retry(record, event)

        self._events._invoke_target = invoke_target
        self._events._dispatch_to_lambda = dispatch_to_lambda
        self._deliver = deliver

    def _undeliverable(self, target: dict[str, Any], rule_arn: str | None) -> dict[str, str] | None:
        """Why a target cannot be reached: it is missing, or the function's policy does not let the rule in."""
        arn = target.get("Arn", "")
        service = arn.split(":")[2] if arn.count(":") >= 5 else ""
        if service == "sqs" and not self._sqs._queue_by_arn(arn):
            return {"ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": f"The queue {arn} does not exist"}
        if service != "lambda":
            return None
        function, config, _ = self._lambda._get_func_record_for_ref(arn)
        if not function or not config:
            return {"ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": f"Function not found: {arn}"}
        policy = (function.get("policy") or {}).get("Statement", [])
        if rule_arn is not None and not any(lets_in(one, "events.amazonaws.com", rule_arn) for one in policy):
            return {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": f"{rule_arn} may not invoke {arn}"}
        return None

    def _dead_letter(self, target: dict[str, Any], body: str, attributes: dict[str, str]) -> None:
        attributes = {"TARGET_ARN": target.get("Arn", ""), **attributes}
        logger.warning("not delivered: %s", attributes)
        queue = self._sqs._queue_by_arn((target.get("DeadLetterConfig") or {}).get("Arn", ""))
        if queue:
            threading.Thread(target=self._send, args=(queue["url"], body, attributes), daemon=True).start()

    def _send(self, url: str, body: str, attributes: dict[str, str]) -> None:
        settings = self.settings
        client: Any = boto3.client(
            "sqs",
            endpoint_url=settings.endpoint,
            region_name=settings.config.region,
            aws_access_key_id=settings.access_key,
            aws_secret_access_key=settings.secret_key,
        )
        named = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value}
        client.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=named)

    # --- EventBridge Scheduler

    def _mend_scheduler(self) -> None:
        """Fault: Scheduler knows no placeholders, time zones, windows, role or DLQ, and looks only every 10 s."""
        self._scheduler._SCHEDULE_TICK_INTERVAL = 1
        self._events._SCHEDULER_TICK_INTERVAL = 1
        self._scheduler._tick_schedules = self._tick

    def _cron_next(self, expression: str, after: datetime) -> datetime | None:
        fields = self._events._parse_cron_fields(expression)
        found: datetime | None = self._events._cron_next_fire(fields, after) if fields else None
        return found

    def _tick(self) -> None:
        schedules = dict(self._scheduler._schedules._data)
        self._clock.forget(set(schedules))
        for key, schedule in schedules.items():
            try:
                occurrence = self._clock.due(key, schedule, time.time())
                if occurrence is not None:
                    with self._responses.request_scope(key[0], key[1]):
                        self._fire(schedule, occurrence)
                    if self._clock.is_one_time(schedule) and schedule.get("ActionAfterCompletion") == "DELETE":
                        self._scheduler._schedules._data.pop(key, None)
            except Exception:
                logger.exception("schedule %s", key)

    def _fire(self, schedule: dict[str, Any], occurrence: float) -> None:
        target = dict(schedule.get("Target") or {})
        if "Input" in target:
            target["Input"] = render(target["Input"], schedule_arn=schedule["Arn"], occurrence=occurrence)
        event = {
            "EventId": self._responses.new_uuid(),
            "Source": "aws.scheduler",
            "DetailType": "Scheduled Event",
            "Detail": "{}",
            "Time": int(occurrence),
            "Resources": [schedule["Arn"]],
            "Account": self._responses.get_account_id(),
            "Region": self._responses.get_region(),
        }
        problem = self._refused_by_role(target) or self._undeliverable(target, None)
        if problem:
            self._dead_letter(target, target.get("Input", "{}"), {"SCHEDULE_ARN": schedule["Arn"], **problem})
            return
        self._deliver(target, event, schedule)

    def _refused_by_role(self, target: dict[str, Any]) -> dict[str, str] | None:
        arn, role = target["Arn"], target.get("RoleArn", "")
        action = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}.get(
            arn.split(":")[2]
        )
        session = self.role_session(role, "scheduler", ("scheduler.amazonaws.com",))
        if session is None:
            return {"ERROR_CODE": "AWS.Scheduler.InternalServerError", "ERROR_MESSAGE": f"may not assume {role}"}
        if action is None:
            return None
        try:
            self.require(session["aws_access_key_id"], action, arn, arn.split(":")[2])
        except ApiError as error:
            return {"ERROR_CODE": error.code, "ERROR_MESSAGE": error.message}
        return None

    # --- killing workers

    def kill_for(self, method: str, path: str, headers: dict[str, str], body: bytes, query: str) -> Kill | None:
        """The kill that this request sets off, if a worker sent it."""
        params = parse_qs(query, keep_blank_values=True)
        session = self._sts._sessions.get(self._router.extract_access_key_id(headers, params)) or {}
        parts = session.get("Arn", "").split("/")
        if len(parts) != 3:
            return None
        return self.switches.take(parts[1], parts[2], self._operation(method, path, headers, body, params))

    def _operation(self, method: str, path: str, headers: dict[str, str], body: bytes, params: dict[str, Any]) -> str:
        """`service:Operation`, as IAM names actions."""
        if "/@connections/" in path:
            name = {"POST": "PostToConnection", "DELETE": "DeleteConnection"}.get(method, "GetConnection")
            return f"execute-api:{name}"
        routing = self._app._routing_params(method, path, headers, body, params)
        service = self._app.detect_service(method, path, headers, routing)
        if service == SERVICE:
            return f"{SERVICE}:{headers['x-amz-target'].removeprefix(_TARGET_PREFIX)}"
        return str(self._actions.extract_iam_action(service, method, path, headers, body, routing) or "")

    def kill_worker(self, headers: dict[str, str], client: tuple[str, int] | None) -> None:
        """SIGKILL the worker process that sent a request: of its function's busy workers, the one with that socket."""
        session = self._sts._sessions.get(self._router.extract_access_key_id(headers, None)) or {}
        function = session.get("Arn", "").rsplit("/", 1)[-1]
        pids = [
            worker._proc.pid
            for key, workers in list(self._runtime._workers.items())
            if key.split(":")[2][:64] == function
            for worker in workers
            if worker.in_use and worker._proc is not None
        ]
        owner = owner_of_port(client[1], pids) if client else None
        for pid in [owner] if owner else pids:
            logger.warning("killing worker %s of %s", pid, function)
            os.kill(pid, signal.SIGKILL)


_SERVICES = (
    "apigateway",
    "cloudwatch",
    "eventbridge",
    "lambda_svc",
    "scheduler",
    "sts",
    "iam",
    "s3",
    "secretsmanager",
    "sqs",
)


@dataclass(frozen=True)
class RequestGate:
    """data_api.Gate for one request."""

    emulator: Emulator
    access_key: str

    @property
    def caller(self) -> Caller:
        """Who signed the request."""
        return self.emulator.caller(self.access_key)

    def require(self, action: str, resource: str, service: str, context: Mapping[str, str] | None = None) -> None:
        """Raise AccessDeniedException unless IAM allows the action."""
        self.emulator.require(self.access_key, action, resource, service, context)

    def secret(self, arn: str) -> str | None:
        """A secret's text."""
        return self.emulator.secret(arn)
