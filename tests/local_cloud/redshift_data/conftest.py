"""The Data API on a scripted warehouse, without HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from local_cloud.redshift.errors import Cancelled, SqlError
from local_cloud.redshift.results import Column, Outcome
from local_cloud.redshift_data.caller import Caller
from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.data_api import DataApi
from local_cloud.redshift_data.errors import ApiError
from local_cloud.redshift_data.statements.waiting import Waiting
from tests.local_cloud.waiting import until

ENDED = ("FINISHED", "FAILED", "ABORTED")


def column(name: str, kind: str) -> Column:
    return Column(name=name, type=kind, length=0, precision=0, scale=0, nullable=True, table="", schema="")


class ScriptedSession:
    """Understands `ROWS n`, `SLEEP s`, `FAIL text`, `VALUES`; anything else answers with the user's name."""

    pid = 4711
    query_id = 1001

    def __init__(self, user: str) -> None:
        self.user = user
        self._cancelled = threading.Event()

    def execute(self, sql: str, parameters: Mapping[str, str] | None = None) -> Outcome:
        word, _, rest = sql.partition(" ")
        if word == "SLEEP":
            if self._cancelled.wait(float(rest)):
                raise Cancelled
            return Outcome((), [], -1, has_result=False)
        if word == "FAIL":
            raise SqlError(rest)
        if word == "ROWS":
            return Outcome((column("n", "int4"),), [(n,) for n in range(int(rest))], int(rest), has_result=True)
        if word == "INSERT":
            return Outcome((), [], int(rest), has_result=False)
        if word == "VALUES":
            row = (None, True, 7, 2.5, "x", b"\x01")
            kinds = ("varchar", "bool", "int8", "float8", "varchar", "varbyte")
            return Outcome(tuple(column(kind, kind) for kind in kinds), [row], 1, has_result=True)
        if word == "SAY":
            return Outcome((column("v", "varchar"),), [((parameters or {})["v"],)], 1, has_result=True)
        return Outcome((column("user", "varchar"),), [(self.user,)], 1, has_result=True)

    def execute_batch(
        self,
        sqls: Sequence[str],
        on_progress: Callable[[int, Outcome | SqlError | None], None],
        parameters: Sequence[Mapping[str, str]],
    ) -> None:
        for number, sql in enumerate(sqls):
            on_progress(number, None)
            try:
                outcome = self.execute(sql, parameters[number])
            except SqlError as error:
                on_progress(number, error)
                raise
            on_progress(number, outcome)

    def cancel(self) -> None:
        self._cancelled.set()

    def forget_cancel(self) -> None:
        self._cancelled.clear()

    def close(self) -> None:
        pass


@dataclass
class ScriptedWarehouse:
    users: set[str] = field(default_factory=lambda: {"awsuser", "svc"})

    def has_user(self, name: str) -> bool:
        return name in self.users

    def create_user(self, name: str) -> None:
        self.users.add(name)

    def session(self, database: str, user: str) -> ScriptedSession:
        if database != "dev":
            raise SqlError(f'database "{database}" does not exist')
        if user not in self.users:
            raise SqlError(f'user "{user}" does not exist')
        return ScriptedSession(user)


@dataclass
class ScriptedGate:
    """One caller; denies the actions (or `action resource`) in `denied`."""

    caller: Caller
    denied: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def require(self, action: str, resource: str, service: str, context: Mapping[str, str] | None = None) -> None:
        self.asked.append((action, resource))
        if action in self.denied or f"{action} {resource}" in self.denied:
            raise ApiError("AccessDeniedException", f"{self.caller.arn} {action} {resource}")

    def secret(self, arn: str) -> str | None:
        return self.secrets.get(arn)


@dataclass
class Service:
    """The Data API without HTTP: `call` answers with the body, errors as (code, body)."""

    api: DataApi
    config: CloudConfig
    events: list[Any]

    def gate(self, name: str = "role/loader", session: str = "submit", **more: Any) -> ScriptedGate:
        account = self.config.account_id
        if name.startswith("role/"):
            arn = f"arn:aws:sts::{account}:assumed-role/{name.removeprefix('role/')}/{session}"
        else:
            arn = f"arn:aws:iam::{account}:{name}"
        return ScriptedGate(Caller(account, self.config.region, arn, f"AROA{name}:{session}"), **more)

    def call(self, operation: str, gate: ScriptedGate | None = None, **members: Any) -> dict[str, Any]:
        got = self.api.handle(operation, json.dumps(members).encode(), gate or self.gate())
        if isinstance(got, Waiting):
            asyncio.run(got.wait())
            got = got.answer()
        status, headers, body = got
        answer: dict[str, Any] = json.loads(body)
        if status != 200:
            assert headers["x-amzn-errortype"] == answer["__type"]
            answer["status"] = status
        return answer

    def execute(self, sql: str, gate: ScriptedGate | None = None, **members: Any) -> dict[str, Any]:
        if "WorkgroupName" not in members:
            members.setdefault("ClusterIdentifier", self.config.clusters[0])
        return self.call("ExecuteStatement", gate, Sql=sql, Database="dev", **members)

    def ended(self, statement_id: str, gate: ScriptedGate | None = None) -> dict[str, Any]:
        ended: dict[str, Any] = until(
            lambda: self.call("DescribeStatement", gate, Id=statement_id), lambda answer: answer["Status"] in ENDED
        )
        return ended


@pytest.fixture
def start() -> Iterator[Callable[..., Service]]:
    """Starts Data APIs with other settings."""
    started: list[Service] = []

    def start(**settings: Any) -> Service:
        config = CloudConfig(workers=10, **settings)
        events: list[Any] = []
        api = DataApi(ScriptedWarehouse(), config, events.append)  # type: ignore[arg-type]
        started.append(Service(api, config, events))
        return started[-1]

    yield start
    for one in started:
        one.api.stop()


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    return start()
