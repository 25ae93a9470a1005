"""What scripts/bench measures with one client: latency of an answer and a large one, each beside its floor."""

import json
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial

from benchmarks.deployed_gateway import GATED_SQL, DeployedGateway
from benchmarks.figure import Figure, ratio
from benchmarks.plain_functions import STATEMENTS
from redshift_relay.gateway_client import GatewayClient

WARM_UP_ROUNDS = 5
"""Not measured: they start the worker processes."""
SETTLE_SECONDS = 0.05
"""A delivery goes on after its last message, to note what it did. It must not slow down the next echo."""
DURATIONS = (0.1, 1.0, 5.0)
"""Seconds that a statement takes."""
INTERVALS = (0.25, 1.0)
"""Seconds between two calls of DescribeStatement of a client that polls."""


def latency(deployed: DeployedGateway, rounds: int) -> list[Figure]:
    """Sends echoes and queries in turn, so that all see the same machine."""
    durations: dict[str, list[float]] = {"echo": [], "pushed_echo": [], "query": []}
    with GatewayClient.connect(deployed.url) as gateway:
        for number in range(rounds + WARM_UP_ROUNDS):
            time.sleep(SETTLE_SECONDS)
            for name in ("echo", "pushed_echo"):
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
        Figure("end of the statement to the last row (median)", f"{query:.1f} ms, {query / pushed:.1f} pushed echoes"),
        ratio("end_to_row_echoes", "end of the statement to the last row, in echoes", query / echo, 4),
    ]


def cached(deployed: DeployedGateway, rounds: int) -> list[Figure]:
    """Asks one question again and again: only the first time runs a statement."""
    statements, durations = deployed.statements(), []
    with GatewayClient.connect(deployed.url) as gateway:
        for _ in range(rounds + 1):
            started = time.perf_counter()
            next(gateway.ask("recent", {"n": 1_000_001}))
            durations.append(time.perf_counter() - started)
    value = f"{statistics.median(durations[1:]) * 1000:.1f} ms, {deployed.statements() - statements} statement"
    return [Figure(f"a cached answer, asked {rounds} times in a row (median)", value)]


def beside_others(deployed: DeployedGateway, rounds: int) -> list[Figure]:
    """End of a statement to its rows, for statements of several durations: ours, a plain gateway, clients that poll."""
    ways: dict[str, Callable[[float], float]] = {
        "ours": lambda seconds: _ours(deployed, seconds),
        "plain gateway": lambda seconds: _plain(deployed, seconds),
    }
    for interval in INTERVALS:
        ways[f"polling at {interval * 1000:g} ms"] = partial(_polling, deployed, interval)
    figures = []
    for seconds in DURATIONS:
        found: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(rounds + 1):
            for name, way in ways.items():
                took = way(seconds)
                if number:  # the first round starts worker processes
                    found[name].append(took)
        value = ", ".join(f"{name} {statistics.median(took) * 1000:.0f} ms" for name, took in found.items())
        figures.append(Figure(f"a statement of {seconds:g} s, its end to the rows (median of {rounds})", value))
    return figures


def _ours(deployed: DeployedGateway, seconds: float) -> float:
    with GatewayClient.connect(deployed.url) as gateway:
        with deployed.gate_locked():
            gateway.send(action="query", id="x", query="gated", params={"n": time.time_ns() % 10**9})
            run = gateway.receive(60)["run"]
            time.sleep(seconds)
        while gateway.receive(60).get("type") != "rows":
            pass
        return time.time() - deployed.ended_at(run)


def _plain(deployed: DeployedGateway, seconds: float) -> float:
    with GatewayClient.connect(deployed.url) as gateway:
        gateway.send(action="who")
        connection = gateway.receive(60)["connection"]
        with deployed.gate_locked():
            gateway.send(action="plain", sql=GATED_SQL.replace("CAST(:n AS INTEGER)", "1"))
            time.sleep(seconds)
        gateway.receive(60)
        arrived = time.time()
        return arrived - float(deployed.named(f"{STATEMENTS}{connection}")["UpdatedAt"].timestamp())


def _polling(deployed: DeployedGateway, every: float, seconds: float) -> float:
    with deployed.gate_locked():
        statement = deployed.execute(GATED_SQL.replace("CAST(:n AS INTEGER)", "1"))
        ends = threading.Event()
        threading.Timer(seconds, ends.set).start()
        found: list[float] = []
        polling = threading.Thread(target=lambda: found.append(_poll(deployed, statement, every)))
        polling.start()
        ends.wait()
    polling.join()
    return found[0] - float(deployed.reader.describe_statement(Id=statement)["UpdatedAt"].timestamp())


def _poll(deployed: DeployedGateway, statement: str, every: float) -> float:
    """Returns the time at which a client that polls has the rows."""
    while deployed.reader.describe_statement(Id=statement)["Status"] != "FINISHED":
        time.sleep(every)
    deployed.reader.get_statement_result(Id=statement)
    return time.time()


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
