"""Sessions: parameters, batches, cancelling, locks, users and rights, refreshing, and what is left behind."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from local_cloud.redshift import postgres
from local_cloud.redshift.errors import Cancelled, SqlError
from local_cloud.redshift.postgres import stop_leftover
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.session import Session
from local_cloud.redshift.warehouse import Warehouse
from tests.local_cloud.redshift.conftest import Objects

Run = Callable[..., Outcome]
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT COUNT(*) FROM n"


def test_parameters_are_values_only(run: Run) -> None:
    run("CREATE TABLE people (name VARCHAR(50), born DATE)")
    run("INSERT INTO people VALUES (:name, :born)", name="x'; DROP TABLE people; --", born="2015-01-01")
    assert run("SELECT name FROM people WHERE born = :d::date AND name LIKE :n", d="2015-01-01", n="x%").rows == [
        ("x'; DROP TABLE people; --",)
    ]


@pytest.mark.parametrize(
    ("sql", "parameters", "name"),
    [("SELECT :a", {}, ":a"), ("SELECT 1", {"b": "1"}, ":b"), ("SELECT ':c'", {"c": "1"}, ":c")],
)
def test_a_parameter_without_its_partner_is_named(run: Run, sql: str, parameters: dict[str, str], name: str) -> None:
    with pytest.raises(SqlError, match=name):
        run(sql, **parameters)


def test_batch_is_all_or_nothing_and_tells_its_progress(run: Run, session: Session) -> None:
    seen: list[tuple[int, str]] = []

    def progress(i: int, outcome: Outcome | SqlError | None) -> None:
        seen.append((i, type(outcome).__name__))

    with pytest.raises(SqlError) as failed:
        session.execute_batch(["CREATE TABLE batch (n INT)", "SELECT * FROM nowhere", "SELECT 1"], progress)
    assert failed.value.message == 'ERROR: relation "nowhere" does not exist'
    assert seen == [(0, "NoneType"), (0, "Outcome"), (1, "NoneType"), (1, "SqlError")]
    with pytest.raises(SqlError, match='relation "batch" does not exist'):
        run("SELECT * FROM batch")
    session.execute_batch(["CREATE TABLE batch (n INT)", "INSERT INTO batch VALUES (1)"], lambda *_: None)
    assert run("SELECT n FROM batch").rows == [(1,)]


def _cancel_soon(session: Session, ready: threading.Event | None = None) -> threading.Thread:
    def cancel() -> None:
        if ready:
            ready.wait(10)
        time.sleep(0.2)
        session.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    return thread


def test_cancel_ends_a_running_statement(session: Session) -> None:
    thread = _cancel_soon(session)
    started = time.monotonic()
    with pytest.raises(Cancelled):
        session.execute(ENDLESS)
    assert time.monotonic() - started < 5
    thread.join()
    assert session.execute("SELECT 1").rows == [(1,)]


def test_cancel_ends_a_copy_that_waits_for_s3(run: Run, session: Session, s3: Objects) -> None:
    run("CREATE TABLE slow (n INT)")
    s3["slow/a"] = b"1\n"
    s3.stuck.add("slow/a")
    thread = _cancel_soon(session, s3.opened)
    started = time.monotonic()
    with pytest.raises(Cancelled):
        run("COPY slow FROM 's3://b/slow/' IAM_ROLE default")
    elapsed = time.monotonic() - started
    s3.released.set()
    thread.join()
    assert elapsed < 5
    assert run("SELECT COUNT(*) FROM slow").rows == [(0,)]


def test_cancel_of_a_waiting_lock(run: Run, warehouse: Warehouse) -> None:
    run("CREATE TABLE held (n INT)")
    holder, waiter = warehouse.session("dev", "awsuser"), warehouse.session("dev", "awsuser")
    holder.execute("BEGIN")
    holder.execute("LOCK held")
    thread = _cancel_soon(waiter)
    with pytest.raises(Cancelled):
        waiter.execute("SELECT * FROM held")
    thread.join()
    holder.close()


def test_lock_makes_the_second_load_wait(run: Run, warehouse: Warehouse) -> None:
    """Without the LOCK both would see an empty target and the rows would be there twice."""
    run("CREATE TABLE stage (n INT)")
    run("CREATE TABLE target (n INT)")
    run(
        "CREATE PROCEDURE load() AS $$ BEGIN LOCK stage; DELETE FROM stage; INSERT INTO stage VALUES (1);"
        " DELETE FROM target; INSERT INTO target SELECT n FROM stage; COMMIT; END; $$ LANGUAGE plpgsql"
    )
    holder = warehouse.session("dev", "awsuser")
    holder.execute("BEGIN")
    holder.execute("LOCK stage")
    sessions = [warehouse.session("dev", "awsuser") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(s.execute, "CALL load()") for s in sessions]
        time.sleep(0.3)
        assert not any(call.done() for call in calls)
        holder.execute("COMMIT")
        for call in calls:
            call.result(10)
    assert run("SELECT COUNT(*) FROM target").rows == [(1,)]


def test_fifty_sessions_at_once(warehouse: Warehouse) -> None:
    sessions = [warehouse.session("dev", "awsuser") for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(lambda s: s.execute("SELECT 1").rows, sessions)) == [[(1,)]] * 50
    for session in sessions:
        session.close()


def test_refresh_sees_committed_rows_only(run: Run) -> None:
    run("CREATE TABLE base (n INT)")
    run("CREATE MATERIALIZED VIEW total AS SELECT SUM(n) AS s FROM base")
    for name, commit in (("without", ""), ("with", "COMMIT;")):
        run(
            f"CREATE PROCEDURE refresh_{name}() AS $$ BEGIN DELETE FROM base; INSERT INTO base VALUES (5); {commit}"
            " REFRESH MATERIALIZED VIEW total; END; $$ LANGUAGE plpgsql"
        )
    run("CALL refresh_without()")
    assert run("SELECT s FROM total").rows == [(None,)]
    run("CALL refresh_with()")
    assert run("SELECT s FROM total").rows == [(5,)]


def test_only_the_owner_refreshes(run: Run, warehouse: Warehouse) -> None:
    run("CREATE TABLE owned (n INT)")
    run("CREATE MATERIALIZED VIEW owned_view AS SELECT n FROM owned")
    warehouse.create_user("guest")
    guest = warehouse.session("dev", "guest")
    with pytest.raises(SqlError) as denied:
        guest.execute("REFRESH MATERIALIZED VIEW owned_view")
    assert "permission denied" in denied.value.message or "must be owner" in denied.value.message
    run("GRANT SELECT ON owned_view TO guest")
    with pytest.raises(SqlError):
        guest.execute("REFRESH MATERIALIZED VIEW owned_view")
    run("REFRESH MATERIALIZED VIEW owned_view")


def test_what_no_transaction_takes_runs_alone_and_not_in_a_batch(run: Run, session: Session) -> None:
    run("CREATE TABLE narrow (name VARCHAR(3))")
    wider = "ALTER TABLE narrow ALTER COLUMN name TYPE VARCHAR(300)"
    seen: list[object] = []
    with pytest.raises(SqlError) as raised:
        session.execute_batch(["CREATE TABLE other (n INT)", wider], lambda number, got: seen.append((number, got)))
    assert raised.value.message == "ERROR: ALTER TABLE ALTER COLUMN cannot run inside a transaction block"
    assert seen[-1] == (1, raised.value)
    with pytest.raises(SqlError, match="does not exist"):
        run("SELECT * FROM other")
    run(wider)
    run("INSERT INTO narrow VALUES ('more than three')")


def test_users_and_grants(run: Run, warehouse: Warehouse) -> None:
    warehouse.create_user("IAMR:Relay-Role")
    warehouse.create_user("IAMR:Relay-Role")
    assert warehouse.has_user("IAMR:Relay-Role")
    assert not warehouse.has_user("nobody")
    assert not warehouse.has_user("postgres")
    assert warehouse.has_database("dev")
    assert not warehouse.has_database("template1")
    role = warehouse.session("dev", "IAMR:Relay-Role")
    assert role.execute("SELECT current_user").rows == [("IAMR:Relay-Role",)]
    run("CREATE TABLE mine (n INT)")
    for statement in ("SELECT * FROM mine", "INSERT INTO mine VALUES (1)"):
        with pytest.raises(SqlError) as denied:
            role.execute(statement)
        assert denied.value.message == "ERROR: permission denied for relation mine"
    with pytest.raises(SqlError) as denied:
        role.execute("DROP TABLE mine")
    assert denied.value.message == "ERROR: must be owner of relation mine"
    run('GRANT SELECT ON mine TO "IAMR:Relay-Role"')
    assert role.execute("SELECT * FROM mine").rows == []
    role.execute("CREATE TABLE theirs (n INT)")
    run("DROP TABLE theirs")  # awsuser is superuser in Redshift
    with pytest.raises(SqlError) as missing:
        run("GRANT SELECT ON mine TO stranger")
    assert missing.value.message == 'ERROR: user "stranger" does not exist'


def test_sql_makes_users_and_groups(run: Run, warehouse: Warehouse) -> None:
    run("CREATE USER reader PASSWORD DISABLE")
    run("CREATE GROUP readers")
    run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO GROUP readers")
    assert warehouse.has_user("reader")
    reader = warehouse.session("dev", "reader")
    with pytest.raises(SqlError, match="must be superuser"):
        reader.execute("CREATE USER other PASSWORD DISABLE")
    assert reader.execute("SELECT pg_last_copy_count()").rows == [(0,)]


def test_the_admin_user_is_a_superuser_of_redshift_but_not_of_postgresql(run: Run, warehouse: Warehouse) -> None:
    assert run("SELECT usesuper FROM pg_user WHERE usename = current_user").rows == [(True,)]
    with warehouse._engine.admin("dev") as connection:
        superusers = connection.execute("SELECT rolname FROM pg_catalog.pg_roles WHERE rolsuper").fetchall()
    assert superusers == [("postgres",)]


def test_an_ordinary_user_does_not_rename_the_schema_public(warehouse: Warehouse) -> None:
    warehouse.create_user("renamer")
    renamer = warehouse.session("dev", "renamer")
    with pytest.raises(SqlError, match="must be owner of schema public"):
        renamer.execute("ALTER SCHEMA public RENAME TO other")
    renamer.close()


def test_unknown_database_and_user(warehouse: Warehouse) -> None:
    with pytest.raises(SqlError, match='database "x" does not exist'):
        warehouse.session("x", "awsuser")
    with pytest.raises(SqlError, match='user "x" does not exist'):
        warehouse.session("dev", "x")


def _postgres_of(folder: Path) -> int:
    return int((folder / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not psutil.pid_exists(pid)


def test_stop_leaves_nothing(tmp_path: Path, s3: Objects) -> None:
    warehouse = Warehouse.start(tmp_path, read_s3=s3, cluster_user="boss", databases=("a", "b"))
    pid, home = _postgres_of(tmp_path), (tmp_path / "postgres").readlink()
    assert warehouse.session("b", "boss").execute("SELECT current_database()").rows == [("b",)]
    warehouse.stop()
    assert _gone(pid)
    assert not home.exists()
    assert list(tmp_path.iterdir()) == []


def test_killed_process_takes_postgresql_with_it(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from local_cloud.redshift.warehouse import Warehouse\n"
        "Warehouse.start(Path(sys.argv[1]), read_s3=None); print('up', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    pid, home = _postgres_of(tmp_path), (tmp_path / "postgres").readlink()
    process.kill()
    process.wait()
    assert _gone(pid)
    stop_leftover(tmp_path)
    assert not home.exists()
    assert list(tmp_path.iterdir()) == []


def test_programs_out_of_reach_are_copied(tmp_path: Path, s3: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run by root from a folder that is closed to others, PostgreSQL's own user could not start the programs."""
    found = postgres._binaries
    monkeypatch.setattr(postgres, "_binaries", lambda home: postgres._copied(found(home), home / "programs"))
    warehouse = Warehouse.start(tmp_path, read_s3=s3)
    assert (tmp_path / "postgres" / "programs").is_dir()
    assert warehouse.session("dev", "awsuser").execute("SELECT 1").rows == [(1,)]
    warehouse.stop()
