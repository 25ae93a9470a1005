"""Many clients at once, and how long one waits."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import websockets


def test_slow_routes_hold_up_nobody(api: Any) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(api.open()) for _ in range(6)]
        with ThreadPoolExecutor(6) as pool:
            begun = time.monotonic()
            slow = [pool.submit(api.ask, client, sleep=6, say="slow") for client in clients]
            time.sleep(0.5)
            with api.open() as quick:
                assert api.ask(quick, say="quick") == "quick"
            assert not all(one.done() for one in slow)
            assert [one.result() for one in slow] == ["slow"] * 6
            assert time.monotonic() - begun < 30


def test_messages_of_one_connection_run_side_by_side(api: Any) -> None:
    with api.open() as client:
        client.send(json.dumps({"sleep": 1, "say": "slow"}))
        client.send(json.dumps({"say": "quick"}))
        assert [client.recv(timeout=10) for _ in range(2)] == ["quick", "slow"]


def test_an_echo_is_quick(api: Any) -> None:
    """Far below the 50 ms that each call took once; the figures are in scripts/bench."""
    with api.open() as client:
        times = []
        for _ in range(50):
            begun = time.perf_counter()
            api.ask(client, say="x")
            times.append(time.perf_counter() - begun)
    assert statistics.median(times) < 0.04


def test_a_thousand_connections_at_once(make_api: Callable[..., Any]) -> None:
    api, count = make_api("$connect", "$default"), 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))

    async def talk() -> list[Any]:
        url = f"{api.endpoint}/live"
        opening = [websockets.connect(url, open_timeout=100, close_timeout=1) for _ in range(count)]
        clients = await asyncio.gather(*opening)

        async def heard(client: Any, number: int) -> Any:
            await client.send(json.dumps({"say": f"to {number}"}))
            return await asyncio.wait_for(client.recv(), 100)

        answers = await asyncio.gather(*(heard(client, number) for number, client in enumerate(clients)))
        await asyncio.gather(*(client.close() for client in clients))
        return answers

    assert asyncio.run(talk()) == [f"to {number}" for number in range(count)]
