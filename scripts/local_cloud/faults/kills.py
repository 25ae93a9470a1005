"""Kills workers at one of their calls, for tests.

One of the emulator*.py files that touch ministack's inside.
"""

from __future__ import annotations

import logging
import os
import signal
from typing import Any
from urllib.parse import parse_qs

from local_cloud.faults.switches import Kill, Switches
from local_cloud.services.iam.policies import owner_of_port
from local_cloud.services.redshift_data.service import SERVICE, TARGET_PREFIX

logger = logging.getLogger(__name__)


class Kills:
    """Finds out which worker sent a request, and kills it when a switch says so."""

    def __init__(self, switches: Switches, *, app: Any, actions: Any, router: Any, runtime: Any, sts: Any) -> None:
        self._switches = switches
        self._app = app
        self._actions = actions
        self._router = router
        self._runtime = runtime
        self._sts = sts

    def due(self, method: str, path: str, headers: dict[str, str], body: bytes, query: str) -> Kill | None:
        """The kill that this request sets off, if a worker sent it."""
        params = parse_qs(query, keep_blank_values=True)
        session = self._sts._sessions.get(self._router.extract_access_key_id(headers, params)) or {}
        parts = session.get("Arn", "").split("/")
        if len(parts) != 3:
            return None
        return self._switches.take(parts[1], parts[2], self._operation(method, path, headers, body, params))

    def _operation(self, method: str, path: str, headers: dict[str, str], body: bytes, params: dict[str, Any]) -> str:
        """`service:Operation`, as IAM names actions."""
        if "/@connections/" in path:
            name = {"POST": "PostToConnection", "DELETE": "DeleteConnection"}.get(method, "GetConnection")
            return f"execute-api:{name}"
        routing = self._app._routing_params(method, path, headers, body, params)
        service = self._app.detect_service(method, path, headers, routing)
        if service == SERVICE:
            return f"{SERVICE}:{headers['x-amz-target'].removeprefix(TARGET_PREFIX)}"
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
