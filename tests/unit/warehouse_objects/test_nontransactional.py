"""Nontransactional files: in order, once, and recovered wherever the function died."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from relay.errors import InputError
from warehouse_objects.files import ChangedAfterItRan, SqlFile
from warehouse_objects.nontransactional import KNOWN_MINUTES, OutcomeUnknown
from warehouse_objects.runner import ObjectsFailed, TimeLimitExceeded

TABLE = {"name": "V1__trips.sql", "sql": "CREATE TABLE trips (n INT)"}
WIDER = {"name": "V2__wider.sql", "sql": "-- transaction: none\nALTER TABLE trips ALTER COLUMN n TYPE VARCHAR(9)"}
VIEW = {"name": "V3__view.sql", "sql": "CREATE VIEW v AS SELECT 1"}
SWEPT = {"name": "R__swept.sql", "sql": "-- transaction: none\nVACUUM trips"}


@pytest.fixture
def warehouse(redshift: Any) -> Callable[..., None]:
    """Says what the history holds, and how nontransactional statements end; transactions succeed."""

    def say(*rows: dict[str, Any], **outcome: Any) -> None:
        redshift.becomes.clear()
        redshift.when("FROM pg_tables", status="FINISHED", table=[{"tablename": "redshift_relay_history"}])
        redshift.when("SELECT file, checksum", status="FINISHED", table=list(rows))
        redshift.when("-- transaction: none", **({"status": "FINISHED"} | outcome))
        redshift.when("history", status="FINISHED")

    return say


def checksum(file: dict[str, str]) -> str:
    return SqlFile.parse(file["name"], file["sql"]).checksum


def begun(file: dict[str, str], token: str, minutes_ago: int = 3, **more: str) -> dict[str, Any]:
    """The row that an apply left which began the file and died."""
    return {"file": file["name"], "checksum": checksum(file), "begun": token, "minutes_ago": minutes_ago, **more}


def steps(redshift: Any) -> list[str]:
    """What ran, after the history was read: transactions in brackets."""
    names = {file["sql"]: file["name"] for file in (TABLE, WIDER, VIEW, SWEPT)}
    kinds = (
        ("LOCK", "lock"),
        ("SELECT 1 / CASE", "guard"),
        ("DELETE FROM", "forget"),
        ("INSERT INTO", "remember"),
        ("UPDATE", "ended"),
    )

    def word(sql: str) -> str:
        if re.search(r"SYSDATE, '[0-9a-f]{64}'\)$", sql):
            return "begin"
        return names.get(sql) or next(kind for start, kind in kinds if sql.startswith(start))

    found = []
    for operation, request in redshift.calls:
        if operation == "BatchExecuteStatement":
            found.append("[" + " ".join(map(word, request["Sqls"])) + "]")
        elif operation == "ExecuteStatement" and "/objects/" in request["StatementName"]:
            found.append(word(request["Sql"]))
    return found


def tokens(redshift: Any) -> list[str]:
    """The ClientTokens of the nontransactional statements."""
    return [
        request["ClientToken"]
        for request in redshift.made("ExecuteStatement")
        if "/objects/" in request["StatementName"]
    ]


def test_the_order_is_kept(apply: Any, warehouse: Any, redshift: Any) -> None:
    """What comes before is committed with its history, then it runs by itself, then its row is written."""
    warehouse()
    applied = apply(SWEPT, VIEW, WIDER, TABLE)
    assert applied == {"applied": [file["name"] for file in (TABLE, WIDER, VIEW, SWEPT)], "unchanged": 0}
    assert steps(redshift) == [
        "[lock guard V1__trips.sql forget remember]",
        "[lock guard forget begin]",
        "V2__wider.sql",
        "[lock ended]",
        "[lock guard V3__view.sql forget remember]",
        "[lock guard forget begin]",
        "R__swept.sql",
        "[lock ended]",
    ]


def test_a_nontransactional_file_runs_once(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse({"file": WIDER["name"], "checksum": checksum(WIDER), "begun": None, "minutes_ago": 9})
    assert apply(WIDER) == {"applied": [], "unchanged": 1}
    assert steps(redshift) == []


def test_the_note_names_the_token_of_the_statement(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse()
    apply(WIDER)
    (token,) = tokens(redshift)
    (note, _) = redshift.made("BatchExecuteStatement")
    assert note["Sqls"][-1].endswith(f"'{checksum(WIDER)}', SYSDATE, '{token}')")
    apply(WIDER)
    assert len(set(tokens(redshift))) == 2  # a file that is to run again gets a token of its own


def test_a_refused_file_runs_nothing(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse()
    with pytest.raises(InputError, match=r"^V9__x\.sql: VACUUM cannot run inside a transaction block\. Add"):
        apply(TABLE, {"name": "V9__x.sql", "sql": "VACUUM"})
    assert not redshift.calls


def test_more_files_than_a_transaction_takes_between_two_nontransactional_ones(
    apply: Any, warehouse: Any, redshift: Any
) -> None:
    warehouse()
    many = [{"name": f"V3.{n}__x.sql", "sql": f"SELECT {n}"} for n in range(38)]
    applied = [file["name"] for file in (TABLE, WIDER, *many, SWEPT)]
    assert apply(SWEPT, TABLE, WIDER, *many)["applied"] == applied
    sizes = [len(request["Sqls"]) for request in redshift.made("BatchExecuteStatement")]
    assert sizes == [5, 4, 2, 40, 6, 4, 2]


# It fails


def test_its_failure_names_it_and_what_stays(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse(status="FAILED", error="ERROR: no such column")
    with pytest.raises(ObjectsFailed) as caught:
        apply(TABLE, WIDER, VIEW)
    assert str(caught.value) == (
        "V2__wider.sql: ERROR: no such column\n"
        "  ALTER TABLE trips ALTER COLUMN n TYPE VARCHAR(9)\n"
        "These files ran before it and stay: V1__trips.sql. Nothing else of this apply does."
    )
    assert steps(redshift)[-2:] == ["V2__wider.sql", "[lock forget]"]  # so that the next apply runs it again


def test_a_failure_after_it_says_that_it_stays(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse()
    parts = [{"Status": "FINISHED"}] * 2 + [{"Status": "FAILED", "Error": "ERROR: no"}]
    redshift.becomes.insert(0, (VIEW["sql"], {"status": "FAILED", "parts": parts}))
    with pytest.raises(
        ObjectsFailed,
        match=r"^V3__view.sql: ERROR: no\n.*\nThese files ran before it and stay: V1__trips.sql, V2__wider.sql\.",
    ):
        apply(TABLE, WIDER, VIEW)


def test_a_note_that_cannot_be_taken_back_does_not_hide_the_reason(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse(status="FAILED", error="ERROR: no such column")
    made = redshift.batch_execute_statement

    def refuse(**request: Any) -> Any:
        if len(request["Sqls"]) == 1:
            redshift.refuse("BatchExecuteStatement", "InternalServerException", "later", times=1)
        return made(**request)

    redshift.batch_execute_statement = refuse
    with pytest.raises(ObjectsFailed, match=r"V2__wider.sql: ERROR: no such column"):
        apply(WIDER)


def test_what_only_redshift_can_tell_is_explained(apply: Any, warehouse: Any, redshift: Any) -> None:
    """DROP TABLE of an external table looks like any other."""
    warehouse()
    parts = [
        {"Status": "FINISHED"},
        {"Status": "FINISHED"},
        {"Status": "FAILED", "Error": "ERROR: DROP EXTERNAL TABLE cannot run inside a transaction block"},
    ]
    redshift.becomes.insert(0, (VIEW["sql"], {"status": "FAILED", "parts": parts}))
    with pytest.raises(ObjectsFailed, match=r"block\n  .*\nAdd '-- transaction: none' as its first line to run it"):
        apply(VIEW)


# The function died after it was begun


@pytest.mark.parametrize("ends", ["it has ended", "it runs still"])
def test_a_statement_that_was_begun_is_asked_for_and_not_repeated(
    ends: str, apply: Any, warehouse: Any, redshift: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redshift tells by the token what became of it."""
    warehouse(status="STARTED")
    with pytest.raises(TimeLimitExceeded):
        apply(WIDER, context=_dying(redshift))
    (token,) = tokens(redshift)
    (known,) = [one for one in redshift.statements.values() if one.name.startswith("taxi/objects/V2")]
    known.status = "FINISHED" if ends == "it has ended" else "STARTED"

    def sleep(_: float) -> None:
        known.status = "FINISHED"

    monkeypatch.setattr("time.sleep", sleep)
    redshift.calls.clear()
    warehouse(begun(WIDER, token))
    assert apply(TABLE, WIDER)["applied"] == ["V1__trips.sql", "V2__wider.sql"]
    assert steps(redshift) == ["[lock guard V1__trips.sql forget remember]", "V2__wider.sql", "[lock ended]"]
    assert tokens(redshift) == [token]
    assert [one for one in redshift.statements.values() if one.name.startswith("taxi/objects/V2")] == [known]


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_a_statement_that_failed_while_nobody_was_there_runs_again(
    status: str, apply: Any, warehouse: Any, redshift: Any
) -> None:
    warehouse(status=status)
    with pytest.raises(ObjectsFailed):
        apply(WIDER)
    (token,) = tokens(redshift)
    redshift.calls.clear()
    warehouse(begun(WIDER, token))
    assert apply(WIDER)["applied"] == ["V2__wider.sql"]
    assert steps(redshift) == ["V2__wider.sql", "[lock guard forget begin]", "V2__wider.sql", "[lock ended]"]
    assert len(set(tokens(redshift))) == 2


