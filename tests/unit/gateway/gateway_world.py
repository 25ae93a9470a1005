"""The world around the gateway's two functions: AWS in memory, clients that remember what they got, and a clock."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from described import check_of_server, check_reply
from gateway_dynamo import FakeDynamo, plain

from websocket_gateway import (
    deliver,
    deliver_handler,
    delivery,
    push,
    questions,
    runs,
    socket_handler,
    sweep,
    table,
    tickets,
    waiters,
)

PREFIX = "taxi"
ENVIRONMENT = {
    "NAME_PREFIX": PREFIX,
    "TABLE": "gateway",
    "REDSHIFT_DATABASE": "dev",
    "REDSHIFT_CLUSTER": "warehouse",
    "MANAGEMENT_ENDPOINT": "https://api.example/live",
    "DELIVER_FUNCTION": "deliver",
    "AUTHORIZATION": "NONE",
    "ALLOWED_ORIGINS": '["*"]',
    "MAX_OPEN_REQUESTS": "10",
    "MAX_MESSAGE_BYTES": "32000",
    "GROUPS_CLAIM": "groups",
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


def refusal(status: int, code: str) -> ClientError:
    """An error of AWS."""
    response = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Operation")  # type: ignore[arg-type]


@dataclass
class Statement:
    """A statement of the warehouse."""

    id: str
    name: str
    sql: str
    rows: list[list[Any]]
    status: str = "STARTED"
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def question(self) -> str:
        return self.name.split("/")[-1].split(".")[0]

    def event(self) -> dict[str, Any]:
        """Its completion event."""
        detail = {"statementId": self.id, "statementName": self.name, "state": self.status}
        return {"detail-type": "Redshift Data Statement Status Change", "source": "aws.redshift-data", "detail": detail}


class Warehouse:
    """A `redshift-data` client; a statement ends when it is told to."""

    def __init__(self) -> None:
        self.statements: dict[str, Statement] = {}
        self.rows: Callable[[Statement], list[list[Any]]] = lambda statement: [[n, statement.id] for n in range(5)]
        self.page = 2
        self.most_at_once = 0
        self.trouble: dict[str, list[Exception]] = {}
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()

    def check(self, operation: str) -> None:
        if self.trouble.get(operation):
            raise self.trouble[operation].pop(0)

    def execute_statement(self, **request: Any) -> Any:
        with self._lock:
            self.check("execute_statement")
            token = request["ClientToken"]
            assert len(token) <= 64
            assert request["WithEvent"]
            if token not in self._tokens:
                parameters = {one["name"]: one["value"] for one in request.get("Parameters", [])}
                statement = Statement(
                    str(uuid.uuid4()), request["StatementName"], request["Sql"], [], parameters=parameters
                )
                statement.rows = self.rows(statement)
                self.statements[statement.id] = statement
                self._tokens[token] = statement.id
                at_once = [one for one in self.running() if one.question == statement.question]
                self.most_at_once = max(self.most_at_once, len(at_once))
            return {"Id": self._tokens[token]}

    def describe_statement(self, **request: Any) -> Any:
        self.check("describe_statement")
        statement = self._found(request["Id"])
        return {"Id": statement.id, "Status": statement.status, "Duration": 1_500_000_000}

    def get_statement_result(self, **request: Any) -> Any:
        self.check("get_statement_result")
        rows, start = self._found(request["Id"]).rows, int(request.get("NextToken", 0))
        end = start + self.page
        kinds = {str: "stringValue", int: "longValue", float: "doubleValue", bool: "booleanValue"}
        answer = {
            "ColumnMetadata": [{"name": "n", "typeName": "int8"}, {"name": "statement", "typeName": "varchar"}],
            "Records": [
                [{"isNull": True} if cell is None else {kinds[type(cell)]: cell} for cell in row]
                for row in rows[start:end]
            ],
        }
        return answer | ({"NextToken": str(end)} if end < len(rows) else {})

    def cancel_statement(self, **request: Any) -> Any:
        with self._lock:
            self.check("cancel_statement")
            statement = self._found(request["Id"])
            if statement.status != "STARTED":
                raise refusal(400, "ValidationException")
            statement.status = "ABORTED"
            return {"Status": True}

    def _found(self, statement_id: str) -> Statement:
        if statement_id not in self.statements:
            raise refusal(400, "ResourceNotFoundException")
        return self.statements[statement_id]

    def running(self) -> list[Statement]:
        return [one for one in self.statements.values() if one.status == "STARTED"]


@dataclass
class Client:
    """A browser: what it asked and what came; it drops rows that it has, by their number."""

    id: str
    connected: bool = True
    inbox: list[dict[str, Any]] = field(default_factory=list)
    open: dict[str, int] = field(default_factory=dict)
    """Where in the inbox the answers to a request begin; cancelled ones are not here."""

    def of(self, request: str) -> list[dict[str, Any]]:
        start = self.open.get(request, 0)
        return [one for one in self.inbox[start:] if one["id"] == request and one["type"] != "accepted"]

    def ends(self, request: str) -> list[dict[str, Any]]:
        return [one for one in self.of(request) if one["type"] in ("complete", "error")]

    def answer(self, request: str) -> list[list[Any]]:
        """The rows of the last answer, which must be complete."""
        end = self.ends(request)[-1]
        assert end["type"] == "complete", end
        rows: dict[int, list[Any]] = {}
        for one in self.of(request):
            if one["type"] == "rows" and one["run"] == end["run"]:
                rows |= dict(enumerate(one["rows"], one["first_row"]))
        assert sorted(rows) == list(range(end["rows"])), (request, sorted(rows), end)
        return [rows[n] for n in range(end["rows"])]


class Stage:
    """An `apigatewaymanagementapi` client."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.trouble: Callable[[str], int] = lambda connection: 0
        """A status to refuse a message with."""

    def post_to_connection(self, **request: Any) -> None:
        assert len(request["Data"]) <= 128 * 1024
        client = self.clients.get(request["ConnectionId"])
        if client is None or not client.connected:
            raise refusal(410, "GoneException")
        if status := self.trouble(client.id):
            raise refusal(status, {429: "LimitExceededException", 403: "ForbiddenException"}.get(status, "Trouble"))
        message = json.loads(request["Data"])
        check_of_server(message)
        client.inbox.append(message)

    def delete_connection(self, **request: Any) -> None:
        client = self.clients.get(request["ConnectionId"])
        if client is None or not client.connected:
            raise refusal(410, "GoneException")
        client.connected = False


