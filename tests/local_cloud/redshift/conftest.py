"""A real warehouse on PostgreSQL, and an S3 that is a dictionary."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from local_cloud.redshift.results import Outcome
from local_cloud.redshift.s3_files import S3Error
from local_cloud.redshift.session import Session
from local_cloud.redshift.warehouse import Warehouse


class Objects(dict[str, bytes]):
    """Keys of the bucket `b`. A key in `stuck` is opened but never read to its end until `released`."""

    def __init__(self) -> None:
        super().__init__()
        self.stuck: set[str] = set()
        self.opened = threading.Event()
        self.released = threading.Event()
        self.roles: list[tuple[str, str | None]] = []

    def list(self, bucket: str, prefix: str, *, iam_role: str, region: str | None) -> list[str]:
        self.roles.append((iam_role, region))
        if bucket == "forbidden":
            raise S3Error("S3ServiceException:Access Denied,Status 403,Error AccessDenied")
        return sorted(key for key in self if key.startswith(prefix))

    def open(self, bucket: str, key: str, *, iam_role: str, region: str | None) -> BinaryIO:
        return _Stuck(self) if key in self.stuck else io.BytesIO(self[key])

    def write(self, bucket: str, key: str, body: bytes, *, iam_role: str, region: str | None) -> None:
        self.roles.append((iam_role, region))
        if bucket == "read-only":
            raise S3Error("S3ServiceException:Access Denied,Status 403,Error AccessDenied")
        self[key] = body

    def delete(self, bucket: str, key: str, *, iam_role: str, region: str | None) -> None:
        del self[key]


class _Stuck(io.RawIOBase):
    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self._objects.opened.set()
        self._objects.released.wait(30)
        return 0


@pytest.fixture(scope="module")
def s3() -> Objects:
    return Objects()


@pytest.fixture(scope="module")
def warehouse(s3: Objects, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder: Path = tmp_path_factory.mktemp("warehouse")
    warehouse = Warehouse.start(folder, read_s3=s3)
    yield warehouse
    warehouse.stop()


@pytest.fixture
def session(warehouse: Warehouse) -> Iterator[Session]:
    session = warehouse.session("dev", "awsuser")
    yield session
    session.close()


@pytest.fixture
def run(session: Session) -> Callable[..., Outcome]:
    def run(sql: str, **parameters: str) -> Outcome:
        return session.execute(sql, parameters)

    return run
