"""Rows are encoded fast, and memory does not grow with an answer or with who waits."""

import time
import tracemalloc

from tests.unit.websocket_gateway.world import World
from websocket_gateway.protocol.rows import Cell, Column, chunks


def test_1000_rows_of_100_columns_are_encoded_fast() -> None:
    columns = [Column(f"column_{n}", "varchar") for n in range(100)]
    values: list[Cell] = [
        1,
        "2015-01-01",
        None,
        12.345678901234567,
        True,
        "12.50",
        "ein längerer Text",
        2**40,
        "x",
        0.5,
    ]
    rows = [values * 10 for _ in range(1000)]
    began = time.process_time()  # not the clock, which counts what runs beside this, too
    sizes = [len(chunk.json) for chunk in chunks(rows, 0, columns, last=True)]
    took = time.process_time() - began
    assert sum(sizes) > 700_000
    assert took < 1.0  # 0.03 s on the machine it was written on; only a fault of another order may fail here


def test_200_000_rows_stream_through_little_memory(world: World) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_rows=1_000_000)

    page = [[{"longValue": n}, {"stringValue": "x" * 80}] for n in range(5_000)]

    def result(**request: str) -> dict[str, object]:
        number = int(request.get("NextToken", 1))
        more = {"NextToken": str(number + 1)} if number < 40 else {}
        return {"ColumnMetadata": [{"name": "n"}, {"name": "x"}], "Records": list(map(list, page)), **more}

    world.warehouse.get_statement_result = result  # type: ignore[assignment,method-assign]
    received = [0, 0]

    def post(**request: bytes) -> None:
        received[0] += 1
        received[1] += len(request["Data"])

    world.stage.post_to_connection = post  # type: ignore[assignment,method-assign]
    world.ask(world.connect())
    (statement,) = world.warehouse.running()
    event = world.end(statement)
    tracemalloc.start()
    world.deliver(event)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert received[1] > 17_000_000
    assert peak < 30_000_000  # a page, twice, and a message to send