class Functions:
    """A `lambda` client; invocations wait until somebody runs them."""

    def __init__(self) -> None:
        self.waiting: list[dict[str, Any]] = []

    def invoke(self, **request: Any) -> None:
        assert request["InvocationType"] == "Event"
        self.waiting.append(json.loads(request["Payload"]))


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
        self.stage, self.functions = Stage(), Functions()
        self.cut: Callable[[str, Any], None] = lambda *_: None
        for module in (deliver, delivery, push, questions, runs, sweep, table, tickets, waiters):
            monkeypatch.setattr(module, "time", self.clock)
        monkeypatch.setattr("relay.data_api.time", self.clock)
        for name, value in (ENVIRONMENT | environment).items():
            monkeypatch.setenv(name, value)
        clients = {
            "dynamodb": self.dynamo,
            "redshift-data": self.warehouse,
            "management": self.stage,
            "lambda": self.functions,
        }
        wrapped = {name: Calls(name, client, lambda *call: self.cut(*call)) for name, client in clients.items()}
        for module in (socket_handler, deliver_handler):
            monkeypatch.setattr(module, "default_dynamodb_client", lambda: wrapped["dynamodb"])
            monkeypatch.setattr(module, "default_lambda_client", lambda: wrapped["lambda"])
        monkeypatch.setattr(deliver_handler, "client_for", lambda _: wrapped["management"])
        monkeypatch.setattr("relay.data_api.default_client", lambda: wrapped["redshift-data"])
        socket_handler._routes.cache_clear()
        deliver_handler._parts.cache_clear()
        self.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}})

    def publish(self, name: str, sql: str, parameters: dict[str, Any] | None = None, **more: Any) -> None:
        """Terraform writes a query into the catalogue."""
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
        self.dynamo.items["CATALOGUE", name] = {
            "pk": {"S": "CATALOGUE"},
            "sk": {"S": name},
            "definition": {"S": json.dumps(definition)},
        }

    # What the world does to the functions.

    def deliver(self, event: dict[str, Any], **context: Any) -> dict[str, Any]:
        return deliver_handler.handle(event, Context(**context))

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
        client.open[request] = len(client.inbox)
        return self.say(client, action="query", id=request, query="daily", params={"month": month}, **more)

    def end(self, statement: Statement, status: str = "FINISHED") -> dict[str, Any]:
        """A statement ends; returns its event."""
        if statement.status == "STARTED":
            statement.status = status
        return statement.event()

    def finish(self, status: str = "FINISHED") -> None:
        """All running statements end, and their events are delivered."""
        for statement in self.warehouse.running():
            self.deliver(self.end(statement, status))
        self.drain()

    def drain(self) -> None:
        """Runs the waiting invocations."""
        while self.functions.waiting:
            self.deliver(self.functions.waiting.pop(0))

    def sweep(self, seconds: float = 60) -> None:
        self.clock.now += seconds
        self.deliver({"action": "sweep"})
        self.drain()

    def new_data(self) -> None:
        self.deliver({"detail-type": "Anything", "source": "dbt", "time": "2025-01-01T00:00:00Z"})

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

    def version(self) -> int:
        return next((item["version"] for _, _, item in self.found("VERSION")), 0)

    def check_nothing_open(self) -> None:
        """No run in flight, no waiter without a request, counts right, nothing of a gone connection."""
        states = {item["state"] for _, _, item in self.found("Q#", "META")}
        assert states <= {"FINISHED", "FAILED", "ABORTED"}
        self.check_counts()
        for _, sk, item in self.found("Q#", "W#"):
            assert item.get("live") == "yes", sk

    def check_counts(self) -> None:
        """Both items of each waiter, and how many a connection has."""
        connections = {pk.removeprefix("C#"): item for pk, _, item in self.found("C#", "META")}
        requests = [(pk.removeprefix("C#"), sk.removeprefix("R#")) for pk, sk, _ in self.found("C#", "R#")]
        assert sorted(requests) == sorted(tuple(sk.split("#")[1:]) for _, sk, _ in self.found("Q#", "W#"))
        assert {connection for connection, _ in requests} <= set(connections)
        for name, item in connections.items():
            assert item["open"] == len([1 for connection, _ in requests if connection == name]), name
