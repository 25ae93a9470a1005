"""The world around the gateway's two functions: AWS in memory, clients and a clock."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.unit.websocket_gateway.asyncapi import check_reply
from tests.unit.websocket_gateway.fake_clients import Client, Stage
from tests.unit.websocket_gateway.fake_dynamodb import FakeDynamo, plain
from tests.unit.websocket_gateway.fake_s3 import Bucket
from tests.unit.websocket_gateway.fake_warehouse import Statement, Warehouse
from websocket_gateway import deliver_handler, parts, socket_handler, sweep, worker_handler
from websocket_gateway.answers import answer_store
from websocket_gateway.connections import connections, persons, tickets, waiters
from websocket_gateway.delivery import answer_delivery, deliverer, fan_out, holds, management_api, pass_delivery
from websocket_gateway.questions import (
    data_versions,
    passes,
    question_store,
    ranges,
    run_coordinator,
    run_slots,
    turns,
)
from websocket_gateway.storage import keys, table

TIMED = (
    answer_delivery,
    answer_store,
    connections,
    data_versions,
    deliverer,
    fan_out,
    holds,
    keys,
    pass_delivery,
    persons,
    passes,
    management_api,
    question_store,
    ranges,
    run_coordinator,
    run_slots,
    sweep,
    table,
    tickets,
    turns,
    waiters,
)
"""The modules that look at the clock."""

PREFIX = "taxi"
ENVIRONMENT = {
    "NAME_PREFIX": PREFIX,
    "TABLE": "gateway",
    "REDSHIFT_DATABASE": "dev",
    "REDSHIFT_CLUSTER": "warehouse",
    "MANAGEMENT_ENDPOINT": "https://api.example/live",
    "DELIVER_FUNCTION": "deliver",
    "ANSWERS_BUCKET": "answers",
    "WORK_QUEUE": "work",
    "AUTHORIZATION": "NONE",
    "ALLOWED_ORIGINS": '["*"]',
    "MAX_OPEN_REQUESTS": "10",
    "MAX_RUNNING_STATEMENTS": "100",
    "MAX_RUNNING_PER_PERSON": "20",
    "MAX_CONNECTIONS_PER_PERSON": "20",
    "MAX_STARTS_PER_PERSON": "60",
    "MAX_MESSAGE_BYTES": "32000",
    "GROUPS_CLAIM": "groups",
    "CLAIMS": '["groups", "sub", "tenant"]',
    "URL_CREDENTIALS": '["ticket"]',
    "VERSIONED": "true",
    "LOG_LEVEL": "ERROR",
}


class Clock:
    """What the functions know of time."""

    def __init__(self) -> None:
        self.now = 1_750_000_000.0
        self.paused: Callable[[], None] = lambda: None

    def time(self) -> float:
        return self.now

    def time_ns(self) -> int:
        return int(self.now * 1e9)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.paused()


class Calls:
    """A client whose calls can be watched, and cut."""

    def __init__(self, service: str, client: Any, cut: Callable[[str, Any], None]) -> None:
        self._service = service
        self._client = client
        self._cut = cut

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def call(**request: Any) -> Any:
            self._cut(f"{self._service}.{name}", request)
            return method(**request)

        return call


class Functions:
    """A `lambda` client; invocations wait until somebody runs them."""

    def __init__(self) -> None:
        self.waiting: list[dict[str, Any]] = []

    def invoke(self, **request: Any) -> None:
        assert request["InvocationType"] == "Event"
        self.waiting.append(json.loads(request["Payload"]))


class Queue:
    """An `sqs` client; messages wait until somebody takes them."""

    def __init__(self) -> None:
        self.waiting: list[dict[str, Any]] = []
        self.delayed: list[dict[str, Any]] = []
        """Those that come later than in a second."""

    def send_message_batch(self, **request: Any) -> Any:
        assert 0 < len(request["Entries"]) <= 10
        for entry in request["Entries"]:
            (self.delayed if entry["DelaySeconds"] > 1 else self.waiting).append(json.loads(entry["MessageBody"]))
        return {"Successful": request["Entries"]}


class Context:
    """Lambda's context."""

    aws_request_id = "req"

    def __init__(self, time_left: Callable[[], int] = lambda: 300_000) -> None:
        self.get_remaining_time_in_millis = time_left


