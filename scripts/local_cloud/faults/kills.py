"""Kills a worker at one of its AWS calls, for tests."""

from __future__ import annotations

import logging
import os
import signal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from local_cloud.faults.switches import Kill, Switches
from local_cloud.services.redshift_data.data_api_service import SERVICE, TARGET_PREFIX

logger = logging.getLogger(__name__)


class Kills:
    """Finds the worker that sent a request, and kills it if a switch asks for it."""

    def __init__(self, switches: Switches, *, app: Any, actions: Any, router: Any, runtime: Any, sts: Any) -> None:
        self._switches = switches
        self._app = app
        self._actions = actions
        self._router = router
        self._runtime = runtime
        self._sts = sts

    def due(self, method: str, path: str, headers: dict[str, str], body: bytes, query: str) -> Kill | None:
        """The kill that this request triggers, if a worker sent it."""
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
        """SIGKILL the worker that sent a request: of its function's busy workers, the one that owns the socket."""
        session = self._sts._sessions.get(self._router.extract_access_key_id(headers, None)) or {}
        function = session.get("Arn", "").rsplit("/", 1)[-1]
        pids = [
            worker._proc.pid
            for key, workers in list(self._runtime._workers.items())
            if key.split(":")[2][:64] == function
            for worker in workers
            if worker.in_use and worker._proc is not None
        ]
        owner = _owner_of_port(client[1], pids) if client else None
        for pid in [owner] if owner else pids:
            logger.warning("killing worker %s of %s", pid, function)
            os.kill(pid, signal.SIGKILL)


def _owner_of_port(port: int, pids: list[int]) -> int | None:
    """The process that owns the local TCP port; None if it is unknown, as on anything but Linux."""
    try:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        sockets = {f"socket:[{line.split()[9]}]" for line in lines if line.split()[1].endswith(f":{port:04X}")}
        for pid in pids:
            if any(str(entry.readlink()) in sockets for entry in Path(f"/proc/{pid}/fd").iterdir()):
                return pid
    except OSError:
        pass
    return None
