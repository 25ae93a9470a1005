"""ministack with its patches, and the Redshift Data API as one more service.

Only services/ and faults/ touch the inside of ministack 1.5.33, the version pinned in requirements. A comment `Fault:`
names what a patch corrects. Not enforced: the right of a function's role to send to its on-failure destination and to
write logs, KMS of SNS, and root's signature (the access key alone identifies root).
"""

from __future__ import annotations

import functools
import importlib
import tempfile
import types
from typing import Any

from local_cloud.faults.kills import Kills
from local_cloud.faults.switches import Switches
from local_cloud.services.apigateway.access_logs import patch_access_logs
from local_cloud.services.apigateway.authorizers import patch_authorizers
from local_cloud.services.apigateway.conflicts import patch_conflicts
from local_cloud.services.apigateway.gateway import Gateway
from local_cloud.services.apigateway.http_apis import patch_http_apis
from local_cloud.services.apigateway.read_back import patch_apis
from local_cloud.services.apigateway.websockets.websocket_apis import WebSocketApis
from local_cloud.services.cloudwatch.alarms import patch_alarms
from local_cloud.services.events.targets import Targets
from local_cloud.services.iam.condition_keys import patch_leading_keys, patch_put_events, patch_queue_batches
from local_cloud.services.iam.propagation import patch_propagation
from local_cloud.services.iam.roles import Roles
from local_cloud.services.lambda_.concurrency import patch_concurrency
from local_cloud.services.lambda_.event_sources import patch_event_sources
from local_cloud.services.lambda_.request_ids import patch_request_ids
from local_cloud.services.lambda_.workers import patch_log_wait, patch_worker_pool
from local_cloud.services.logs.keys import patch_keys
from local_cloud.services.redshift_data.data_api_service import DataApiService
from local_cloud.services.scheduler.schedules import Schedules
from local_cloud.services.sns.email import patch_email
from local_cloud.services.sns.outbox import Outbox
from local_cloud.services.tagging.collectors import patch_collectors
from local_cloud.services.warehouse_lookups import add_warehouse_lookups
from local_cloud.settings import Settings, prepare_environment


def _module(name: str) -> Any:
    """A module of ministack, untyped. Its import reads the settings from the environment."""
    return importlib.import_module(f"ministack.{name}")


class Emulator:
    """The patched ministack; `app` is its ASGI application."""

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
        add_warehouse_lookups(settings.config, self.roles, app=app, router=router)
        self.kills = Kills(self.switches, app=app, actions=actions, router=router, runtime=self._runtime, sts=sts)
        self._keep_code()
        self.roles.patch_function_sessions(self._runtime)
        sqs = _module("services.sqs")
        targets = Targets(settings, events=events, functions=functions, sqs=sqs)
        Schedules(targets, self.roles, scheduler=_module("services.scheduler"), events=events, responses=responses)
        patch_email(_module("services.sns"), Outbox(settings.mail))
        patch_worker_pool(self._runtime, functions)
        patch_log_wait(self._runtime)
        patch_request_ids(functions)
        patch_event_sources(functions, sqs, self.roles.lambda_may_poll)
        patch_put_events(actions)
        patch_queue_batches(actions)
        patch_leading_keys(actions, _module("services.dynamodb"))
        patch_alarms(app, _module("services.cloudwatch"))
        patch_collectors(_module("services.tagging"), apis, _module("services.cloudwatch"))
        patch_concurrency(functions, self.switches.account)
        patch_propagation(_module("core.iam_evaluator"), _module("services.iam"), self.switches.account)
        patch_keys(_module("services.cloudwatch_logs"), _module("services.kms"))
        patch_apis(apis, settings.port)
        patch_access_logs(apis, _module("services.apigateway_v1"), settings.config.account_id)
        patch_conflicts(apis)
        gateway = Gateway(apis, functions, _module("core.concurrency").run_reentrant, self.roles.gateway_may_invoke)
        patch_authorizers(gateway)
        patch_http_apis(gateway)
        WebSocketApis(
            gateway,
            responses.request_scope,
            idle_seconds=settings.websocket_idle_seconds,
            max_seconds=settings.websocket_seconds,
        )

    def stop(self) -> None:
        """End the workers of functions."""
        self._runtime.reset()
        self.data_api.stop()

    def bucket_region(self, bucket: str) -> str | None:
        """The region of a bucket of this account; None if it does not exist."""
        found = self._s3._buckets.get_scoped(self.settings.config.account_id, None, bucket)
        return found.get("region", "us-east-1") if found else None

    def _keep_code(self) -> None:
        """Unpack the workers' code in the cloud's folder, so that it is removed with the folder even after a crash."""
        folder = self.settings.folder / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._runtime.tempfile = types.SimpleNamespace(mkdtemp=functools.partial(tempfile.mkdtemp, dir=folder))
