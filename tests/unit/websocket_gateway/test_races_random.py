"""Handlers in random interleavings, killed anywhere, events lost or doubled: at most three sweeps make all good.

scripts/test --all runs more of them, and with RACE_SEEDS=5000 still more.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.unit.websocket_gateway.fake_clients import Client
from tests.unit.websocket_gateway.fake_warehouse import Statement, refusal
from tests.unit.websocket_gateway.interleaving import Scheduler, cut, one_after_the_other
from tests.unit.websocket_gateway.world import World
from websocket_gateway.delivery import pass_delivery

SEEDS = int(os.environ.get("RACE_SEEDS", "500"))
FEW = 50
"""Seeds of a plain run; the others are more of the same."""
MONTHS = ("2015-01", "2015-02")
LIFE = 3 * 3600


@dataclass
class Fact:
    """What a client knows of a request. `sure` if it must have its answer: accepted, and not cancelled since."""

    client: Client
    request: str
    month: str
    live: bool
    start: int = 0
    asks: int = 0
    cancels: int = 0
    cancelling: int = 0
    sure: bool = False


class Storm:
    """Clients, events and functions, at random."""

    def __init__(self, world: World, seed: int, kill: float, fail: float) -> None:
        self.world, self.rng, self.kill = world, random.Random(seed), kill  # noqa: S311
        self.fail = fail
        self.scheduler = Scheduler(self.rng)
        self.asked: dict[str, Fact] = {}
        world.cut = cut
        world.dynamo.lag = lambda: self.rng.random() < 0.3
        world.warehouse.rows = self._rows
        world.warehouse.check = self._throttle
        world.stage.trouble = lambda _: self.rng.choice((403, 429, 500)) if self.rng.random() < self.fail else 0

    def _rows(self, statement: Statement) -> list[list[Any]]:
        return [[n, statement.name] for n in range(self.rng.choice((0, 1, 3, 5)))]

    def _throttle(self, _operation: str) -> None:
        if self.rng.random() < self.fail:
            raise refusal(400, self.rng.choice(("ThrottlingException", "InternalServerException")))

    # What happens.

    def connect(self) -> None:
        if len(self.world.stage.clients) < 5:
            client = Client(f"c{len(self.world.stage.clients)}")
            self.world.stage.clients[client.id] = client
            # A killed $connect refuses the client; here it just never asks.
            self.scheduler.start("connect", lambda: self._connected(client))

    def _connected(self, client: Client) -> None:
        self.world.socket("CONNECT", client.id)
        client.inbox.append({"type": "hello", "id": None})

    def _client(self) -> Client | None:
        return self.rng.choice(
            [one for one in self.world.stage.clients.values() if one.connected and one.inbox] or [None]
        )

    def ask(self) -> None:
        """Asks something, sometimes for the second time."""
        if client := self._client():
            known = [fact for fact in self.asked.values() if fact.client is client]
            if known and self.rng.random() < 0.3:
                fact = self.rng.choice(known)
            else:
                fact = Fact(client, f"r{len(self.asked)}", self.rng.choice(MONTHS), self.rng.random() < 0.4)
                self.asked[fact.request] = fact
            self.scheduler.start("ask", lambda: self._ask(fact))

    def _ask(self, fact: "Fact") -> None:
        start, cancels, clean = len(fact.client.inbox), fact.cancels, fact.cancelling == 0
        fact.asks += 1
        message = {"query": "daily", "params": {"month": fact.month}, "live": fact.live}
        answer = self.world.say(fact.client, action="query", id=fact.request, **message)
        if answer["type"] == "accepted":
            fact.client.accepted[fact.request] = answer["run"]
            if clean and cancels == fact.cancels:
                fact.sure, fact.start = True, start
        else:
            assert answer["code"] == "signed_out", answer

    def cancel(self) -> None:
        if known := [fact for fact in self.asked.values() if fact.client.connected]:
            fact = self.rng.choice(known)
            self.scheduler.start("cancel", lambda: self._cancel(fact))

    def _cancel(self, fact: "Fact") -> None:
        fact.sure = False
        fact.cancels += 1
        fact.cancelling += 1
        self.world.say(fact.client, action="cancel", id=fact.request)
        fact.cancelling -= 1

    def leave(self) -> None:
        if (client := self._client()) and self.rng.random() < 0.4:
            client.connected = False
            if self.rng.random() < 0.7:
                self.scheduler.start("disconnect", lambda: self.world.socket("DISCONNECT", client.id))

    def end(self) -> None:
        if running := self.world.warehouse.running():
            statement = self.rng.choice(running)
            event = self.world.end(statement, self.rng.choice(("FINISHED",) * 4 + ("FAILED", "ABORTED")))
            for _ in range(self.rng.choice((0, 1, 1, 1, 2, 2))):
                self.scheduler.start("completed", lambda: self.world.deliver(event))

    def invoke(self) -> None:
        if self.world.functions.waiting:
            event = self.world.functions.waiting.pop(self.rng.randrange(len(self.world.functions.waiting)))
            for _ in range(self.rng.choice((1, 1, 1, 2))):
                self.scheduler.start("invoked", lambda: self.world.deliver(event))

    def work(self) -> None:
        """A worker gets a message, sometimes one that another has got too."""
        if self.world.queue.waiting:
            message = self.world.queue.waiting.pop(self.rng.randrange(len(self.world.queue.waiting)))
            for _ in range(self.rng.choice((1, 1, 1, 2))):
                self.scheduler.start("worked", lambda: self.world.work(message))

    def data(self) -> None:
        if self.rng.random() < 0.3:
            self.scheduler.start("data", self.world.change)

    def sweep(self) -> None:
        if self.rng.random() < 0.1:
            self.scheduler.start("sweep", lambda: self.world.deliver({"action": "sweep"}))

    # How it ends.

    def run(self, steps: int = 250) -> None:
        events: tuple[Callable[[], None], ...] = (
            self.connect, self.ask, self.ask, self.ask, self.cancel, self.leave, self.end, self.end, self.invoke,
            self.invoke, self.work, self.work, self.data, self.sweep,
        )  # fmt: skip
        for _ in range(steps):
            if len(self.scheduler.tasks) < 4 and self.rng.random() < 0.4:
                self.rng.choice(events)()
            elif self.scheduler.tasks:
                self.scheduler.step(self.kill)
        self.scheduler.finish()
        if self.fail:
            self.fail = 0.0
        else:
            assert self.scheduler.errors == []
        self.world.cut = lambda *_: None
        self.world.dynamo.lag = lambda: False
        if self.rng.random() < 0.5:
            self.world.functions.waiting.clear()
            self.world.queue.waiting.clear()
        self.world.drain()
        for _ in range(3):
            self.statements_end()
            self.world.sweep()

    def statements_end(self) -> None:
        """All statements end, and nobody hears of it."""
        for statement in self.world.warehouse.running():
            self.world.end(statement)

    def check(self) -> None:
        for fact in self.asked.values():
            if fact.client.connected and fact.sure:
                self.check_answer(fact)
        assert self.world.warehouse.most_at_once <= 1
        if not self.kill:
            self.check_order()
        # In the end everything is forgotten: whoever left without a word, too.
        for client in self.world.stage.clients.values():
            client.connected = False
        for _ in range(2):
            self.statements_end()
            self.world.sweep(LIFE)
        self.world.check_nothing_open()
        assert list(self.world.found("C#")) == []
        assert list(self.world.found("Q#", "W#")) == []

    def check_answer(self, fact: Fact) -> None:
        """It is complete, and of the latest data if it is live."""
        client, request = fact.client, fact.request
        client.open[request] = fact.start
        ends = client.ends(request)
        assert ends, f"no answer to {fact}"
        for end in ends:
            if end["type"] == "complete":
                rows: dict[int, Any] = {}
                for one in client.inbox:
                    if one["type"] == "rows" and one["id"] == request and one["run"] == end["run"]:
                        rows |= dict(enumerate(one["rows"], one["first_row"]))
                found = [s for s in self.world.warehouse.statements.values() if s.name.endswith(f"/{end['run']}")]
                assert [rows[n] for n in sorted(rows)] == found[0].rows, (fact, end)
                assert found[0].parameters == {"month": f"{fact.month}-01"}
        if fact.live and ends[-1]["type"] == "complete":
            assert ends[-1]["version"] == self.world.version(), fact

    def check_order(self) -> None:
        """Nobody was killed: no version came twice, and none after a newer one."""
        for fact in self.asked.values():
            if fact.asks == 1:
                fact.client.open.pop(fact.request, None)
                ends = fact.client.ends(fact.request)
                versions = [one["version"] for one in ends if one["type"] == "complete"]
                assert versions == sorted(set(versions)), (fact, versions)
                assert fact.live or len(ends) <= 1, fact


def seeds(count: int) -> list[Any]:
    return [pytest.param(seed, marks=pytest.mark.long if seed >= FEW else ()) for seed in range(count)]


@pytest.fixture
def storm(make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Storm]:
    # One after the other, so that a seed is always the same storm.
    def start(seed: int, kill: float = 0.0, fail: float = 0.0, **environment: str) -> Storm:
        storm = Storm(make_world(**environment, MAX_OPEN_REQUESTS="100"), seed, kill, fail)
        one_after_the_other(monkeypatch, lambda: storm.rng.random() < 0.5)
        if seed % 2:
            # Few waiters are many: their passes are split into ranges.
            monkeypatch.setattr(pass_delivery, "WAITERS_PER_RANGE", 2)
            monkeypatch.setattr(pass_delivery, "SLICE", 1)
        return storm

    return start


@pytest.mark.parametrize("seed", seeds(SEEDS))
def test_nobody_is_killed(storm: Callable[..., Storm], seed: int) -> None:
    one = storm(seed)
    one.run()
    one.check()


@pytest.mark.parametrize("seed", seeds(SEEDS))
def test_anybody_is_killed_anywhere(storm: Callable[..., Storm], seed: int) -> None:
    one = storm(10_000 + seed, kill=0.02)
    one.run()
    one.check()


@pytest.mark.parametrize("seed", seeds(SEEDS // 3))
def test_nobody_says_when_data_changes(storm: Callable[..., Storm], seed: int) -> None:
    one = storm(20_000 + seed, kill=0.01, VERSIONED="false")
    one.run()
    one.check()


@pytest.mark.parametrize("seed", seeds(SEEDS // 3))
def test_everything_fails_now_and_then(storm: Callable[..., Storm], seed: int) -> None:
    """The Data API throttles, clients are slow, API Gateway refuses: what handlers raise is left to the sweep."""
    one = storm(30_000 + seed, kill=0.01, fail=0.1)
    one.run()
    one.check()
