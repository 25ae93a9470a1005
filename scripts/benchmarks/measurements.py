"""What scripts/bench measures: latency of one answer, fan-out of one to many clients, and a large answer."""

import asyncio
import json
import statistics
import time
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.deployed_gateway import ECHOES, DeployedGateway
from redshift_relay.gateway_client import SUBPROTOCOL, GatewayClient

WARM_UP_ROUNDS = 5
"""Not measured: they start the worker processes."""
SETTLE_SECONDS = 0.05
"""A delivery goes on after its last message, to note what it did. It must not slow down the next echo."""
HANDSHAKES_AT_ONCE = 20
"""With more, a handshake waits longer than API Gateway allows."""


@dataclass(frozen=True)
class Figure:
    """One line of the report."""

    name: str
    value: str
    target: str = ""


def latency(deployed: DeployedGateway, rounds: int) -> list[Figure]:
    """Sends echoes and queries in turn, so that all see the same machine."""
    durations: dict[str, list[float]] = {name: [] for name in (*ECHOES, "query")}
    with GatewayClient.connect(deployed.url) as gateway:
        for number in range(rounds + WARM_UP_ROUNDS):
            time.sleep(SETTLE_SECONDS)
            for name in ECHOES:
                started = time.perf_counter()
                gateway.send(action=name, text="x")
                gateway.receive(60)
                durations[name].append(time.perf_counter() - started)
            answer = next(gateway.ask("one", {"n": number}))
            durations["query"].append(answer.last_row_at - deployed.ended_at(answer.run))
    echo, pushed, query = (statistics.median(values[WARM_UP_ROUNDS:]) * 1000 for values in durations.values())
    return [
        Figure(f"echo, round trip (median of {rounds})", f"{echo:.1f} ms"),
        Figure("echo by PostToConnection, round trip (median)", f"{pushed:.1f} ms, {pushed / echo:.1f} echoes"),
        Figure(
            "end of the statement to the last row at the client (median)",
            f"{query:.1f} ms, {query / echo:.1f} echoes, {query / pushed:.1f} by PostToConnection",
            "at most 3 echoes",
        ),
    ]


async def fan_out(deployed: DeployedGateway, count: int) -> list[Figure]:
    """Has many connections wait for one answer."""
    statements = deployed.statements()
    before = deployed.peaks("deliver")
    ready = asyncio.Semaphore(HANDSHAKES_AT_ONCE)

    async def open_and_query() -> ClientConnection:
        async with ready:
            socket = await connect(
                deployed.url, subprotocols=[SUBPROTOCOL], open_timeout=120, max_size=2**20, proxy=None
            )
            await socket.send(json.dumps({"action": "query", "id": "q", "query": "gated", "params": {"n": 1}}))
            await _next(socket, "accepted")
            return socket

    with deployed.gate_locked():
        started = time.perf_counter()
        sockets = await asyncio.gather(*(open_and_query() for _ in range(count)))
        opened = time.perf_counter() - started
    finished = await asyncio.gather(*(_complete(socket) for socket in sockets))
    run = finished[0][1]
    last = max(at for at, _ in finished)
    await asyncio.gather(*(socket.close() for socket in sockets))
    ended = deployed.ended_at(run)
    after = deployed.peaks("deliver")
    return [
        Figure(f"{count:,} connections opened and waiting", f"{opened:.1f} s"),
        Figure("statements started for them", str(deployed.statements() - statements), "1"),
        Figure("clients that received the answer", f"{len(finished):,}", f"{count:,}"),
        Figure("end of the statement to the last client", f"{last - ended:.1f} s"),
        Figure(
            "peak memory of the deliver function",
            f"{max(after, default=0) / 2**20:.0f} MB (before: {max(before, default=0) / 2**20:.0f})",
        ),
    ]


async def _complete(socket: ClientConnection) -> tuple[float, str]:
    message = await _next(socket, "complete")
    return time.time(), message["run"]


async def _next(socket: ClientConnection, type_: str) -> dict[str, Any]:
    """Returns the next message of a type, or the last rows if `complete` rides with them, and skips other rows."""
    while True:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 600))
        if message.get("type") == type_ or type_ in message:
            return message
        if message.get("type") != "rows":
            raise RuntimeError(f"a client received {message}")


def large_answer(deployed: DeployedGateway, rows: int) -> list[Figure]:
    """Receives one answer of many rows."""
    with GatewayClient.connect(deployed.url) as gateway:
        started = time.perf_counter()
        answer = next(gateway.ask("many", {"n": rows}, timeout=600))
        took = time.perf_counter() - started
    size = sum(len(json.dumps(row)) for row in answer.rows)
    peak = max(deployed.peaks("deliver"), default=0)
    return [
        Figure(f"{len(answer.rows):,} rows, {size / 2**20:.0f} MB as JSON, queried and received", f"{took:.1f} s"),
        Figure("peak memory of the deliver function", f"{peak / 2**20:.0f} MB", "below 150 MB"),
    ]
