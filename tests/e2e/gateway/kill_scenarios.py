"""What goes on while a function is killed: each scenario, and the AWS calls on its way."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from websockets.exceptions import InvalidStatus

from tests.e2e.cloud import until
from tests.e2e.gateway.client import Client, connect_client, unasked
from tests.e2e.gateway.gateways import CHANGED, Gateways, Stage
from websocket_gateway.questions.data_versions import RECENT_SECONDS

INVOKE, SEND = "lambda:InvokeFunction", "sqs:SendMessage"
POST, CLOSE, LOOK = (f"execute-api:{name}" for name in ("PostToConnection", "DeleteConnection", "GetConnection"))
GET, PUT, UPDATE, DELETE, QUERY, BATCH = (
    f"dynamodb:{name}" for name in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "BatchWriteItem")
)
EXECUTE, DESCRIBE, RESULT, CANCEL = (
    f"redshift-data:{name}"
    for name in ("ExecuteStatement", "DescribeStatement", "GetStatementResult", "CancelStatement")
)
PUT_OBJECT, GET_OBJECT = "s3:PutObject", "s3:GetObject"
OPERATIONS = (
    *(GET, PUT, UPDATE, DELETE, QUERY, BATCH, EXECUTE, DESCRIBE, RESULT, CANCEL),
    *(PUT_OBJECT, GET_OBJECT, INVOKE, SEND, POST, CLOSE, LOOK),
)

CALLS: dict[str, tuple[str, dict[str, int]]] = {
    # What happens: the function, and how often it makes which call on its way.
    "query": ("socket", {GET: 6, BATCH: 1, QUERY: 1, UPDATE: 4, EXECUTE: 1}),
    "cancel": ("socket", {GET: 2, BATCH: 1, QUERY: 2, UPDATE: 1, CANCEL: 1}),
    "disconnect": ("socket", {UPDATE: 1, QUERY: 1, BATCH: 2, DELETE: 1, INVOKE: 1}),
    "completion": ("deliver", {UPDATE: 3, GET: 1, QUERY: 2, RESULT: 1, DESCRIBE: 1, POST: 1, PUT: 1, BATCH: 1}),
    "completion, live": ("deliver", {UPDATE: 3, GET: 1, QUERY: 2, RESULT: 1, DESCRIBE: 1, POST: 1, PUT: 1}),
    "completion, long answer": (
        "deliver",
        {UPDATE: 3, GET: 1, QUERY: 2, RESULT: 1, DESCRIBE: 1, POST: 1, PUT_OBJECT: 1, PUT: 1, BATCH: 1},
    ),
    "data changed": ("deliver", {UPDATE: 2, SEND: 1}),
    "turn": ("worker", {GET: 7, QUERY: 65, UPDATE: 4, EXECUTE: 1}),
    "deliver": ("deliver", {GET: 3, UPDATE: 1, POST: 1, BATCH: 1}),
    "deliver, long answer": ("deliver", {GET: 3, UPDATE: 1, GET_OBJECT: 1, POST: 1, BATCH: 1}),
    "send": ("deliver", {POST: 1}),
    "sweep, run ended": ("deliver", {QUERY: 256, GET: 3, DESCRIBE: 1, UPDATE: 3, INVOKE: 1, SEND: 1}),
    "sweep, run not started": ("deliver", {QUERY: 257, GET: 3, EXECUTE: 1, UPDATE: 2, SEND: 1}),
    "sweep, connection is there": ("deliver", {QUERY: 256, GET: 4, LOOK: 1, UPDATE: 2, SEND: 1}),
    "sweep, connection ended": ("deliver", {QUERY: 257, GET: 3, CLOSE: 1, UPDATE: 2, BATCH: 2, DELETE: 1, SEND: 1}),
    # Last, as it goes on telling a client that was never let in.
    "connect": ("socket", {PUT: 1, GET: 5, BATCH: 1, QUERY: 1, UPDATE: 4, EXECUTE: 1, INVOKE: 1}),
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
            if next(looks) % 10 == 9:  # seldom, as letting time pass takes leases from those who are at work
                self.sweep()
            return False

        until(answered, "the answer")
        assert all(answer.rows[0][0] == self.n for answer in client.answers(repeated=True))

    def nothing_is_left(self) -> None:
        """All clients have left: of them and of what they asked only the question remains, which has a TTL."""

        looks = count()

        def forgotten() -> bool:
            left = self._keys() - self._before
            is_left = any(key[0].startswith("C#") or key[1].startswith("W#") for key in left)
            # The next change of the data must not be left to a message that a killed function had.
            if not is_left and not self.stage.is_at_work():
                return True
            if self.swept and next(looks) % 10 == 9:
                self.stage.let_connections_end()
                self.sweep()
            return False

        until(forgotten, "the end of all that clients leave")

    def looks_again(self) -> None:
        """A function reads the data version again, which it remembers for a second."""
        time.sleep(RECENT_SECONDS)

    def pass_ends(self) -> None:
        """The pass that brought the first answer is over."""

        def ended() -> bool:
            (question,) = [key for key in self.made("Q#") if key[1] == "META"]
            item = self.stage.item(*question) or {}
            return "passed" in item and "pass_attempt" not in item

        until(ended, "the end of the first delivery")

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
    play.looks_again()
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
        play.looks_again()
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


def completion(play: Play, *, query: str = "gated", live: bool = False) -> None:
    with connect_client(play.stage) as client:
        with play.gateways.held_up():
            client.ask(query, play.n, live=live)
            happened = play.watch.__enter__()
        until(happened)
        play.watch.__exit__(None, None, None)
        play.gets_its_answer(client, query)


def data_changed(play: Play) -> None:
    with connect_client(play.stage) as client:
        client.ask("gated", play.n, live=True)
        before = client.ended()["version"]
        play.pass_ends()
        with play.gateways.held_up(), play.watch as happened:
            play.gateways.cloud.client("events").put_events(Entries=[CHANGED])
            until(happened)
        play.gets_its_answer(client, "gated", before + 1)


def deliver(play: Play, *, query: str = "one") -> None:
    with connect_client(play.stage) as first, connect_client(play.stage) as client:
        first.ask(query, play.n)
        first.ended()
        play.pass_ends()
        with play.watch as happened:
            client.ask(query, play.n)
            until(happened)
        play.gets_its_answer(client, query)


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


def sweep_connection_is_there(play: Play) -> None:
    with connect_client(play.stage) as client:
        play.stage.let_connections_be_checked()
        with play.watch as happened:
            play.stage.invoke("deliver", {"action": "sweep"})
            until(happened)
        client.ask("one", play.n)
        play.gets_its_answer(client, "one")


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
    "completion, live": partial(completion, live=True),
    "completion, long answer": partial(completion, query="long"),
    "data changed": data_changed,
    "turn": data_changed,
    "deliver": deliver,
    "deliver, long answer": partial(deliver, query="long"),
    "send": send,
    "sweep, run ended": sweep_run_ended,
    "sweep, run not started": sweep_run_not_started,
    "sweep, connection is there": sweep_connection_is_there,
    "sweep, connection ended": sweep_connection_ended,
    "connect": connect,
}
