"""SET, SHOW, RESET, ANALYZE, VACUUM, cursors and #temporary tables."""

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.session import Session
from local_cloud.redshift.warehouse import Warehouse

Run = Callable[..., Outcome]


@pytest.mark.parametrize(
    ("parameter", "default", "value", "shown"),
    [
        ("query_group", "unset", "'6 p.m.'", "6 p.m."),
        ("statement_timeout", "0", "60000", "60000"),
        ("timezone", "UTC", "'America/New_York'", "America/New_York"),
        ("datestyle", "ISO, MDY", "'SQL,DMY'", "SQL, DMY"),
        ("search_path", "$user, public", "'$user', 'public', 'svd'", "$user, public, svd"),
        ("search_path", "$user, public", "a, b", "a, b"),
        ("enable_result_cache_for_session", "on", "OFF", "OFF"),
        ("wlm_query_slot_count", "1", "3", "3"),
        ("analyze_threshold_percent", "10", "0.01", "0.01"),
        ("enable_case_sensitive_identifier", "off", "false", "false"),
    ],
)
def test_a_setting(run: Run, parameter: str, default: str, value: str, shown: str) -> None:
    before = run(f"SHOW {parameter}")
    assert ([column.name for column in before.columns], before.rows) == ([parameter], [(default,)])
    run(f"SET {parameter} TO {value}")
    assert run(f"SHOW {parameter}").rows == [(shown,)]
    run(f"RESET {parameter}")
    assert run(f"SHOW {parameter}").rows == [(default,)]
    run(f"SET SESSION {parameter} = {value}")
    run("RESET ALL")
    assert run(f"SHOW {parameter}").rows == [(default,)]


def test_show_all_and_own_settings(run: Run) -> None:
    shown = run("SHOW ALL")
    assert [column.name for column in shown.columns] == ["name", "setting"]
    assert ("wlm_query_slot_count", "1") in shown.rows
    run("SET app_context.user_id TO 123")
    assert run("SHOW app_context.user_id").rows == [("123",)]
    for refused in ("SHOW nosuch", "SET nosuch TO 1", "SHOW nosuch.variable", "RESET nosuch"):
        with pytest.raises(SqlError, match="unrecognized configuration parameter"):
            run(refused)


def test_search_path_finds_tables_and_keeps_functions(run: Run) -> None:
    run("CREATE SCHEMA elsewhere")
    run("CREATE TABLE elsewhere.hidden (n INT)")
    run("SET search_path TO elsewhere")
    assert run("SELECT COUNT(*), NVL(MAX(n), 7) FROM hidden").rows == [(0, 7)]
    assert run("SELECT GETDATE() IS NOT NULL").rows == [(True,)]
    run("RESET search_path")
    with pytest.raises(SqlError, match='relation "hidden" does not exist'):
        run("SELECT * FROM hidden")


def test_session_authorization(run: Run, warehouse: Warehouse) -> None:
    warehouse.create_user("other")
    run("SET SESSION AUTHORIZATION 'other'")
    assert run("SELECT CURRENT_USER AS u").rows == [("other",)]
    run("SET SESSION AUTHORIZATION DEFAULT")
    assert run("SELECT CURRENT_USER AS u").rows == [("awsuser",)]


@pytest.mark.parametrize(
    "statement",
    [
        "ANALYZE", "ANALYZE VERBOSE", "ANALYZE public.kept", "ANALYZE public.kept (a, b)", "ANALYZE kept ALL COLUMNS",
        "ANALYZE kept PREDICATE COLUMNS", "VACUUM", "VACUUM kept", "VACUUM FULL public.kept", "VACUUM REINDEX kept",
        "VACUUM kept TO 100 PERCENT", "VACUUM SORT ONLY kept TO 75 PERCENT", "VACUUM DELETE ONLY kept",
        "VACUUM RECLUSTER kept", "VACUUM kept BOOST",
    ],
)  # fmt: skip
def test_maintenance(run: Run, statement: str) -> None:
    run("CREATE TABLE IF NOT EXISTS kept (a INT, b INT)")
    assert not run(statement).has_result


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("ANALYZE kept, kept", "syntax error"),
        ("ANALYZE nosuch", "does not exist"),
        ("VACUUM nosuch", 'relation "nosuch" does not exist'),
        ("VACUUM REINDEX kept TO 75 PERCENT", "does not support TO threshold"),
        ("VACUUM TO 75 PERCENT", "requires a table name"),
        ("VACUUM REINDEX", "requires a table name"),
        ("VACUUM kept TO 101 PERCENT", "between 0 and 100"),
        ("VACUUM kept NOW", "syntax error"),
    ],
)
def test_maintenance_refused(run: Run, statement: str, text: str) -> None:
    run("CREATE TABLE IF NOT EXISTS kept (a INT, b INT)")
    with pytest.raises(SqlError, match=text):
        run(statement)


def test_vacuum_is_refused_in_a_batch(session: Session) -> None:
    with pytest.raises(SqlError, match="VACUUM cannot run inside a transaction block"):
        session.execute_batch(["SELECT 1", "VACUUM"], lambda *_: None)


def test_vacuum_is_refused_after_begin(run: Run) -> None:
    run("BEGIN")
    with pytest.raises(SqlError, match="VACUUM cannot run inside a transaction block"):
        run("VACUUM")
    run("ROLLBACK")


def test_the_seed_of_random(run: Run) -> None:
    run("SET SEED TO .25")
    first = run("SELECT RANDOM() AS r").rows
    run("SET SEED TO .25")
    assert run("SELECT RANDOM() AS r").rows == first


def test_cursor(run: Run) -> None:
    run("CREATE TABLE curs (a INT)")
    run("INSERT INTO curs VALUES (1), (2), (3), (4)")
    with pytest.raises(SqlError, match="only be used in transaction blocks"):
        run("DECLARE c CURSOR FOR SELECT a FROM curs")
    run("BEGIN")
    run("DECLARE c CURSOR FOR SELECT a FROM curs ORDER BY a")
    fetched = run("FETCH FORWARD 2 FROM c")
    assert ([column.name for column in fetched.columns], fetched.rows) == (["a"], [(1,), (2,)])
    assert run("FETCH NEXT FROM c").rows == [(3,)]
    assert run("FETCH ALL FROM c").rows == [(4,)]
    assert run("FETCH FROM c").rows == []
    run("CLOSE c")
    run("DECLARE d CURSOR FOR SELECT a FROM curs")
    with pytest.raises(SqlError, match="only one cursor"):
        run("DECLARE e CURSOR FOR SELECT a FROM curs")
    run("ROLLBACK")
    with pytest.raises(SqlError, match='cursor "d" does not exist'):
        run("FETCH NEXT FROM d")


def test_temporary_tables_with_a_number_sign(run: Run, warehouse: Warehouse) -> None:
    run("CREATE TABLE #t (id INT)")
    run("INSERT INTO #t VALUES (5)")
    run("CREATE TABLE #u AS SELECT id + 1 AS id FROM #t")
    run("UPDATE #u SET id = id + 1")
    assert run("SELECT t.id, #u.id FROM #t t, #u").rows == [(5, 7)]
    other = warehouse.session("dev", "awsuser")
    with pytest.raises(SqlError, match='relation "#t" does not exist'):
        other.execute("SELECT * FROM #t")
    other.close()
    run("DROP TABLE #t")
    with pytest.raises(SqlError, match='relation "#t" does not exist'):
        run("SELECT * FROM #t")
