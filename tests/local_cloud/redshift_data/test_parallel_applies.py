"""Warehouse objects, applied by several invocations at once or killed at any call: each file runs once.

The function itself runs in threads, against the Data API on a real engine, under each isolation level of Redshift.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.redshift.warehouse import Warehouse
from local_cloud.redshift_data.caller import Caller
from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.data_api import DataApi as LocalDataApi
from relay.data_api import DataApi
from relay.settings import Target
from tests.local_cloud.redshift.conftest import Objects
from tests.local_cloud.redshift_data.conftest import ScriptedGate
from tests.unit.fake_context import FakeContext
from warehouse_objects.apply import Request, apply_objects
from warehouse_objects.runner import ObjectsFailed, Runner

# Redshift's SNAPSHOT is PostgreSQL's REPEATABLE READ: one snapshot a transaction, write skew is possible.
ISOLATIONS = ["repeatable read", "serializable"]
_NUMBERS = itertools.count(1)


class Killed(BaseException):
    """Lambda ended the invocation."""


class Client:
    """A `redshift-data` client without HTTP, which may die before or after it starts its n-th statement."""

    def __init__(self, api: LocalDataApi, *, starts: int | None = None, before: bool = False) -> None:
        self._api = api
        self._starts = starts
        self._before = before
        self._gate = ScriptedGate(Caller("0" * 12, "us-east-1", f"arn:aws:iam::{'0' * 12}:user/x", "AIDA"))

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        operation = "".join(word.capitalize() for word in method.split("_"))
        return lambda **request: self._call(operation, request)

    def _call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation.endswith("ExecuteStatement") and self._starts is not None:
            self._starts -= 1
            if self._starts == 0 and self._before:
                raise Killed
        status, _, body = self._api.handle(operation, json.dumps(request).encode(), self._gate)
        answer: dict[str, Any] = json.loads(body)
        if status != 200:
            error: Any = {"Code": answer["__type"], "Message": answer.get("Message") or answer.get("message", "")}
            raise ClientError({"Error": error}, operation)
        if self._starts == 0:
            raise Killed
        return answer


@dataclass
class Deployment:
    """Files over tables of their own, with a history of their own."""

    api: LocalDataApi
    number: int = field(default_factory=lambda: next(_NUMBERS))

    @property
    def files(self) -> list[dict[str, str]]:
        """DDL, inserts that would be seen twice, and files outside of a transaction."""
        table = f"t{self.number}"
        return [
            {"name": "V1__t.sql", "sql": f"CREATE TABLE {table} (file VARCHAR(9))"},
            {"name": "V2__x.sql", "sql": f"INSERT INTO {table} VALUES ('V2')"},
            {"name": "V3__x.sql", "sql": f"-- transaction: none\nINSERT INTO {table} VALUES ('V3')"},
            {"name": "V4__x.sql", "sql": f"INSERT INTO {table} SELECT 'V4'"},
            {"name": "R__x.sql", "sql": f"INSERT INTO {table} VALUES ('R')"},
            {"name": "R__y.sql", "sql": f"-- transaction: none\nINSERT INTO {table} VALUES ('R y')"},
        ]

    ONCE = ("R", "R y", "V2", "V3", "V4")

    def apply(self, files: list[dict[str, str]] | None = None, **client: Any) -> list[str]:
        """One invocation."""
        event = {"files": self.files if files is None else files, "history_table": f"public.h{self.number}"}
        return apply_objects(self._data_api(**client), Request.parse(event, "taxi"), FakeContext()).ran

    def ran(self) -> list[str]:
        """The files that wrote, once for each time that they ran."""
        return [str(row["file"]) for row in self.query(f"SELECT file FROM t{self.number} ORDER BY file")]

    def history(self) -> list[tuple[object, ...]]:
        """The rows of the history: file and whether it is still begun."""
        return [tuple(row.values()) for row in self.query(f"SELECT file, begun FROM h{self.number} ORDER BY file")]

    def query(self, sql: str) -> list[dict[str, object]]:
        return Runner(self._data_api(), "taxi", FakeContext()).query(sql)

    def _data_api(self, **client: Any) -> DataApi:
        return DataApi(Target("dev", cluster="relay-demo", user="awsuser"), Client(self.api, **client))  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=ISOLATIONS)
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDataApi]:
    warehouse = Warehouse.start(tmp_path_factory.mktemp("warehouse"), read_s3=Objects())
    with warehouse._engine.admin("template1") as connection:
        connection.execute(f"ALTER DATABASE dev SET default_transaction_isolation = '{request.param}'".encode())
    api = LocalDataApi(warehouse, CloudConfig(), lambda _event: None)
    yield api
    api.stop()
    warehouse.stop()


@pytest.fixture
def objects(api: LocalDataApi) -> Deployment:
    return Deployment(api)


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    """Results or errors of threads that begin together."""
    barrier = Barrier(count)

    def run(_: int) -> Any:
        barrier.wait(30)
        try:
            return work()
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.parametrize("count", [2, 10])
def test_each_file_runs_once(count: int, objects: Deployment) -> None:
    results = at_once(count, objects.apply)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert objects.ran() == list(objects.ONCE)
    assert objects.history() == [(name, None) for name in sorted(file["name"] for file in objects.files)]
    assert objects.apply() == []


@pytest.mark.parametrize("count", [2, 10])
def test_a_file_that_is_there_and_changes_runs_once(count: int, objects: Deployment) -> None:
    objects.apply()
    changed = [file | {"sql": file["sql"] + " -- 2"} if file["name"][0] == "R" else file for file in objects.files]
    results = at_once(count, lambda: objects.apply(changed))
    assert [result for result in results if isinstance(result, Exception)] == []
    assert objects.ran() == sorted([*objects.ONCE, "R", "R y"])


def test_a_file_that_fails_for_all_leaves_nothing(objects: Deployment) -> None:
    broken = [*objects.files[:2], {"name": "V5__x.sql", "sql": "SELECT no_such FROM nothing"}]
    results = at_once(5, lambda: objects.apply(broken))
    assert all(isinstance(result, ObjectsFailed) and "V5__x.sql: " in str(result) for result in results), results
    assert objects.history() == []


@pytest.mark.parametrize("before", [True, False], ids=["before it starts", "after it starts"])
def test_an_apply_that_is_killed_at_any_statement_is_continued(before: bool, api: LocalDataApi) -> None:
    """The next one starts at once, while the statement of the first may still run."""
    for starts in itertools.count(1):
        objects = Deployment(api)
        try:
            objects.apply(starts=starts, before=before)
        except Killed:
            objects.apply()
            assert objects.ran() == list(objects.ONCE), starts
        else:
            assert starts > 10  # each statement of an apply was tried
            return
