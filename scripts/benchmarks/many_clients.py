"""One answer to many clients: ours, a plain gateway, and a bare loop of PostToConnection."""

import asyncio
import json
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.deployed_gateway import GATED_SQL, DeployedGateway
from benchmarks.figure import Figure, ratio
from benchmarks.plain_functions import STATEMENTS
from redshift_relay.gateway_client import SUBPROTOCOL

HANDSHAKES_AT_ONCE = 20
"""With more, a handshake waits longer than API Gateway allows."""
MOST_PLAIN = 100
"""Clients of the plain gateway, which runs a statement for each: Redshift has at most 200 active statements."""


async def many_clients(deployed: DeployedGateway, count: int) -> list[Figure]:
    """Has many connections wait for one answer. The last count also compares with a bare loop."""
    statements, before = deployed.statements(), deployed.peaks("deliver")
    with deployed.gate_locked():
        started = time.perf_counter()
        sockets = await _connected(deployed, count)
        question = {"action": "query", "id": "q", "query": "gated", "params": {"n": time.time_ns() % 10**9}}
        runs = await asyncio.gather(*(_asked(socket, question) for socket in sockets))
        opened = time.perf_counter() - started
    arrivals = await asyncio.gather(*(_end(socket) for socket in sockets))
    ended = deployed.ended_at(runs[0])
    started_for_them = deployed.statements() - statements
    bare = await _bare_loop(sockets)
    await _close(sockets)
    first, last = min(at for at, _ in arrivals), max(at for _, at in arrivals)
    figures = [
        Figure(f"{count:,} connections opened and waiting", f"{opened:.1f} s"),
        Figure(f"statements started for {count:,} clients", str(started_for_them), "1"),
        Figure(f"end of the statement to the last of {count:,} clients", f"{last - ended:.2f} s"),
        Figure(f"first row to the last of {count:,} clients", f"{last - first:.2f} s; bare loop {bare:.2f} s"),
        Figure("peak memory of the deliver function", _megabytes(deployed, before)),
    ]
    if count >= 1_000:
        text = f"first row to the last of {count:,} clients, in that of a bare loop"
        figures.append(ratio("fanout_ratio", text, (last - first) / bare, 1.5))
    if count <= MOST_PLAIN:
        figures.append(await _plain(deployed, count))
    return figures


def _megabytes(deployed: DeployedGateway, before: list[int]) -> str:
    after = max(deployed.peaks("deliver"), default=0)
    return f"{after / 2**20:.0f} MB (before: {max(before, default=0) / 2**20:.0f})"


async def _plain(deployed: DeployedGateway, count: int) -> Figure:
    sockets = await _connected(deployed, count)
    names = [f"{STATEMENTS}{await _name(socket)}" for socket in sockets]
    with deployed.gate_locked():
        message = json.dumps({"action": "plain", "sql": GATED_SQL.replace("CAST(:n AS INTEGER)", "1")})
        await asyncio.gather(*(socket.send(message) for socket in sockets))
        for name in names:  # all are started before any may end
            await asyncio.to_thread(deployed.named, name, ("SUBMITTED", "PICKED", "STARTED"))
        released = time.time()
    arrivals = await asyncio.gather(*(_end(socket) for socket in sockets))
    await _close(sockets)
    took = max(at for _, at in arrivals) - released
    return Figure(
        f"plain gateway: {count:,} clients, {count:,} statements, start of their end to the last", f"{took:.2f} s"
    )


async def _bare_loop(sockets: list[ClientConnection]) -> float:
    """Seconds from the first to the last client that a loop of PostToConnection reaches, with as many threads."""
    names = [await _name(socket) for socket in sockets]
    await sockets[0].send(json.dumps({"action": "post_to_all", "text": "x" * 200, "connections": names}))
    arrived = await asyncio.gather(*(_arrival(socket) for socket in sockets))
    return max(arrived) - min(arrived)


async def _connected(deployed: DeployedGateway, count: int) -> list[ClientConnection]:
    ready = asyncio.Semaphore(HANDSHAKES_AT_ONCE)

    async def one() -> ClientConnection:
        async with ready:
            return await connect(deployed.url, subprotocols=[SUBPROTOCOL], open_timeout=120, max_size=2**20, proxy=None)

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def _close(sockets: list[ClientConnection]) -> None:
    await asyncio.gather(*(socket.close() for socket in sockets))


async def _asked(socket: ClientConnection, question: dict[str, Any]) -> str:
    await socket.send(json.dumps(question))
    return str((await _next(socket, "accepted"))["run"])


async def _name(socket: ClientConnection) -> str:
    await socket.send('{"action":"who"}')
    return str(json.loads(await asyncio.wait_for(socket.recv(), 600))["connection"])


async def _arrival(socket: ClientConnection) -> float:
    await asyncio.wait_for(socket.recv(), 600)
    return time.time()


async def _end(socket: ClientConnection) -> tuple[float, float]:
    """When the first rows of an answer came, and its end."""
    first = 0.0
    while True:
        message = json.loads(await asyncio.wait_for(socket.recv(), 600))
        first = first or time.time()
        if message.get("type") == "complete" or "complete" in message:
            return first, time.time()


async def _next(socket: ClientConnection, type_: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 600))
        if message.get("type") == type_:
            return message
        if message.get("type") != "rows":
            raise RuntimeError(f"a client received {message}")
