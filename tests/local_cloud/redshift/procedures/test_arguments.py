"""Arguments, labels, CASE, NONATOMIC and transactions of procedures."""

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.translate import translate

Run = Callable[..., Outcome]


def make(run: Run, header: str, body: str, options: str = "") -> None:
    run(f"CREATE OR REPLACE PROCEDURE {header} {options} AS $$ {body} $$ LANGUAGE plpgsql")


def test_out_arguments_are_not_given_and_give_one_row(run: Run) -> None:
    make(
        run,
        "sp_out(f1 IN INT, f2 INOUT VARCHAR(256), out_var OUT VARCHAR(256))",
        "BEGIN FOR i IN 1..f1 LOOP f2 := f2 || '+' || f2; END LOOP; out_var := f1 * 10; END;",
    )
    called = run("CALL sp_out(2, '2019')")
    assert [column.name for column in called.columns] == ["f2", "out_var"]
    assert called.rows == [("2019+2019+2019+2019", "20")]
    assert run("CALL public.sp_out(:n, 'x')", n="0").rows == [("x", "0")]
    run("DROP PROCEDURE sp_out(INT, VARCHAR)")


def test_the_mode_comes_before_or_behind_the_name(run: Run) -> None:
    make(run, "modes(OUT a INT, IN b INT)", "BEGIN a := b + 1; END;")
    assert run("CALL modes(7)").rows == [(8,)]
    make(run, "never(x OUT INT)", "BEGIN NULL; END;")
    assert run("CALL never()").rows == [(None,)]


def test_unnamed_arguments(run: Run) -> None:
    run("CREATE TABLE unnamed_log (m VARCHAR(50))")
    make(
        run,
        "unnamed(VARCHAR(50), DECIMAL(8,2))",
        "DECLARE x ALIAS FOR $1; BEGIN INSERT INTO unnamed_log VALUES (x); END;",
    )
    run("CALL unnamed('a', 1.5)")
    assert run("SELECT m FROM unnamed_log").rows == [("a",)]


def test_an_argument_named_like_a_type(run: Run) -> None:
    make(
        run,
        "named(number INT, date DOUBLE PRECISION, out text CHARACTER VARYING(9))",
        "BEGIN text := number + date; END;",
    )
    assert run("CALL named(1, 2.5)").rows == [("3.5",)]


def test_a_cursor_is_returned(run: Run) -> None:
    make(run, "cursors(n IN INT, c INOUT refcursor)", "BEGIN OPEN c FOR SELECT n + 1 AS m; END;")
    run("BEGIN")
    assert run("CALL cursors(2, 'mine')").rows == [("mine",)]
    assert run("FETCH ALL FROM mine").rows == [(3,)]
    run("COMMIT")


def test_case_and_labels(run: Run) -> None:
    run("CREATE TABLE case_log (n INT, m VARCHAR(20))")
    make(
        run,
        "cases(x INT)",
        "DECLARE m VARCHAR(20); i INT := 0; BEGIN"
        " CASE x WHEN 1, 2 THEN m := 'few'; ELSE m := 'other'; END CASE;"
        " INSERT INTO case_log VALUES (x, m);"
        " CASE WHEN CASE WHEN x > 1 THEN TRUE ELSE FALSE END THEN m := 'large'; WHEN x < 2 THEN m := 'small'; END CASE;"
        " INSERT INTO case_log VALUES (x, m);"
        " <<outermost>> LOOP LOOP i := i + 1; EXIT outermost WHEN i = 3; END LOOP; END LOOP outermost;"
        " INSERT INTO case_log VALUES (i, 'loops'); END;",
    )
    run("CALL cases(1)")
    run("CALL cases(9)")
    rows = [(1, "few"), (1, "small"), (3, "loops"), (9, "other"), (9, "large"), (3, "loops")]
    assert sorted(run("SELECT n, m FROM case_log").rows) == sorted(rows)
    make(run, "no_case(x INT)", "BEGIN CASE x WHEN 1 THEN NULL; END CASE; END;")
    with pytest.raises(SqlError, match="case not found"):
        run("CALL no_case(2)")


def test_nonatomic_commits_each_statement(run: Run) -> None:
    run("CREATE TABLE na_log (n INT)")
    make(run, "na(x INT)", "BEGIN INSERT INTO na_log VALUES (x); RAISE EXCEPTION 'stop'; END;", "NONATOMIC")
    with pytest.raises(SqlError, match="stop"):
        run("CALL na(1)")
    assert run("SELECT n FROM na_log").rows == [(1,)]
    run("BEGIN")
    with pytest.raises(SqlError, match="stop"):
        run("CALL na(2)")
    run("ROLLBACK")
    assert run("SELECT n FROM na_log").rows == [(1,)]


@pytest.mark.parametrize("body", ["TRUNCATE ends_log;", "COMMIT;", "ROLLBACK;"])
def test_a_transaction_block_of_the_caller_cannot_be_ended(run: Run, body: str) -> None:
    run("CREATE TABLE IF NOT EXISTS ends_log (n INT)")
    make(run, "ends()", f"BEGIN {body} END;")
    run("CALL ends()")
    run("BEGIN")
    with pytest.raises(SqlError) as failed:
        run("CALL ends()")
    run("ROLLBACK")
    word = body.split()[0].rstrip(";")
    assert (
        failed.value.message
        == f"ERROR: {word} cannot be invoked from a procedure that is executing in an atomic context."
    )


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (
            "CREATE PROCEDURE p() NONATOMIC AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql SECURITY DEFINER",
            "SECURITY DEFINER",
        ),
        (
            "CREATE PROCEDURE p() NONATOMIC AS $$ BEGIN NULL; EXCEPTION WHEN OTHERS THEN END; $$ LANGUAGE plpgsql",
            "An EXCEPTION block in a NONATOMIC procedure is not emulated",
        ),
        ("CREATE PROCEDURE p() AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql SET query_group TO x", "SET is not emulated"),
        ("CREATE PROCEDURE p(a nosuchkind INT) AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql", "syntax error"),
        ("CREATE PROCEDURE p() AS $$ BEGIN NULL; END; $$", "LANGUAGE must be plpgsql"),
    ],
)
def test_a_header_that_is_refused(statement: str, text: str) -> None:
    with pytest.raises(SqlError, match=text):
        translate(statement)


def test_too_many_arguments() -> None:
    arguments = ", ".join(f"a{i} INT" for i in range(33))
    with pytest.raises(SqlError, match="at most 32 input"):
        translate(f"CREATE PROCEDURE p({arguments}) AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql")


def test_dynamic_null(run: Run) -> None:
    make(run, "null_sql()", "DECLARE s VARCHAR(9); BEGIN EXECUTE s; END;")
    with pytest.raises(SqlError, match="cannot EXECUTE a null querystring"):
        run("CALL null_sql()")
