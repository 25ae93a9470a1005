"""The time that a changed policy takes until it is in effect, which ministack lacks.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local_cloud.faults.account import Account

_CHANGES = ("PutRolePolicy", "DeleteRolePolicy")


@dataclass(frozen=True)
class _Earlier:
    """The policies that a role had before a change, and until when (time.monotonic) they are in effect."""

    until: float
    policies: dict[str, Any]


def patch_propagation(evaluator: Any, iam: Any, account: Account) -> None:
    """Fault: a role's inline policy is in effect at once. Here it takes the account's `policy_seconds`.

    Until then, the policies before the change are in effect: none for a new role. Boundaries and managed policies are
    in effect at once.
    """
    earlier: dict[str, list[_Earlier]] = {}
    lock = threading.Lock()
    gather: Callable[[str, str], Any] = evaluator._gather_role_policies

    def changing(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def handle(parameters: Any) -> Any:
            role = iam._roles.get(iam._p(parameters, "RoleName"))
            if role is None or not account.policy_seconds:
                return change(parameters)
            before = _Earlier(time.monotonic() + account.policy_seconds, dict(role["InlinePolicies"]))
            answer = change(parameters)
            with lock:
                earlier.setdefault(role["RoleId"], []).append(before)
            return answer

        return handle

    def gather_role_policies(role_name: str, account_id: str) -> Any:
        role = iam._roles.get_scoped(account_id, None, role_name)
        with lock:
            changes = earlier.get(role["RoleId"], []) if role and account.policy_seconds else []
            pending = [one for one in changes if one.until > time.monotonic()]
        if not pending:
            return gather(role_name, account_id)
        documents = [*pending[0].policies.values()]
        documents += [evaluator._resolve_managed_policy_document(arn, account_id) for arn in role["AttachedPolicies"]]
        parsed = [evaluator.parse_policy_document(document) for document in documents if document]
        return [statements for statements in parsed if statements]

    evaluator._gather_role_policies = gather_role_policies
    for name in _CHANGES:
        iam._IAM_HANDLERS[name] = changing(iam._IAM_HANDLERS[name])
