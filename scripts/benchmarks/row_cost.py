"""Processor time of a row, from the response's bytes to the message's bytes: ours beside boto3 and json.dumps."""

import json
import time
from collections.abc import Callable

from botocore.parsers import create_parser
from botocore.session import get_session

from benchmarks.figure import Figure, ratio
from relay.result_records import rows_of
from websocket_gateway.protocol.rows import Column, chunks, rows_message

ROWS, ROUNDS = 5_000, 9
_COLUMNS = [Column(name, "varchar") for name in ("id", "title", "amount", "day", "padding")]
_MODEL = get_session().get_service_model("redshift-data").shape_for("GetStatementResultResponse")


def row_cost() -> list[Figure]:
    """Both in turn, so that both see the same machine; the quickest of several rounds each, in processor time."""
    body = _body()
    ours, plain = [], []
    for _ in range(ROUNDS):
        ours.append(_processor_seconds(lambda: _ours(body)))
        plain.append(_processor_seconds(lambda: _plain(body)))
    mine, theirs = min(ours) / ROWS * 1e6, min(plain) / ROWS * 1e6
    return [
        Figure("processor time of a row", f"{mine:.1f} us; boto3 and json.dumps {theirs:.1f} us", "4.6 us"),
        ratio("row_cpu_ratio", "processor time of a row, in that of boto3 and json.dumps", mine / theirs, 0.25),
    ]


def _body() -> bytes:
    """A page as GetStatementResult sends it, with numbers, text, dates and NULL."""
    records = [
        [
            {"longValue": n},
            {"stringValue": f"row number {n}"},
            {"doubleValue": n * 1.5},
            {"stringValue": "2015-01-01"},
            {"stringValue": "x" * 40} if n % 7 else {"isNull": True},
        ]
        for n in range(ROWS)
    ]
    metadata = [{"name": column.name, "typeName": column.type} for column in _COLUMNS]
    return json.dumps({"Records": records, "ColumnMetadata": metadata, "TotalNumRows": ROWS}).encode()


def _ours(body: bytes) -> list[bytes]:
    rows = rows_of(json.loads(body)["Records"])
    return [rows_message("a", "r.1.1", 1, chunk, _COLUMNS) for chunk in chunks(rows, 0, _COLUMNS, last=True)]


def _plain(body: bytes) -> list[bytes]:
    """As people write it: what boto3 returns, value by value, in messages of a thousand rows."""
    answer = create_parser("json").parse({"status_code": 200, "headers": {}, "body": body}, _MODEL)
    rows = [
        [None if field.get("isNull") else next(iter(field.values())) for field in record]
        for record in answer["Records"]
    ]
    return [json.dumps({"rows": rows[at : at + 1_000]}).encode() for at in range(0, len(rows), 1_000)]


def _processor_seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before
