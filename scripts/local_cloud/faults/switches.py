"""Switches for tests: lose, repeat or delay events, kill a worker at a chosen AWS call, age a statement, set quotas and
settings of the account.

`/_relay/events` {"mode": "normal" | "drop" | "duplicate" | "delay", "seconds": 2},
`/_relay/kill` {"operation": "sns:Publish", "when": "before" | "after", "nth": 1, "role": ..., "function": ...},
`/_relay/quotas` {"rates": {"CancelStatement": 1}, "disguised": false, "active_statements": 500, ...},
`/_relay/account` {"policy_seconds": 60, "lambda_concurrency": 10},
`/_relay/age` {"id": "<statement>", "seconds": 600} and
`/_relay/expire` {"id": "<statement>"}.
GET shows the state of the first four, DELETE resets it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from local_cloud.faults.account import Account
from local_cloud.redshift_data.quotas import Quotas

MODES = ("normal", "drop", "duplicate", "delay")


@dataclass
class Kill:
    """A worker to kill: at the nth call of an operation by a function, or by any function of a role."""

    operation: str
    when: str = "before"
    nth: int = 1
    role: str | None = None
    function: str | None = None
    seen: int = 0
    fired: bool = False

    def matches(self, role: str, function: str, operation: str) -> bool:
        """Whether this call counts."""
        return (
            not self.fired
            and self.operation.lower() == operation.lower()
            and self.role in (None, role)
            and self.function in (None, function)
        )


@dataclass
class Switches:
    """The state of the switches; safe to use from any thread."""

    mode: str = "normal"
    seconds: float = 2.0
    published: int = 0
    kills: list[Kill] = field(default_factory=list)
    age: Callable[[str, float], bool] = lambda _id, _seconds: False
    expire: Callable[[str], bool] = lambda _id: False
    quotas: Quotas = field(default_factory=Quotas)
    account: Account = field(default_factory=Account)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def deliver(self, publish: Callable[[], None]) -> None:
        """Publish a completion event according to the mode."""
        self.published += 1
        if self.mode == "delay":
            timer = threading.Timer(self.seconds, publish)
            timer.daemon = True
            timer.start()
            return
        for _ in range({"drop": 0, "duplicate": 2}.get(self.mode, 1)):
            publish()

    def armed(self) -> bool:
        """Whether any kill is armed."""
        return any(not kill.fired for kill in self.kills)

    def take(self, role: str, function: str, operation: str) -> Kill | None:
        """Count a call; returns the kill that it triggers, disarmed."""
        with self._lock:
            for kill in self.kills:
                if kill.matches(role, function, operation):
                    kill.seen += 1
                    if kill.seen >= kill.nth:
                        kill.fired = True
                        return kill
        return None

    def handle(self, method: str, path: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer a request to `/_relay/...`."""
        try:
            if path == "/_relay/events":
                return self._events(method, body)
            if path == "/_relay/kill":
                return self._kill(method, body)
            if path == "/_relay/quotas":
                return self._quotas(method, body)
            if path == "/_relay/account":
                return self._account(method, body)
            if path in ("/_relay/age", "/_relay/expire"):
                return self._backdate(path, method, body)
        except (KeyError, TypeError, ValueError) as error:
            return 400, {"message": str(error)}
        return 404, {
            "message": f"{path} is not a switch; the switches are events, kill, quotas, account, age and expire"
        }

    def _events(self, method: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        if method == "POST":
            mode = body.get("mode")
            if mode not in MODES:
                raise ValueError(f"mode must be one of {', '.join(MODES)}")
            self.seconds = float(body.get("seconds", self.seconds))
            self.mode = mode
        elif method == "DELETE":
            self.mode = "normal"
        return 200, {"mode": self.mode, "seconds": self.seconds, "published": self.published}

    def _quotas(self, method: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        if method == "POST":
            self.quotas.change(**body)
        elif method == "DELETE":
            self.quotas.lift()
        return 200, self.quotas.state

    def _account(self, method: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        if method == "POST":
            self.account.change(**body)
        elif method == "DELETE":
            self.account.reset()
        return 200, self.account.state

    def _backdate(self, path: str, method: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        if method != "POST":
            return 405, {"message": f"{path} supports only POST"}
        statement = str(body.get("id"))
        done = self.expire(statement) if path == "/_relay/expire" else self.age(statement, float(body["seconds"]))
        if not done:
            raise ValueError(f"{statement!r} is not an ended statement")
        return 200, {}

    def _kill(self, method: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        if method == "POST":
            kill = Kill(**body)
            if kill.when not in ("before", "after") or not isinstance(kill.nth, int) or kill.nth < 1:
                raise ValueError("when must be before or after, and nth a number from 1")
            if kill.seen or kill.fired:
                raise ValueError("seen and fired cannot be set")
            with self._lock:
                self.kills.append(kill)
        elif method == "DELETE":
            with self._lock:
                self.kills.clear()
        return 200, {"kills": [asdict(kill) for kill in self.kills]}
