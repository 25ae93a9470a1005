"""Procedures: their bodies are translated statement by statement, and behave as Redshift's do."""

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.procedures.body import translate_body
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.session import Session
from local_cloud.redshift.translate import translate
from local_cloud.redshift.warehouse import Warehouse

Run = Callable[..., Outcome]


def make(run: Run, name: str, body: str, arguments: str = "") -> None:
    run(f"CREATE OR REPLACE PROCEDURE {name}({arguments}) AS $$ {body} $$ LANGUAGE plpgsql")


def test_control_flow_and_translated_expressions(run: Run) -> None:
    run("CREATE TABLE log (what VARCHAR(50), v BIGINT)")
    make(
        run,
        "flow",
        """
DECLARE
  n BIGINT := NVL(NULL, 2);  -- a comment; with a semicolon
  days INT DEFAULT DATEDIFF(day, '2015-01-01', '2015-01-04');
  r RECORD;
BEGIN
  IF n = 1 THEN
    INSERT INTO log VALUES ('wrong', n);
  ELSIF CASE WHEN n = 2 THEN TRUE ELSE FALSE END THEN
    INSERT INTO log VALUES ('elsif; then', days);
  ELSE
    INSERT INTO log VALUES ('wrong', n);
  END IF;
  FOR i IN 1..2 LOOP
    INSERT INTO log VALUES ('for', i);
  END LOOP;
  FOR r IN SELECT TOP 1 what, v FROM log ORDER BY v DESC LOOP
    INSERT INTO log VALUES ('query ' || r.what, r.v);
  END LOOP;
  WHILE n < 4 LOOP
    n := n + 1;
    EXIT WHEN n = 4;
  END LOOP;
  SELECT INTO days COUNT(*) FROM log;
  SELECT n + 1, LEN('abc') INTO n, days FROM log LIMIT 1;
  EXECUTE 'INSERT INTO log VALUES (''dynamic'', NVL(NULL, ' || n || '))';
  RAISE INFO 'n is %, %', n, NVL(NULL, 1);
END;
""",
    )
    run("CALL flow()")
    assert run("SELECT * FROM log ORDER BY what, v").rows == [
        ("dynamic", 5),
        ("elsif; then", 3),
        ("for", 1),
        ("for", 2),
        ("query elsif; then", 3),
    ]


def test_arguments_and_out_values(run: Run) -> None:
    make(run, "twice", "BEGIN b := a * 2; END;", "a INT, b INOUT INT")
    assert run("CALL twice(:x::int, 0)", x="21").rows == [(42,)]


def test_commit_in_a_procedure_keeps_what_was_before(run: Run) -> None:
    run("CREATE TABLE kept (n INT)")
    make(
        run,
        "keeps",
        "BEGIN INSERT INTO kept VALUES (1); COMMIT; INSERT INTO kept VALUES (2); RAISE EXCEPTION 'no'; END;",
    )
    with pytest.raises(SqlError) as failed:
        run("CALL keeps()")
    assert failed.value.message == "ERROR: no"
    assert run("SELECT n FROM kept").rows == [(1,)]


def test_truncate_in_a_procedure_commits(run: Run) -> None:
    run("CREATE TABLE emptied (n INT)")
    run("INSERT INTO emptied VALUES (1)")
    make(run, "empties", "BEGIN TRUNCATE emptied; RAISE EXCEPTION 'after'; END;")
    with pytest.raises(SqlError, match="after"):
        run("CALL empties()")
    assert run("SELECT COUNT(*) FROM emptied").rows == [(0,)]


def test_truncate_in_a_batch_commits(run: Run, session: Session) -> None:
    run("CREATE TABLE batched (n INT)")
    run("INSERT INTO batched VALUES (1)")
    with pytest.raises(SqlError):
        session.execute_batch(["TRUNCATE batched", "SELECT * FROM nowhere"], lambda *_: None)
    assert run("SELECT COUNT(*) FROM batched").rows == [(0,)]


def test_delete_in_a_procedure_is_undone(run: Run) -> None:
    run("CREATE TABLE restored (n INT)")
    run("INSERT INTO restored VALUES (1)")
    make(run, "fails", "BEGIN DELETE FROM restored; RAISE EXCEPTION 'after'; END;")
    with pytest.raises(SqlError, match="after"):
        run("CALL fails()")
    assert run("SELECT COUNT(*) FROM restored").rows == [(1,)]


def test_an_exception_block_rethrows(run: Run) -> None:
    body = "BEGIN PERFORM 1 / 0; EXCEPTION WHEN OTHERS THEN IF TRUE THEN RAISE INFO 'seen: %', SQLERRM; END IF; END;"
    make(run, "rethrows", body)
    with pytest.raises(SqlError, match="division by zero"):
        run("CALL rethrows()")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("BEGIN ALTER TABLE a APPEND FROM b; END;", "ALTER TABLE APPEND cannot be executed from a procedure"),
        ("BEGIN INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING; END;", "ON CONFLICT is not Redshift SQL"),
        ("BEGIN CREATE INDEX i ON t (a); END;", "CREATE INDEX is not Redshift SQL"),
        ("BEGIN FOREACH x IN ARRAY y LOOP NULL; END LOOP; END;", "FOREACH in a procedure is not Redshift SQL"),
        ("BEGIN ASSERT 1 = 1; END;", "ASSERT in a procedure is not Redshift SQL"),
        ("BEGIN NULL; EXCEPTION WHEN division_by_zero THEN NULL; END;", "Redshift knows only OTHERS"),
        ("BEGIN EXECUTE 'SELECT $1' USING 1; END;", "EXECUTE ... USING is not Redshift SQL"),
        ("BEGIN SELECT a FROM t WHERE b = :c; END;", 'syntax error at or near ":c"'),
        ("BEGIN NULL", '";" is missing'),
    ],
)
def test_an_error_in_a_body(body: str, text: str) -> None:
    with pytest.raises(SqlError) as raised:
        translate_body(body, translate)
    assert text in raised.value.message