def _parsed(text: str | None) -> object:
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError):
        return None


class World:
    """Everything; `cut` is called before each call to AWS."""

    def __init__(self, monkeypatch: Any, **environment: str) -> None:
        self.clock, self.dynamo, self.warehouse = Clock(), FakeDynamo(), Warehouse()
        self.stage, self.functions, self.bucket, self.queue = Stage(), Functions(), Bucket(), Queue()
        self.cut: Callable[[str, Any], None] = lambda *_: None
        for module in TIMED:
            monkeypatch.setattr(module, "time", self.clock)
        monkeypatch.setattr("relay.data_api.time", self.clock)
        for name, value in (ENVIRONMENT | environment).items():
            monkeypatch.setenv(name, value)
        clients = {
            "dynamodb": self.dynamo,
            "redshift-data": self.warehouse,
            "management": self.stage,
            "lambda": self.functions,
            "s3": self.bucket,
            "sqs": self.queue,
        }
        wrapped = {name: Calls(name, client, lambda *call: self.cut(*call)) for name, client in clients.items()}
        for module in (socket_handler, parts):
            monkeypatch.setattr(module, "default_dynamodb_client", lambda: wrapped["dynamodb"])
            monkeypatch.setattr(module, "default_lambda_client", lambda: wrapped["lambda"])
        monkeypatch.setattr(parts, "default_management_client", lambda _: wrapped["management"])
        monkeypatch.setattr(parts, "default_s3_client", lambda: wrapped["s3"])
        monkeypatch.setattr(parts, "default_sqs_client", lambda: wrapped["sqs"])
        monkeypatch.setattr(keys, "SPREAD", 2)
        # In the order of the asks, so that a seed is always the same storm.
        asks = itertools.count()
        monkeypatch.setattr("secrets.token_hex", lambda size: f"{next(asks):0{2 * size}x}")
        monkeypatch.setattr("relay.data_api.default_client", lambda: wrapped["redshift-data"])
        socket_handler._routes.cache_clear()
        parts.parts.cache_clear()
        self.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}})

    def publish(self, name: str, sql: str, parameters: dict[str, Any] | None = None, **more: Any) -> None:
        """Terraform writes a query into the catalog."""
        definition = {
            "sql": sql,
            "description": "",
            "parameters": parameters or {},
            "max_rows": 10_000,
            "timeout_seconds": 300,
            "max_age_seconds": None,
            "min_refresh_seconds": 0,
            "allowed_groups": [],
        } | more
        self.dynamo.items["CATALOG", name] = {
            "pk": {"S": "CATALOG"},
            "sk": {"S": name},
            "definition": {"S": json.dumps(definition)},
        }

    # What the world does to the functions.

    def deliver(self, event: dict[str, Any], **context: Any) -> dict[str, Any]:
        return deliver_handler.handle(event, Context(**context))

    def work(self, message: dict[str, Any], **context: Any) -> dict[str, Any]:
        """A worker gets a message of the queue."""
        return worker_handler.handle({"Records": [{"body": json.dumps(message)}]}, Context(**context))

    def socket(self, kind: str, connection: str, body: object = None, **event: Any) -> dict[str, Any]:
        context = {"eventType": kind, "routeKey": "$default", "connectionId": connection} | event.pop("context", {})
        text = body if isinstance(body, str | None) else json.dumps(body)
        response = socket_handler.handle({"requestContext": context, "body": text, **event}, Context())
        if kind == "MESSAGE":
            check_reply(_parsed(text), json.loads(response["body"]))
        return response

    def connect(self, name: str | None = None, **event: Any) -> Client:
        client = Client(name or f"c{len(self.stage.clients)}")
        self.stage.clients[client.id] = client
        assert self.socket("CONNECT", client.id, **event)["statusCode"] == 200
        return client

    def say(self, client: Client, **message: Any) -> dict[str, Any]:
        """A message, and its answer."""
        answer: dict[str, Any] = json.loads(self.socket("MESSAGE", client.id, message)["body"])
        return answer

    def ask(self, client: Client, request: str = "a", month: str = "2015-01", **more: Any) -> dict[str, Any]:
        start = len(client.inbox)
        answer = self.say(client, action="query", id=request, query="daily", params={"month": month}, **more)
        if answer["type"] == "accepted":
            client.open[request], client.accepted[request] = start, answer["run"]
        return answer

    def end(self, statement: Statement, status: str = "FINISHED") -> dict[str, Any]:
        """A statement ends; returns its event."""
        if statement.status == "STARTED":
            statement.status = status
        return statement.event()

    def end_running(self) -> Callable[[], Any]:
        """The one statement that runs ends; what is returned delivers its event."""
        (statement,) = self.warehouse.running()
        event = self.end(statement)
        return lambda: self.deliver(event)

    def finish(self, status: str = "FINISHED") -> None:
        """All running statements end, and their events are delivered."""
        for statement in self.warehouse.running():
            self.deliver(self.end(statement, status))
        self.drain()

    def drain(self) -> None:
        """Runs the waiting invocations and messages."""
        while self.functions.waiting or self.queue.waiting:
            if self.functions.waiting:
                self.deliver(self.functions.waiting.pop(0))
            else:
                self.work(self.queue.waiting.pop(0))

    def sweep(self, seconds: float = 60) -> None:
        self.clock.now += seconds
        self.queue.waiting += self.queue.delayed
        self.queue.delayed = []
        self.deliver({"action": "sweep"})
        self.drain()

    def forget_answers(self) -> None:
        """All kept answers are gone, as when TTL has deleted them."""
        for key in [key for key in self.dynamo.items if key[0].startswith("A#")]:
            del self.dynamo.items[key]

    def new_data(self, source: str = "") -> None:
        """Data changes, and everybody has their turn; what a function knows of versions is soon old."""
        self.change(source)
        self.take_turns()
        socket_handler._routes().versions._read_at = None

    def change(self, source: str = "") -> None:
        """Data changes; the messages that give everybody their turn wait."""
        event = {"detail-type": "Anything", "source": "dbt", "time": "2025-01-01T00:00:00Z"}
        self.deliver({"data_changed_by": source, "event": event} if source else event)

    def take_turns(self) -> None:
        """Works off the messages that visit live questions, once each."""
        while turns := [message for message in self.queue.waiting if message["action"] == "turn"]:
            self.queue.waiting.remove(turns[0])
            self.work(turns[0])

    def before(self, call: str, action: Callable[[], object], part: str = "") -> None:
        """Something happens before the next call of this name with this text in its request."""

        def cut(what: str, request: Any) -> None:
            if what == call and part in str(request):
                self.cut = lambda *_: None
                action()

        self.cut = cut

    # What there is to see.

    def found(self, pk: str, sk: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Items by the beginning of their keys, as plain values."""
        for (one, two), item in sorted(self.dynamo.items.items()):
            if one.startswith(pk) and two.startswith(sk):
                yield one, two, {name: plain(value) for name, value in item.items()}

    def meta(self) -> dict[str, Any]:
        """The state of the only question."""
        ((_, _, item),) = self.found("Q#", "META")
        return item

    def slots(self) -> list[str]:
        return next((item.get("slots", []) for _, _, item in self.found("RUNNING")), [])

    def version(self) -> int:
        return next((item["version"] for _, _, item in self.found("VERSION")), 0)

    def check_nothing_open(self) -> None:
        """No run in flight, no waiter without a request, counts right, nothing of a gone connection."""
        states = {item["state"] for _, _, item in self.found("Q#", "META")}
        assert states <= {"FINISHED", "FAILED", "ABORTED"}
        assert self.slots() == []
        self.check_counts()
        for _, sk, item in self.found("Q#", "W#"):
            assert item.get("live", "").startswith("live"), sk
            assert "pending" not in item, sk
        assert list(self.found("Q#", "P#")) == []
        for _, sk, item in self.found("Q#", "META"):
            assert not [name for name in item if name.startswith("pass_")], item
            assert "pending" not in item, sk

    def check_counts(self) -> None:
        """Both items of each waiter, and their connection."""
        connections = {pk.removeprefix("C#") for pk, _, _ in self.found("C#", "META")}
        requests = [(pk.removeprefix("C#"), *sk.split("#")[1:]) for pk, sk, _ in self.found("C#", "R#")]
        assert sorted(requests) == sorted(tuple(sk.split("#")[1:]) for _, sk, _ in self.found("Q#", "W#"))
        assert {connection for connection, *_ in requests} <= connections
