"""The Redshift Data API as one more service of ministack."""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from local_cloud.faults.switches import Switches
from local_cloud.redshift_data.caller import Caller
from local_cloud.redshift_data.data_api import DataApi
from local_cloud.redshift_data.statements.statement import Statement
from local_cloud.redshift_data.statements.waiting import Answer, Waiting
from local_cloud.services.iam.roles import Roles

SERVICE = "redshift-data"
TARGET_PREFIX = "RedshiftData."
_REQUEST_THREADS = 32


class DataApiService:
    """Answers `X-Amz-Target: RedshiftData.*`, and sends completion events to EventBridge."""

    def __init__(
        self, switches: Switches, roles: Roles, *, app: Any, events: Any, responses: Any, router: Any, secrets: Any
    ) -> None:
        self._switches = switches
        self._roles = roles
        self._app = app
        self._events = events
        self._responses = responses
        self._router = router
        self._secrets = secrets
        self._api: DataApi | None = None
        self._pool = ThreadPoolExecutor(_REQUEST_THREADS, thread_name_prefix="data-api")
        self._route()

    def serve(self, api: DataApi) -> None:
        """Send requests to `api` from now on."""
        self._api = api
        self._switches.age = api.statements.age
        self._switches.expire = api.statements.expire
        self._switches.quotas = api.statements.quotas

    def stop(self) -> None:
        """Stop taking requests."""
        self._pool.shutdown(wait=False, cancel_futures=True)

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
        self._switches.deliver(lambda: loop.call_soon_threadsafe(publish))

    def _route(self) -> None:
        detect = self._app.detect_service

        def detect_service(method: str, path: str, headers: dict[str, str], query: dict[str, Any]) -> Any:
            if headers.get("x-amz-target", "").startswith(TARGET_PREFIX):
                return SERVICE
            return detect(method, path, headers, query)

        self._app.detect_service = detect_service
        self._app.SERVICE_HANDLERS[SERVICE] = self._handle

    async def _handle(
        self, _method: str, _path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        """In a thread, because IAM and catalog queries must not block the event loop; WaitTimeSeconds takes none."""
        assert self._api is not None  # noqa: S101 - set before the server listens
        operation = headers.get("x-amz-target", "").removeprefix(TARGET_PREFIX)
        gate = RequestGate(self._roles, self._secrets, self._router.extract_access_key_id(headers, query))
        run = contextvars.copy_context().run
        loop = asyncio.get_running_loop()
        got = await loop.run_in_executor(self._pool, run, self._api.handle, operation, body, gate)
        if not isinstance(got, Waiting):
            return got
        await got.wait()
        return await loop.run_in_executor(self._pool, run, got.answer)


@dataclass(frozen=True)
class RequestGate:
    """The Gate of one request."""

    roles: Roles
    secrets: Any
    access_key: str

    @property
    def caller(self) -> Caller:
        """Who signed the request."""
        return self.roles.caller(self.access_key)

    def require(self, action: str, resource: str, service: str, context: Mapping[str, str] | None = None) -> None:
        """Raise AccessDeniedException unless IAM allows the action."""
        self.roles.require(self.access_key, action, resource, service, context)

    def secret(self, arn: str) -> str | None:
        """The text of a secret; IAM was asked before."""
        text = self.secrets.resolve_secret_string(arn)
        return None if text is None else str(text)
