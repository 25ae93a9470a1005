"""Policy documents that ministack keeps but does not ask, and which process holds a socket."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def listed(value: Any) -> list[Any]:
    """IAM writes one value bare and several as a list."""
    return value if isinstance(value, list) else [value]


def trusts(document: str | Mapping[str, Any] | None, services: tuple[str, ...]) -> bool:
    """Whether a trust policy lets one of the services assume the role."""
    policy = json.loads(document) if isinstance(document, str) else (document or {})
    for statement in listed(policy.get("Statement", [])):
        principal = statement.get("Principal", {})
        named = listed(principal.get("Service", [])) if isinstance(principal, dict) else []
        if (
            statement.get("Effect") == "Allow"
            and any(action in ("sts:AssumeRole", "sts:*", "*") for action in listed(statement.get("Action", [])))
            and any(service in named for service in services)
        ):
            return True
    return False


def lets_in(statement: Mapping[str, Any], service: str, source_arn: str) -> bool:
    """Whether a statement of a function's policy lets a service invoke it for this source."""
    principal = statement.get("Principal")
    named = listed(principal.get("Service", [])) if isinstance(principal, dict) else [principal]
    if statement.get("Effect") != "Allow" or not {service, "*"} & set(named):
        return False
    for condition in (statement.get("Condition") or {}).values():
        wanted = next((value for key, value in condition.items() if key.lower() == "aws:sourcearn"), None)
        if wanted is not None and not any(fnmatch.fnmatchcase(source_arn, one) for one in listed(wanted)):
            return False
    return True


def owner_of_port(port: int, pids: list[int]) -> int | None:
    """Which of the processes holds the local TCP port (Linux; elsewhere nobody can tell)."""
    try:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        sockets = {f"socket:[{line.split()[9]}]" for line in lines if line.split()[1].endswith(f":{port:04X}")}
        for pid in pids:
            if any(str(entry.readlink()) in sockets for entry in Path(f"/proc/{pid}/fd").iterdir()):
                return pid
    except OSError:
        pass
    return None
