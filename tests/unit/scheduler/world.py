"""Everything around the scheduler function: a table, Redshift, the bus, the timers; handlers run in any order.

The table is the gateway's in-memory DynamoDB, which a test of its own holds to moto.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from relay.data_api import DataApi
from relay.settings import Target
from scheduler import handler, service
from scheduler.loads.definition import Definition
from scheduler.settings import Settings
from scheduler.state.occurrence import Occurrence, State
from scheduler.state.store import Store
from scheduler.state.table import Table
from tests.unit.fake_context import FakeContext
from tests.unit.fake_data_api import FakeDataApi
from tests.unit.websocket_gateway.fake_dynamodb import FakeDynamo
from tests.unit.websocket_gateway.interleaving import Scheduler, cut

PREFIX = "taxi"


class Client:
    """A client whose every call is a place where other handlers may go on, or where this one ends."""

    def __init__(self, service: str, client: Any) -> None:
        self._service = service
        self._client = client

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        make = getattr(self._client, operation)

        def call(**request: Any) -> Any:
            cut(self._service, request | {"operation": operation})
            answer = make(**request)
            cut(self._service, {"after": operation})
            return answer

        return call


class Bus:
    """The event bus: what was put, in order."""

    def __init__(self) -> None:
        self.put: list[tuple[str, dict[str, Any]]] = []
        self.down = False

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        if self.down:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "try later"}]}
        (entry,) = Entries
        assert (entry["Source"], entry["EventBusName"]) == ("redshift-relay", "default")
        self.put.append((entry["DetailType"], json.loads(entry["Detail"])))
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


class Queue:
    """The queue of timers."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == "https://sqs/timers"
        assert 0 <= DelaySeconds <= 900
        self.sent.append(json.loads(MessageBody) | {"delay": DelaySeconds})
        return {"MessageId": "1"}