def test_a_statement_that_was_noted_and_never_begun_runs(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse(begun(WIDER, "a" * 64))
    assert apply(WIDER)["applied"] == ["V2__wider.sql"]
    assert steps(redshift) == ["V2__wider.sql", "[lock ended]"]


def test_when_redshift_has_forgotten_the_token_a_person_looks(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse(begun(WIDER, "a" * 64, KNOWN_MINUTES))
    with pytest.raises(OutcomeUnknown) as caught:
        apply(WIDER)
    assert str(caught.value) == (
        "V2__wider.sql: an apply began it 7 hours ago without seeing its end, and Redshift no longer knows its"
        " outcome. To go on, check in the warehouse whether it took effect, record the result, and apply again:\n"
        "  it did:     UPDATE public.redshift_relay_history SET begun = NULL"
        " WHERE name_prefix = 'taxi' AND file = 'V2__wider.sql'\n"
        "  it did not: DELETE FROM public.redshift_relay_history WHERE name_prefix = 'taxi' AND file = 'V2__wider.sql'"
    )
    assert steps(redshift) == []


def test_a_file_that_was_changed_after_it_was_begun_is_refused(apply: Any, warehouse: Any, redshift: Any) -> None:
    """The token stands for the old text."""
    warehouse(begun(WIDER, "a" * 64, checksum="0" * 64))
    with pytest.raises(
        OutcomeUnknown, match=r"V2__wider.sql was changed after an apply began it .*\. Restore it and apply"
    ):
        apply(WIDER)
    assert steps(redshift) == []


@pytest.mark.parametrize("note", ["of another text", "too old"])
def test_a_note_that_tells_nothing_is_told_before_anything_runs(
    note: str, apply: Any, warehouse: Any, redshift: Any
) -> None:
    old = {"checksum": "0" * 64} if note == "of another text" else {"minutes_ago": KNOWN_MINUTES}
    warehouse(begun(WIDER, "a" * 64) | old)
    with pytest.raises(OutcomeUnknown):
        apply(TABLE, WIDER)
    assert steps(redshift) == []


def test_a_file_whose_first_line_was_taken_away_after_it_was_begun_is_refused(
    apply: Any, warehouse: Any, redshift: Any
) -> None:
    """It may have taken effect, and the transaction would repeat it."""
    file = {"name": "V2__more.sql", "sql": "INSERT INTO trips SELECT 1"}
    warehouse(begun(file | {"sql": f"-- transaction: none\n{file['sql']}"}, "a" * 64))
    with pytest.raises(OutcomeUnknown, match=r"V2__more.sql was changed after an apply began it .*\. Restore it"):
        apply(TABLE, file)
    assert steps(redshift) == []


def test_what_editors_change_is_the_same_request(apply: Any, warehouse: Any, redshift: Any) -> None:
    """Redshift may refuse a token that comes with another text, and the checksum does not see blanks and line ends."""
    token = "a" * 64
    for change in (WIDER["sql"], f"\n{WIDER['sql']} \n", f"\ufeff{WIDER['sql']}", WIDER["sql"].replace("\n", "\r\n")):
        warehouse(begun(WIDER, token))
        apply(WIDER | {"sql": change})
    assert {one["Sql"] for one in redshift.made("ExecuteStatement") if one["ClientToken"] == token} == {WIDER["sql"]}


# It takes longer than the function may


def test_a_nontransactional_statement_is_not_cancelled_and_the_next_apply_waits_for_it(
    apply: Any, warehouse: Any, redshift: Any
) -> None:
    """The function's time is at most 15 minutes, whatever a VACUUM takes."""
    warehouse(status="STARTED")
    with pytest.raises(TimeLimitExceeded) as caught:
        apply(WIDER, context=_dying(redshift))
    (known,) = [one for one in redshift.statements.values() if one.name.startswith("taxi/objects/V2")]
    assert str(caught.value) == (f"V2__wider.sql still runs as statement {known.id}. Apply again to wait for it.")
    assert known.status == "STARTED"
    assert not redshift.made("CancelStatement")
    assert steps(redshift) == ["[lock guard forget begin]", "V2__wider.sql"]  # the note stays


def test_a_note_that_takes_too_long_is_no_file_s_fault(apply: Any, warehouse: Any, redshift: Any, context: Any) -> None:
    warehouse()
    redshift.becomes[-1] = ("history", {"status": "STARTED"})
    with pytest.raises(TimeLimitExceeded, match=r"was cancelled\. Apply again to continue after the files that ran\.$"):
        apply(WIDER, context=context(times_left=(1000,)))


# Another apply goes on meanwhile


SEED = {"name": "V3__seed.sql", "sql": "INSERT INTO trips VALUES (1)"}
APPEND = {"name": "V3__append.sql", "sql": "-- transaction: none\nALTER TABLE trips APPEND FROM more"}


@pytest.fixture
def meanwhile(warehouse: Any, redshift: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """V2 still runs for another apply; while this one waits for it, the other leaves these rows too."""

    def say(*rows: dict[str, Any]) -> None:
        warehouse(begun(WIDER, "a" * 64), status="STARTED")

        def sleep(_: float) -> None:
            for one in redshift.statements.values():
                one.status = "FINISHED"
            warehouse(_ran(WIDER), *rows)

        monkeypatch.setattr("time.sleep", sleep)

    return say


@pytest.mark.parametrize("third", [SEED, APPEND], ids=["transaction", "nontransactional"])
def test_what_another_apply_ran_meanwhile_is_not_run_again(
    third: dict[str, str], apply: Any, meanwhile: Any, redshift: Any
) -> None:
    meanwhile(_ran(third))
    assert apply(TABLE | {"name": "V1.5__old.sql"}, WIDER, third)["applied"] == ["V1.5__old.sql", "V2__wider.sql"]
    assert not [sql for sql in _ran_sql(redshift) if third["sql"] in sql]


def test_of_a_transaction_only_what_another_apply_did_not_run_runs(apply: Any, meanwhile: Any, redshift: Any) -> None:
    meanwhile(_ran(SEED))
    late = {"name": "V4__late.sql", "sql": "SELECT 4"}
    assert apply(WIDER, SEED, late) == {"applied": ["V2__wider.sql", "V4__late.sql"], "unchanged": 1}
    assert SEED["sql"] not in _ran_sql(redshift)


def test_what_another_apply_began_meanwhile_is_waited_for(apply: Any, meanwhile: Any, redshift: Any) -> None:
    meanwhile(begun(APPEND, "b" * 64))
    assert apply(WIDER, APPEND)["applied"] == ["V2__wider.sql", "V3__append.sql"]
    assert tokens(redshift) == ["a" * 64, "b" * 64]


def test_what_another_apply_ran_meanwhile_with_another_text_is_told(apply: Any, meanwhile: Any, redshift: Any) -> None:
    meanwhile(_ran(SEED) | {"checksum": "0" * 64})
    with pytest.raises(ChangedAfterItRan, match=r"V3__seed.sql was changed after it ran"):
        apply(WIDER, SEED)
    assert SEED["sql"] not in _ran_sql(redshift)


def _ran(file: dict[str, str]) -> dict[str, Any]:
    return {"file": file["name"], "checksum": checksum(file), "begun": None, "minutes_ago": 0}


def _ran_sql(redshift: Any) -> list[str]:
    return [sql for _, request in redshift.calls for sql in request.get("Sqls", [request.get("Sql", "")])]


def _dying(redshift: Any) -> Any:
    """A context whose time is up once the nontransactional statement exists."""

    class Context:
        aws_request_id = "req-1"

        def get_remaining_time_in_millis(self) -> int:
            return 1 if any(one.name.startswith("taxi/objects/V2") for one in redshift.statements.values()) else 60_000

    return Context()
