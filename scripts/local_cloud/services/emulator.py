"""ministack with the Redshift Data API as one more service.

Only the files emulator*.py touch ministack's inside: ministack 1.5.33 (pinned in requirements). Each workaround names
the fault that it mends in a comment `Fault:`. What it does not enforce and is left so: the function role's right to
send to its on-failure destination and to write logs, KMS of SNS, and root's own signature (the access key alone makes
root).
"""

from __future__ import annotations

import functools
import importlib
import tempfile
import types
from typing import Any

from local_cloud.faults.kills import Kills
from local_cloud.faults.switches import Switches
from local_cloud.services.apigateway.gateway import Gateway
from local_cloud.services.apigateway.read_back import mend_alarms, mend_apis
from local_cloud.services.apigateway.websockets import WebSockets
from local_cloud.services.events.targets import Targets
from local_cloud.services.iam.condition_keys import mend_leading_keys, mend_put_events, mend_request_ids
from local_cloud.services.iam.roles import Roles
from local_cloud.services.lambda_.workers import mend_log_wait, mend_worker_pool
from local_cloud.services.redshift_data.service import DataApiService
from local_cloud.services.scheduler.schedules import Schedules
from local_cloud.services.sns.email import mend_email
from local_cloud.services.sns.outbox import Outbox
from local_cloud.settings import Settings, prepare_environment


def _module(name: str) -> Any:
    """An untyped module of ministack, to read from and to patch; its settings come from the environment, once."""
    return importlib.import_module(f"ministack.{name}")


class Emulator:
    """The patched ministack, put together; `app` is its ASGI application."""

    def __init__(self, settings: Settings) -> None:
        prepare_environment(settings)
        self.settings = settings
        self.switches = Switches()
        app = _module("app")
        actions = _module("core.iam_actions")
        responses = _module("core.responses")
        router = _module("core.router")
        apis, events, functions, sts = (
            _module(f"services.{name}") for name in ("apigateway", "eventbridge", "lambda_svc", "sts")
        )
        self.app: Any = app.app
        self._runtime = _module("core.lambda_runtime")
        self._s3 = _module("services.s3")
        self.roles = Roles(
            evaluator=_module("core.iam_evaluator"),
            iam=_module("services.iam"),
            sts=sts,
            arn=_module("core.arn"),
            responses=responses,
        )
        self.data_api = DataApiService(
            self.switches,
            self.roles,
            app=app,
            events=events,
            responses=responses,
            router=router,
            secrets=_module("services.secretsmanager"),
        )
        self.kills = Kills(self.switches, app=app, actions=actions, router=router, runtime=self._runtime, sts=sts)
        self._keep_code()
        self.roles.mend_function_sessions(self._runtime)
        targets = Targets(settings, events=events, functions=functions, sqs=_module("services.sqs"))
        Schedules(targets, self.roles, scheduler=_module("services.scheduler"), events=events, responses=responses)
        mend_email(_module("services.sns"), Outbox(settings.folder / "mail"))
        mend_worker_pool(self._runtime, functions)
        mend_log_wait(self._runtime)
        mend_request_ids(functions)
        mend_put_events(actions)
        mend_leading_keys(actions, _module("services.dynamodb"))
        mend_alarms(app, _module("services.cloudwatch"))
        mend_apis(apis, settings.port)
        gateway = Gateway(apis, functions, _module("core.concurrency").run_reentrant, self.roles.gateway_may_invoke)
        gateway.mend_authorizers()
        gateway.mend_http_apis()
        WebSockets(
            gateway,
            responses.request_scope,
            idle_seconds=settings.websocket_idle_seconds,
            most_seconds=settings.websocket_seconds,
        )

    def stop(self) -> None:
        """End the workers of functions."""
        self._runtime.reset()
        self.data_api.stop()

    def bucket_region(self, bucket: str) -> str | None:
        """The region of a bucket of this account; None when there is no such bucket."""
        found = self._s3._buckets.get_scoped(self.settings.config.account_id, None, bucket)
        return found.get("region", "us-east-1") if found else None

    def _keep_code(self) -> None:
        """Workers' code is unpacked in the folder and leaves with it, whatever happens to this process."""
        folder = self.settings.folder / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._runtime.tempfile = types.SimpleNamespace(mkdtemp=functools.partial(tempfile.mkdtemp, dir=folder))
