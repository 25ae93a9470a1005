"""SYS_LOAD_HISTORY tells each COPY and how it ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from tests.local_cloud.redshift.conftest import Objects

Run = Callable[..., Outcome]
ROLE = "IAM_ROLE 'arn:aws:iam::123456789012:role/r'"
HISTORY = (
    "SELECT status, table_name, data_source, file_format, loaded_rows, source_file_count, error_count"
    " FROM sys_load_history WHERE table_name = 'lh' ORDER BY start_time"
)


def test_loads_that_succeed_and_fail(run: Run, s3: Objects) -> None:
    s3.clear()
    s3.update({"lh/a": b"1|a\n2|b\n", "lh/b": b"3|c\nx|d\n"})
    run("CREATE TABLE lh (id INT, v VARCHAR(5))")
    run(f"COPY lh FROM 's3://b/lh/' {ROLE} MAXERROR 2")
    with pytest.raises(SqlError, match="Load into table 'lh' failed"):
        run(f"COPY lh FROM 's3://b/lh/b' {ROLE}")
    assert run(HISTORY).rows == [
        ("completed", "lh", "s3://b/lh/", "text", 3, 2, 1),
        ("aborted", "lh", "s3://b/lh/b", "text", 0, 1, 1),
    ]
