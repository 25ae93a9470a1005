"""SYS_QUERY_HISTORY: what ran, how it ended and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.session import Session
from local_cloud.redshift.warehouse import Warehouse

QUERY = """SELECT TRIM(query_text), TRIM(query_type), TRIM(status), TRIM(error_message), returned_rows
FROM sys_query_history WHERE session_id = {} ORDER BY query_id"""


@pytest.fixture
def reader(warehouse: Warehouse) -> Iterator[Session]:
    warehouse.create_user("history_reader")
    session = warehouse.session("dev", "history_reader")
    yield session
    session.close()


def history(session: Session, of: Session) -> list[tuple[object, ...]]:
    return session.execute(QUERY.format(of.pid)).rows


def test_a_failed_query_has_its_reason(reader: Session) -> None:
    reader.execute("SELECT 1 AS n UNION ALL SELECT 2")
    with pytest.raises(SqlError):
        reader.execute("-- why\nSELECT * FROM nowhere")
    rows = history(reader, reader)
    assert rows[0] == ("SELECT 1 AS n UNION ALL SELECT 2", "SELECT", "success", "", 2)
    assert rows[1][1:4] == ("SELECT", "failed", 'ERROR: relation "nowhere" does not exist')
    assert rows[2][1:3] == ("SELECT", "running")
    ids = reader.execute("SELECT query_id FROM sys_query_history WHERE status = 'running'").rows
    assert ids == [(reader.query_id,)]


def test_users_see_their_own_queries_and_the_admin_all(reader: Session, session: Session) -> None:
    session.execute("SELECT 'of the admin'")
    reader.execute("SELECT 'of the reader'")
    assert history(reader, session) == []
    assert "SELECT 'of the reader'" in [row[0] for row in history(session, reader)]
    users = reader.execute("SELECT DISTINCT user_id FROM sys_query_history").rows
    assert users == reader.execute("SELECT usesysid::int FROM pg_user WHERE usename = current_user").rows


def test_the_statements_of_a_batch(reader: Session) -> None:
    sqls = ["CREATE TEMP TABLE t AS SELECT 1 AS n", "INSERT INTO t VALUES (2)", "SELECT nothing FROM t"]
    with pytest.raises(SqlError):
        reader.execute_batch(sqls, lambda _number, _got: None)
    rows = history(reader, reader)[-4:-1]
    assert [row[1:3] for row in rows] == [("CTAS", "success"), ("INSERT", "success"), ("SELECT", "failed")]


def test_times_and_the_size_of_the_text(reader: Session) -> None:
    reader.execute("SELECT '" + "x" * 9000 + "'")
    (row,) = reader.execute(
        "SELECT LEN(query_text), end_time >= start_time, elapsed_time >= 0, start_time > GETDATE() - INTERVAL '1 hour'"
        f" FROM sys_query_history WHERE session_id = {reader.pid} AND status = 'success'"
    ).rows
    assert row == (4000, True, True, True)
