"""A warehouse starts again with the data directory of an earlier one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.warehouse import Warehouse
from tests.local_cloud.redshift.conftest import Objects


@pytest.fixture
def kept() -> Iterator[Path]:
    """A directory that PostgreSQL's user can access: pytest's own are private to root."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


def test_a_second_start_finds_what_the_first_one_kept(tmp_path: Path, kept: Path, s3: Objects) -> None:
    for start in range(3):
        warehouse = Warehouse.start(tmp_path / "run", read_s3=s3, databases=("dev", "sales"), kept=kept)
        try:
            warehouse.create_user("reader")
            session = warehouse.session("sales", "awsuser")
            if start == 0:
                session.execute("CREATE TABLE orders (n INT)")
            session.execute(f"INSERT INTO orders VALUES ({start})")
            assert session.execute("SELECT COUNT(*) FROM orders").rows == [(start + 1,)]
            assert warehouse.has_user("reader")
            with pytest.raises(SqlError, match='database "postgres" does not exist'):
                warehouse.session("postgres", "awsuser")
        finally:
            warehouse.stop()
