"""How long COPY of a million rows takes, compared with PostgreSQL's own COPY of the same file."""

import io
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from benchmarks.figure import Figure
from local_cloud.redshift.warehouse import Warehouse

ROWS = 1_000_000
_TABLE = "(id INT, name VARCHAR(40), amount DECIMAL(10,2), day DATE, ts TIMESTAMP)"
_KEY = "rows.txt"


class _Object:
    """An S3 with one object. COPY only reads."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def list(self, bucket: str, prefix: str, *, iam_role: str, region: str | None) -> list[str]:  # noqa: ARG002
        return [_KEY]

    def open(self, bucket: str, key: str, *, iam_role: str, region: str | None) -> BinaryIO:  # noqa: ARG002
        return io.BytesIO(self._body)

    def write(self, bucket: str, key: str, body: bytes, *, iam_role: str, region: str | None) -> None:
        raise NotImplementedError

    def delete(self, bucket: str, key: str, *, iam_role: str, region: str | None) -> None:
        raise NotImplementedError


def copying() -> Sequence[Figure]:
    """One figure: the ratio of both, in wall time."""
    body = _body()
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse.start(Path(folder), read_s3=_Object(body))
        try:
            ours, own = _measured(warehouse, body)
        finally:
            warehouse.stop()
    name = f"COPY of {ROWS:,} rows, compared with PostgreSQL's own ({own:.1f} s)"
    return [Figure(name, f"{ours / own:.1f} times ({ours:.1f} s)", "3 times")]


def _measured(warehouse: Warehouse, body: bytes) -> tuple[float, float]:
    session = warehouse.session("dev", "awsuser")
    for table in ("ours", "own"):
        session.execute(f"CREATE TABLE {table} {_TABLE}")
    started = time.perf_counter()
    session.execute("COPY ours FROM 's3://b/rows.txt' IAM_ROLE 'arn:aws:iam::123456789012:role/bench'")
    ours = time.perf_counter() - started
    file = warehouse.engine.exchange / _KEY
    file.write_bytes(body)
    file.chmod(0o644)
    with warehouse.engine.admin("dev") as connection:
        started = time.perf_counter()
        connection.execute(f"COPY own FROM '{file}' (DELIMITER '|')".encode())
        own = time.perf_counter() - started
    session.close()
    return ours, own


def _body() -> bytes:
    return "".join(
        f"{i}|customer {i % 1000}|{i % 997}.{i % 100:02d}|2024-01-{i % 28 + 1:02d}"
        f"|2024-01-{i % 28 + 1:02d} {i % 24:02d}:{i % 60:02d}:{i % 60:02d}\n"
        for i in range(ROWS)
    ).encode()