class World:
    """Loads are defined by `define`; each method that runs a handler returns its answer."""

    def __init__(self) -> None:
        self.dynamo = FakeDynamo()
        self.redshift = FakeDataApi()
        self.bus = Bus()
        self.queue = Queue()
        self.store = Store(Table(self.dynamo, "loads"))  # type: ignore[arg-type]

    # --- what there is

    def define(self, name: str, sql: str = "", **more: Any) -> None:
        """Writes a definition as Terraform does."""
        given: dict[str, Any] = {
            "sql": sql or f"CALL {name}()",
            "statements": None,
            "uses": [],
            "parameters": {},
            "events": {},
            "after": [],
            "files": None,
            "lane": "default",
            "overlap": "latest",
            "timeout_minutes": 360,
            "retries": 2,
            "warn_after_minutes": None,
            "expected_every_hours": None,
        }
        assert not set(more) - set(given)
        item = {"pk": {"S": "DEFINITION"}, "sk": {"S": name}, "definition": {"S": json.dumps(given | more)}}
        self.dynamo.put_item(Item=item)
        assert isinstance(self.store.definition(name), Definition)

    def remove(self, name: str) -> None:
        """Terraform removes a load."""
        del self.dynamo.items["DEFINITION", name]

    def occurrence(self, load: str, occurrence: str) -> Occurrence:
        found = self.store.occurrence(load, occurrence)
        assert found is not None
        return found

    def state(self, load: str, occurrence: str) -> State:
        return self.occurrence(load, occurrence).state

    def head(self, lane: str = "default") -> str | None:
        return self.store.lane(lane).head

    def waiting(self, lane: str = "default") -> list[str]:
        return ["/".join(entry) for entry in self.store.queue(lane)]

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        return [detail for detail_type, detail in self.bus.put if kind in detail_type]

    def started(self) -> list[str]:
        """Names of all statements that Redshift has accepted, in order."""
        return [known.name for known in self.redshift.statements.values()]

    def running(self) -> list[str]:
        alive = ("SUBMITTED", "PICKED", "STARTED")
        return [known.name for known in self.redshift.statements.values() if known.status in alive]

    # --- what happens

    def handle(self, event: object, request_id: str | None = None) -> Any:
        """Invokes the function."""
        return handler.handle(event, FakeContext(request_id or uuid.uuid4().hex))

    def schedule(self, load: str, due: str, trigger: str = "nightly") -> Any:
        return self.handle({"action": "schedule", "load": load, "trigger": trigger, "scheduled_time": due})

    def event(self, load: str, event: dict[str, Any], trigger: str = "dbt") -> Any:
        return self.handle({"action": "event", "load": load, "trigger": trigger, "event": event})

    def run(self, load: str, occurrence: str, **more: Any) -> Any:
        return self.handle({"action": "run", "load": load, "occurrence": occurrence, **more})

    def sweep(self) -> Any:
        return self.handle({"action": "sweep"})

    def ends(self, name: str, status: str = "FINISHED", error: str = "", **facts: Any) -> dict[str, Any]:
        """A statement ends in Redshift; returns its completion event, which nobody has received yet."""
        known = next(known for known in self.redshift.statements.values() if known.name == f"{PREFIX}/load/{name}")
        known.status, known.error, known.updated_at = status, error, datetime.now(UTC)
        for fact, value in facts.items():
            setattr(known, fact, value)
        return {
            "source": "aws.redshift-data",
            "detail-type": "Redshift Data Statement Status Change",
            "detail": {
                "principal": "arn:aws:sts::123456789012:assumed-role/taxi-statements/taxi-scheduler",
                "statementName": known.name,
                "statementId": known.id,
                "state": status,
            },
        }

    def end(self, name: str, status: str = "FINISHED", error: str = "", **facts: Any) -> Any:
        """A statement ends, and its event arrives."""
        return self.handle(self.ends(name, status, error, **facts))

    def look(self, lane: str = "default") -> None:
        """A timer looks after a lane."""
        body = json.dumps({"action": "timer", "kind": "look", "lane": lane, "due": 0})
        assert self.handle({"Records": [{"messageId": "m", "body": body}]}) == {"batchItemFailures": []}

    def ring(self) -> None:
        """All timers ring now."""
        due, self.queue.sent = self.queue.sent, []
        for timer in due:
            body = json.dumps({**timer, "due": 0})
            answer = self.handle({"Records": [{"messageId": "m", "body": body}]})
            assert answer == {"batchItemFailures": []}

    def age(self, load: str, occurrence: str, **length: Any) -> None:
        """Makes a claim older."""
        found = self.occurrence(load, occurrence)
        past = (datetime.now(UTC) - timedelta(**length)).isoformat(timespec="milliseconds")
        key = (f"LOAD#{load}", f"O#{occurrence}")
        aged = replace(found, claimed_at=past, not_before=None).to_item()
        self.dynamo.items[key]["body"] = {"S": aged["body"]}

    @contextmanager
    def installed(self, monkeypatch: Any) -> Iterator[World]:
        """Handlers use this world meanwhile."""
        settings = Settings(PREFIX, "default", "loads", "https://sqs/timers", Target("dev", cluster="warehouse"))
        monkeypatch.setattr(handler, "_settings", lambda: settings)
        monkeypatch.setattr(service, "default_dynamodb_client", lambda: Client("dynamodb", self.dynamo))
        monkeypatch.setattr(service, "default_sqs_client", lambda: Client("sqs", self.queue))
        monkeypatch.setattr(service, "default_events_client", lambda: Client("events", self.bus))
        monkeypatch.setattr(
            service,
            "DataApi",
            lambda target: DataApi(target, Client("redshift-data", self.redshift)),  # type: ignore[arg-type]
        )
        yield self


_TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def due(days_ago: int) -> str:
    """A scheduled time, as EventBridge Scheduler writes it."""
    return f"{_TODAY - timedelta(days=days_ago):%Y-%m-%dT%H:%M:%SZ}"


def seeds(count: int) -> range:
    return range(count)


def interleaved(seed: int, *works: Callable[[], object], kill: float = 0.0) -> Scheduler:
    """Runs handlers together, in an order that the seed decides; with `kill`, some end in the middle."""
    scheduler = Scheduler(random.Random(seed))  # noqa: S311 - repeats a test
    for number, work in enumerate(works):
        scheduler.start(str(number), work)
    while scheduler.tasks:
        scheduler.step(kill)
    return scheduler