def test_vacuum_fails_when_the_procedure_runs(run: Run) -> None:
    make(run, "vacuums", "BEGIN VACUUM; END;")
    with pytest.raises(SqlError, match="VACUUM cannot be executed from a procedure"):
        run("CALL vacuums()")


def test_dynamic_sql_follows_the_same_rules(run: Run) -> None:
    make(run, "dynamic", "BEGIN EXECUTE 'CREATE INDEX i ON t (a)'; END;")
    with pytest.raises(SqlError) as failed:
        run("CALL dynamic()")
    assert failed.value.message == "ERROR: CREATE INDEX is not Redshift SQL"


def test_only_the_granted_may_call_and_they_act_as_themselves(run: Run, warehouse: Warehouse) -> None:
    run("CREATE TABLE secret (n INT)")
    make(run, "reads", "BEGIN DELETE FROM secret; END;")
    run(
        "CREATE OR REPLACE PROCEDURE as_owner() AS $$ BEGIN DELETE FROM secret; END; $$"
        " LANGUAGE plpgsql SECURITY DEFINER"
    )
    warehouse.create_user("IAMR:Caller")
    caller = warehouse.session("dev", "IAMR:Caller")
    with pytest.raises(SqlError) as denied:
        caller.execute("CALL reads()")
    assert denied.value.message == "ERROR: permission denied for procedure reads"
    run('GRANT EXECUTE ON PROCEDURE reads(), as_owner() TO "IAMR:Caller"')
    make(run, "reads", "BEGIN DELETE FROM secret; END;")  # replacing keeps the grant
    with pytest.raises(SqlError) as denied:
        caller.execute("CALL reads()")
    assert denied.value.message == "ERROR: permission denied for relation secret"
    caller.execute("CALL as_owner()")


def test_drop_wants_the_argument_types(run: Run) -> None:
    make(run, "dropped", "BEGIN NULL; END;", "a INT")
    with pytest.raises(SqlError):
        run("DROP PROCEDURE dropped()")
    run("DROP PROCEDURE dropped(INT)")


def _handled(run: Run) -> None:
    run("CREATE TABLE IF NOT EXISTS handled (n INT)")
    run("CREATE TABLE IF NOT EXISTS handler_log (text VARCHAR(90))")
    run("DELETE FROM handled")
    run("DELETE FROM handler_log")
    body = (
        "BEGIN INSERT INTO handled VALUES (1); BEGIN INSERT INTO handled VALUES (2); PERFORM 1 / 0;"
        " EXCEPTION WHEN OTHERS THEN INSERT INTO handler_log VALUES (SQLERRM); END;"
        " INSERT INTO handled VALUES (3); END;"
    )
    make(run, "logs", body)


def test_a_handlers_row_stays_and_the_call_fails_all_the_same(run: Run) -> None:
    _handled(run)
    with pytest.raises(SqlError, match="division by zero"):
        run("CALL logs()")
    assert run("SELECT text FROM handler_log").rows == [("division by zero",)]
    assert run("SELECT n FROM handled").rows == []


def test_a_handler_in_a_batch_runs_in_the_batchs_transaction(run: Run, session: Session) -> None:
    _handled(run)
    with pytest.raises(SqlError, match="division by zero"):
        session.execute_batch(["INSERT INTO handled VALUES (9)", "CALL logs()"], lambda *_: None)
    assert run("SELECT n FROM handled").rows == []


def test_an_outer_handler_catches_the_error_of_an_inner_procedure(run: Run) -> None:
    _handled(run)
    make(
        run,
        "outer_logs",
        "BEGIN CALL logs(); EXCEPTION WHEN OTHERS THEN INSERT INTO handler_log VALUES ('outer: ' || SQLERRM); END;",
    )
    with pytest.raises(SqlError, match="division by zero"):
        run("CALL outer_logs()")
    assert ("outer: division by zero",) in run("SELECT text FROM handler_log").rows


def test_execute_of_null(run: Run) -> None:
    make(run, "executes_null", "DECLARE t VARCHAR(9); BEGIN EXECUTE t; END;")
    with pytest.raises(SqlError, match="cannot EXECUTE a null querystring"):
        run("CALL executes_null()")


def test_a_dynamic_truncate_commits(run: Run) -> None:
    run("CREATE TABLE dynamically (n INT)")
    run("INSERT INTO dynamically VALUES (1)")
    body = "BEGIN EXECUTE 'TRUNCATE ' || 'dynamically'; EXECUTE 'SELECT 1'; RAISE EXCEPTION 'stop'; END;"
    make(run, "dynamic_truncate", body)
    with pytest.raises(SqlError, match="stop"):
        run("CALL dynamic_truncate()")
    assert run("SELECT n FROM dynamically").rows == []
    run("BEGIN")
    with pytest.raises(SqlError, match="TRUNCATE cannot be invoked from a procedure"):
        run("CALL dynamic_truncate()")
    run("ROLLBACK")
