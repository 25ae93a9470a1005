"""What goes on while a function is killed: each scenario, and the AWS calls on its way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field
from itertools import count

from websockets.exceptions import InvalidStatus

from tests.e2e.cloud import until
from tests.e2e.gateway.client import Client, connect_client, unasked
from tests.e2e.gateway.gateways import CHANGED, Gateways, Stage

INVOKE, POST, CLOSE = "lambda:InvokeFunction", "execute-api:PostToConnection", "execute-api:DeleteConnection"
GET, PUT, UPDATE, DELETE, QUERY, TRANSACT = (
    f"dynamodb:{name}" for name in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "TransactWriteItems")
)
EXECUTE, DESCRIBE, RESULT, CANCEL = (
    f"redshift-data:{name}"
    for name in ("ExecuteStatement", "DescribeStatement", "GetStatementResult", "CancelStatement")
)
OPERATIONS = (GET, PUT, UPDATE, DELETE, QUERY, TRANSACT, EXECUTE, DESCRIBE, RESULT, CANCEL, INVOKE, POST, CLOSE)

CALLS: dict[str, tuple[str, dict[str, int]]] = {
    # What happens: the function, and how often it makes which call on its way.
    "query": ("socket", {GET: 6, TRANSACT: 1, UPDATE: 3, EXECUTE: 1}),
    "cancel": ("socket", {GET: 3, TRANSACT: 1, QUERY: 1, UPDATE: 1, CANCEL: 1}),
    "disconnect": ("socket", {UPDATE: 1, QUERY: 1, DELETE: 3, INVOKE: 1}),
    "completion": ("deliver", {UPDATE: 3, GET: 2, QUERY: 2, RESULT: 1, DESCRIBE: 1, POST: 2, TRANSACT: 1}),
    "completion, live": ("deliver", {UPDATE: 4, GET: 2, QUERY: 2, RESULT: 1, DESCRIBE: 1, POST: 2}),
    "data changed": ("deliver", {UPDATE: 4, QUERY: 2, GET: 5, EXECUTE: 1}),
    "deliver": ("deliver", {UPDATE: 1, GET: 3, QUERY: 2, RESULT: 1, DESCRIBE: 1, POST: 2, TRANSACT: 1}),
    "send": ("deliver", {POST: 1}),
    "sweep, run ended": ("deliver", {QUERY: 4, GET: 2, DESCRIBE: 1, UPDATE: 2, INVOKE: 1}),
    "sweep, run not started": ("deliver", {QUERY: 5, GET: 2, EXECUTE: 1, UPDATE: 1}),
    "sweep, connection ended": ("deliver", {QUERY: 5, GET: 2, CLOSE: 1, UPDATE: 1, DELETE: 3}),
    # Last, as it goes on telling a client that was never let in.
    "connect": ("socket", {PUT: 1, GET: 5, TRANSACT: 1, UPDATE: 3, EXECUTE: 1, INVOKE: 1}),
}
Happened = Callable[[], bool]
Watch = AbstractContextManager[Happened]


@dataclass
class Play:
    """A scenario being played: `watch` is entered when what may be killed begins, and tells when it has happened.

    `swept`: the sweep helps; without a kill all must go well without it.
    """

    gateways: Gateways
    watch: Watch
    swept: bool = True
    n: int = field(default_factory=unasked)

    def __post_init__(self) -> None:
        self.stage: Stage = self.gateways.open
        self._before = self._keys()

    def _keys(self) -> set[tuple[str, str]]:
        return {(item["pk"]["S"], item["sk"]["S"]) for item in self.stage.items()}

    def made(self, prefix: str) -> list[tuple[str, str]]:
        """Keys of items that this play made, whose partition (`Q#`, `C#`) or sort key (`W#`) starts so."""
        return [key for key in self._keys() - self._before if key[0].startswith(prefix) or key[1].startswith(prefix)]

    def gets_its_answer(self, client: Client, query: str, version: int = 0) -> None:
        """By what goes on by itself, by the sweep if it is known who waits, else by asking again."""

        looks = count()

        def answered() -> bool:
            client.up_to_now()
            if any(one.complete["version"] >= version for one in client.answers(repeated=True)):
                return True
            if self.swept and not self.made("W#"):
                client.ask(query, self.n)
            if next(looks) % 10 == 0:  # seldom, as letting time pass takes leases from those who are at work
                self.sweep()
            return False

        until(answered, "the answer")
        assert all(answer.rows[0][0] == self.n for answer in client.answers(repeated=True))

    def nothing_is_left(self) -> None:
        """All clients have left: of them and of what they asked only the question remains, which has a TTL."""

        def forgotten() -> bool:
            left = self._keys() - self._before
            if not any(key[0].startswith("C#") or key[1].startswith("W#") for key in left):
                return True
            if self.swept:
                self.stage.let_connections_end()
            self.sweep()
            return False

        until(forgotten, "the end of all that clients leave")

    def sweep(self) -> None:
        """So much later that it looks after everything."""
        if self.swept:
            self.stage.let_time_pass()
            self.stage.sweep()

    def statements(self) -> list[str]:
        """The runs that have a statement."""
        questions = [key[0].removeprefix("Q#") for key in self.made("Q#") if key[1] == "META"]
        return [one["StatementName"].rpartition("/")[2] for name in questions for one in self.stage.statements(name)]


def connect(play: Play) -> None:
    with ExitStack() as stack, play.watch as happened:
        with suppress(InvalidStatus):  # refused, when the function was killed
            first = stack.enter_context(connect_client(play.stage, f"query=one&n={play.n}"))
            first.wait(lambda said: said.get("type") == "accepted")
            first.ended("connect")
        until(happened)
    with connect_client(play.stage) as client:
        client.ask("one", play.n)
        play.gets_its_answer(client, "one")


def query(play: Play) -> None:
    with connect_client(play.stage) as client:
        with play.watch as happened:
            client.ask("one", play.n)
            until(happened)
        play.gets_its_answer(client, "one")


def cancel(play: Play) -> None:
    with connect_client(play.stage) as client:
        with play.gateways.held_up():
            client.ask("gated", play.n)
            with play.watch as happened:
                client.cancel()
                until(happened)
            client.ask("gated", play.n)
        play.gets_its_answer(client, "gated")


def disconnect(play: Play) -> None:
    with connect_client(play.stage) as stays:
        with play.gateways.held_up():
            stays.ask("gated", play.n)
            with connect_client(play.stage) as leaves:
                leaves.ask("gated", play.n)
                with play.watch as happened:
                    leaves.socket.close()
                    until(happened)
        play.gets_its_answer(stays, "gated")


def completion(play: Play, *, live: bool = False) -> None:
    with connect_client(play.stage) as client:
        with play.gateways.held_up():
            client.ask("gated", play.n, live=live)
            happened = play.watch.__enter__()
        until(happened)
        play.watch.__exit__(None, None, None)
        play.gets_its_answer(client, "gated")


def completion_live(play: Play) -> None:
    completion(play, live=True)


def data_changed(play: Play) -> None:
    with connect_client(play.stage) as client:
        client.ask("gated", play.n, live=True)
        before = client.ended()["version"]
        with play.gateways.held_up(), play.watch as happened:
            play.gateways.cloud.client("events").put_events(Entries=[CHANGED])
            until(happened)
        play.gets_its_answer(client, "gated", before + 1)


def deliver(play: Play) -> None:
    with connect_client(play.stage) as first, connect_client(play.stage) as client:
        first.ask("one", play.n)
        first.ended()
        until(lambda: not play.made("W#"), "the end of the first delivery")
        with play.watch as happened:
            client.ask("one", play.n)
            until(happened)
        play.gets_its_answer(client, "one")


def send(play: Play) -> None:
    with connect_client(play.stage) as client:
        connection = play.made("C#")[0][0].removeprefix("C#")
        message = {"type": "error", "id": "connect", "code": "bad_request", "message": "n: missing", "run": None}
        payload = {"action": "send", "connection": connection, "message": message, "connected_at": 0}
        with play.watch as happened:
            play.stage.invoke_async("deliver", payload)
            until(happened)
        assert client.wait(lambda said: said.get("type") == "error") == message


def sweep_run_ended(play: Play) -> None:
    with connect_client(play.stage) as client:
        with play.gateways.cloud.events("drop"):
            run = client.ask("one", play.n)["run"]
            until(lambda: play.stage.statements(run)[0]["Status"] == "FINISHED", "the end of the statement")
        play.stage.let_time_pass(sort_key="META")
        with play.watch as happened:
            play.stage.invoke("deliver", {"action": "sweep"})
            until(happened)
        play.gets_its_answer(client, "one")


def sweep_run_not_started(play: Play) -> None:
    socket = play.stage.outputs["function_names"]["socket"]
    with connect_client(play.stage) as client:
        with play.gateways.held_up():
            with play.gateways.cloud.kill(EXECUTE, function=socket):
                client.ask("gated", play.n)
            play.stage.let_time_pass(sort_key="META")
            with play.watch as happened:
                play.stage.invoke("deliver", {"action": "sweep"})
                until(happened)
            play.sweep()  # the statement runs already, if it was started
        play.gets_its_answer(client, "gated")


def sweep_connection_ended(play: Play) -> None:
    with play.gateways.held_up(), connect_client(play.stage) as client:
        client.ask("gated", play.n)
        play.stage.let_connections_end()
        with play.watch as happened:
            play.stage.invoke("deliver", {"action": "sweep"})
            until(happened)


SCENARIOS: dict[str, Callable[[Play], None]] = {
    "query": query,
    "cancel": cancel,
    "disconnect": disconnect,
    "completion": completion,
    "completion, live": completion_live,
    "data changed": data_changed,
    "deliver": deliver,
    "send": send,
    "sweep, run ended": sweep_run_ended,
    "sweep, run not started": sweep_run_not_started,
    "sweep, connection ended": sweep_connection_ended,
    "connect": connect,
}
