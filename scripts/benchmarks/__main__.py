"""`scripts/bench`: how fast the gateway delivers, measured on the local cloud beside bare echoes on the same API."""

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.deployed_gateway import ECHOES, Bed
from redshift_relay.gateway_client import SUBPROTOCOL, GatewayClient

ROOT = Path(__file__).resolve().parent.parent.parent
ROUNDS = 100
CONNECTIONS = 1_000
ROWS = 200_000
SETTLE_SECONDS = 0.05
"""A delivery goes on after its last message: it notes what it has done, and must not slow the next echo down."""


@dataclass(frozen=True)
class Figure:
    """One line of the report."""

    what: str
    value: str
    bound: str = ""


def main() -> int:
    """Prints the figures; there is no verdict, since machines differ."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="asks and echoes to take the median of")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="clients that wait for one answer")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the large answer")
    options = parser.parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder, _bed(Path(folder), console) as bed:
        figures = [
            *_latency(bed, options.rounds),
            *asyncio.run(_fan_out(bed, options.connections)),
            *_large(bed, options.rows),
        ]
    memory = psutil.virtual_memory().total / 2**30
    table = Table(
        title=f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, "
        f"Python {platform.python_version()}",
        title_justify="left",
    )
    for heading in ("figure", "measured", "bound"):
        table.add_column(heading)
    for figure in figures:
        table.add_row(figure.what, figure.value, figure.bound)
    console.print(table)
    return 0


@contextmanager
def _bed(folder: Path, console: Console) -> Iterator[Bed]:
    with console.status("Terraform applies the gateway ..."):
        bed = Bed.make(ROOT, folder)
    try:
        yield bed
    finally:
        bed.cloud.stop()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)  # TemporaryDirectory removes it


def _latency(bed: Bed, rounds: int) -> list[Figure]:
    """Echoes and an ask in turn, so that all see the same machine."""
    took: dict[str, list[float]] = {name: [] for name in (*ECHOES, "ask")}
    with GatewayClient.connect(bed.url) as gateway:
        for number in range(rounds + 5):
            time.sleep(SETTLE_SECONDS)
            for name in ECHOES:
                started = time.perf_counter()
                gateway.send(action=name, text="x")
                gateway.receive(60)
                took[name].append(time.perf_counter() - started)
            answer = next(gateway.ask("one", {"n": number}))
            took["ask"].append(answer.last_row_at - bed.ended_at(answer.run))
    # The first ones start the workers.
    echo, pushed, ask = (statistics.median(values[5:]) * 1000 for values in took.values())
    return [
        Figure(f"echo, round trip (median of {rounds})", f"{echo:.1f} ms"),
        Figure("echo by PostToConnection, round trip (median)", f"{pushed:.1f} ms, {pushed / echo:.1f} echoes"),
        Figure(
            "end of the statement to the last row at the client (median)",
            f"{ask:.1f} ms, {ask / echo:.1f} echoes, {ask / pushed:.1f} by PostToConnection",
            "at most 3 echoes",
        ),
    ]


async def _fan_out(bed: Bed, count: int) -> list[Figure]:
    """Many connections wait for one answer."""
    statements = bed.statements()
    before = bed.peaks("deliver")
    ready = asyncio.Semaphore(20)  # more handshakes at once wait longer than API Gateway lets them

    async def open_and_ask() -> ClientConnection:
        async with ready:
            socket = await connect(bed.url, subprotocols=[SUBPROTOCOL], open_timeout=120, max_size=2**20, proxy=None)  # type: ignore[list-item]
            await socket.send(json.dumps({"action": "query", "id": "q", "query": "gated", "params": {"n": 1}}))
            await _next(socket, "accepted")
            return socket

    with bed.held_up():
        started = time.perf_counter()
        sockets = await asyncio.gather(*(open_and_ask() for _ in range(count)))
        opened = time.perf_counter() - started
    finished = await asyncio.gather(*(_complete(socket) for socket in sockets))
    run = finished[0][1]
    last = max(at for at, _ in finished)
    await asyncio.gather(*(socket.close() for socket in sockets))
    ended = bed.ended_at(run)
    after = bed.peaks("deliver")
    return [
        Figure(f"{count:,} connections opened and asking", f"{opened:.1f} s"),
        Figure("statements that answered them", str(bed.statements() - statements), "1"),
        Figure("served", f"{len(finished):,}", f"{count:,}"),
        Figure("end of the statement to the last client", f"{last - ended:.1f} s"),
        Figure(
            "peak memory of the deliver function",
            f"{max(after, default=0) / 2**20:.0f} MB (before: {max(before, default=0) / 2**20:.0f})",
        ),
    ]


async def _complete(socket: ClientConnection) -> tuple[float, str]:
    message = await _next(socket, "complete")
    return time.time(), message["run"]


async def _next(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of a kind; rows are passed over."""
    while True:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 600))
        if message.get("type") == kind:
            return message
        if message.get("type") != "rows":
            raise RuntimeError(f"a client got {message}")


def _large(bed: Bed, rows: int) -> list[Figure]:
    with GatewayClient.connect(bed.url) as gateway:
        started = time.perf_counter()
        answer = next(gateway.ask("many", {"n": rows}, timeout=600))
        took = time.perf_counter() - started
    size = sum(len(json.dumps(row)) for row in answer.rows)
    peak = max(bed.peaks("deliver"), default=0)
    return [
        Figure(f"{len(answer.rows):,} rows, {size / 2**20:.0f} MB as JSON, asked and received", f"{took:.1f} s"),
        Figure("peak memory of the deliver function", f"{peak / 2**20:.0f} MB", "below 150 MB"),
    ]


if __name__ == "__main__":
    sys.exit(main())
