"""Warehouse objects: files run in order, once or when they change, in one transaction, and a failure names its file."""

from collections.abc import Callable
from typing import Any

import pytest

from relay.errors import CallFailed, InputError, RelayError, UnknownAction
from warehouse_objects.files import ChangedAfterItRan, RenamedAfterItRan, SqlFile
from warehouse_objects.runner import ObjectsFailed, TimeLimitExceeded

TABLE = {"name": "V1__trips.sql", "sql": "-- trips\nCREATE TABLE trips (n INT)"}
VIEW = {"name": "V2__volume.sql", "sql": "CREATE MATERIALIZED VIEW volume AS SELECT 1"}
PROCEDURE = {
    "name": "R__load.sql",
    "sql": "CREATE OR REPLACE PROCEDURE load() AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql",
}
HISTORY = "public.redshift_relay_history"


def checksum(file: dict[str, str]) -> str:
    return SqlFile.parse(file["name"], file["sql"]).checksum


@pytest.fixture
def warehouse(redshift: Any) -> Callable[..., None]:
    """Says what the history holds (None: it is not there), and how the batch ends."""

    def say(history: dict[str, str] | None = None, **batch: Any) -> None:
        there = [] if history is None else [{"tablename": "redshift_relay_history"}]
        rows = [
            {"file": file, "checksum": value, "begun": None, "minutes_ago": 9}
            for file, value in (history or {}).items()
        ]
        redshift.when("FROM pg_tables", status="FINISHED", table=there)
        redshift.when("SELECT file, checksum", status="FINISHED", table=rows)
        redshift.when("CREATE TABLE IF NOT EXISTS", status="FINISHED")
        redshift.when("LOCK ", **({"status": "FINISHED"} | batch))

    return say


def batches(redshift: Any) -> list[list[str]]:
    return [request["Sqls"] for request in redshift.made("BatchExecuteStatement")]


# What runs


def test_the_first_apply_runs_all_in_one_transaction(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse()
    assert apply(PROCEDURE, VIEW, TABLE) == {
        "applied": ["V1__trips.sql", "V2__volume.sql", "R__load.sql"],
        "unchanged": 0,
    }
    (create,), (lock, guard, *files, forget, remember) = batches(redshift)
    assert create.startswith(f"CREATE TABLE IF NOT EXISTS {HISTORY} (")
    assert lock == f"LOCK {HISTORY}"
    assert guard == (
        f"SELECT 1 / CASE WHEN COUNT(*) = 0 THEN 1 ELSE 0 END AS unchanged FROM {HISTORY} WHERE name_prefix = 'taxi'"
        " AND (file = 'V1__trips.sql' OR file = 'V2__volume.sql' OR file = 'R__load.sql')"
    )
    assert files == [TABLE["sql"], VIEW["sql"], PROCEDURE["sql"]]
    assert forget == (
        f"DELETE FROM {HISTORY} WHERE name_prefix = 'taxi'"
        " AND file IN ('V1__trips.sql', 'V2__volume.sql', 'R__load.sql')"
    )
    insert = f"INSERT INTO {HISTORY} (name_prefix, file, checksum, applied_at) VALUES"
    assert remember.startswith(f"{insert} ('taxi', 'V1__trips.sql', '{checksum(TABLE)}', SYSDATE), (")
    names = {request["StatementName"] for _, request in redshift.calls if "StatementName" in request}
    assert names == {"taxi/history/req-1", "taxi/objects/req-1"}


def test_the_second_apply_runs_nothing(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse({file["name"]: checksum(file) for file in (TABLE, VIEW, PROCEDURE)})
    assert apply(TABLE, VIEW, PROCEDURE) == {"applied": [], "unchanged": 3}
    assert batches(redshift) == []


def test_files_that_are_gone_are_named(apply: Any, warehouse: Any) -> None:
    """What they created stays in the warehouse, and only the history still knows of them."""
    warehouse({file["name"]: checksum(file) for file in (TABLE, VIEW, PROCEDURE)})
    assert apply(TABLE) == {"applied": [], "unchanged": 1, "removed": ["R__load.sql", "V2__volume.sql"]}


def test_a_changed_r_file_runs_exactly_itself(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse({TABLE["name"]: checksum(TABLE), PROCEDURE["name"]: "0" * 64})
    assert apply(TABLE, PROCEDURE) == {"applied": ["R__load.sql"], "unchanged": 1}
    ((_, guard, *files, forget, remember),) = batches(redshift)
    assert files == [PROCEDURE["sql"]]
    assert guard.endswith(f"AND (file = 'R__load.sql' AND (begun IS NOT NULL OR checksum <> '{'0' * 64}'))")
    assert TABLE["name"] not in forget + remember


def test_a_new_v_file_runs_without_the_others(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse({file["name"]: checksum(file) for file in (TABLE, PROCEDURE)})
    assert apply(TABLE, VIEW, PROCEDURE)["applied"] == ["V2__volume.sql"]


def test_a_changed_v_file_is_refused(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse({TABLE["name"]: "0" * 64})
    with pytest.raises(ChangedAfterItRan, match=r"V1__trips\.sql was changed after it ran .* new V file"):
        apply(TABLE, PROCEDURE)
    assert batches(redshift) == []


def test_a_renamed_v_file_is_refused(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse({"V1__old_name.sql": checksum(TABLE)})
    with pytest.raises(RenamedAfterItRan, match=r"V1__trips\.sql ran as V1__old_name\.sql"):
        apply(TABLE, PROCEDURE)
    assert batches(redshift) == []


def test_no_files(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse()
    assert apply() == {"applied": [], "unchanged": 0}
    assert batches(redshift) == []


def test_the_history_of_another_prefix_is_not_read(apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse({})
    apply(TABLE)
    reading = redshift.made("ExecuteStatement")[1]
    assert reading["Sql"].endswith("WHERE name_prefix = :prefix")
    assert reading["Parameters"] == [{"name": "prefix", "value": "taxi"}]


def test_the_history_may_have_many_pages(apply: Any, warehouse: Any, redshift: Any) -> None:
    files = [{"name": f"R__{n}.sql", "sql": f"SELECT {n}"} for n in range(7)]
    warehouse({file["name"]: checksum(file) for file in files})
    assert apply(*files) == {"applied": [], "unchanged": 7}


@pytest.mark.parametrize("count", [36, 37, 100])
def test_more_files_than_one_transaction_takes_are_split_in_order(
    count: int, apply: Any, warehouse: Any, redshift: Any
) -> None:
    files = [{"name": f"V{n}__x.sql", "sql": f"SELECT {n}"} for n in range(count)]
    warehouse({})
    assert apply(*files)["applied"] == [file["name"] for file in files]
    assert [sql for batch in batches(redshift) for sql in batch[2:-2]] == [file["sql"] for file in files]
    assert len(batches(redshift)) == -(-count // 36)
    assert max(map(len, batches(redshift))) <= 40


def test_when_a_later_part_fails_the_parts_before_it_stay(apply: Any, warehouse: Any, redshift: Any) -> None:
    files = [{"name": f"V{n}__x.sql", "sql": f"SELECT {n} AS n"} for n in range(40)]
    warehouse({})
    redshift.becomes.insert(
        0, ("SELECT 38 AS n", {"status": "FAILED", "parts": parts(*["FINISHED"] * 4, "FAILED", "ABORTED")})
    )
    with pytest.raises(ObjectsFailed) as caught:
        apply(*files)
    assert str(caught.value).startswith("V38__x.sql: ERROR: no such type\n")
    assert "These files ran before it and stay: V0__x.sql, V1__x.sql, " in str(caught.value)
    assert "V35__x.sql. Nothing else of this apply does." in str(caught.value)


def test_a_failed_change_can_run_again(apply: Any, warehouse: Any, redshift: Any) -> None:
    """The same token would return the failed statement for eight hours, and a reading the old rows."""
    warehouse({})
    apply(TABLE)
    apply(TABLE)
    for operation in ("ExecuteStatement", "BatchExecuteStatement"):
        tokens = [request["ClientToken"] for request in redshift.made(operation)]
        assert len(set(tokens)) == len(tokens)


# What goes wrong


def parts(*states: str) -> list[dict[str, Any]]:
    return [{"Status": state} | ({"Error": "ERROR: no such type"} if state == "FAILED" else {}) for state in states]


def test_a_failing_file_is_named_with_its_first_line(apply: Any, warehouse: Any, redshift: Any) -> None:
    states = parts(*["FINISHED"] * 3, "FAILED", "ABORTED", "ABORTED", "ABORTED")
    warehouse(status="FAILED", error="Query #3 failed", parts=states)
    with pytest.raises(ObjectsFailed) as caught:
        apply(TABLE, VIEW, PROCEDURE)
    assert str(caught.value) == (
        "V2__volume.sql: ERROR: no such type\n"
        "  CREATE MATERIALIZED VIEW volume AS SELECT 1\n"
        "Nothing of this apply stays in the warehouse."
    )


@pytest.mark.parametrize(("position", "name"), [(2, "V1__trips.sql"), (3, "V2__volume.sql"), (4, "R__load.sql")])
def test_every_position_names_its_file(position: int, name: str, apply: Any, warehouse: Any) -> None:
    warehouse(status="FAILED", parts=parts(*["FINISHED"] * position, "FAILED"))
    with pytest.raises(ObjectsFailed, match=f"^{name}: "):
        apply(TABLE, VIEW, PROCEDURE)


@pytest.mark.parametrize("position", [0, 3, 4])
def test_the_history_itself_may_fail(position: int, apply: Any, warehouse: Any) -> None:
    warehouse(status="FAILED", parts=parts(*["FINISHED"] * position, "FAILED"))
    with pytest.raises(ObjectsFailed, match="the history of objects cannot be written: ERROR: no such type"):
        apply(TABLE)


@pytest.mark.parametrize(
    ("batch", "message"),
    [({"status": "FAILED", "error": "ERROR: out"}, "ERROR: out"), ({"status": "ABORTED"}, "ABORTED")],
)
def test_an_end_without_a_failed_part(batch: dict[str, str], message: str, apply: Any, warehouse: Any) -> None:
    warehouse(**batch)
    with pytest.raises(ObjectsFailed, match=message):
        apply(TABLE)


def test_a_failure_shows_no_secret(apply: Any, warehouse: Any) -> None:
    """Terraform prints it, and CI keeps what Terraform prints."""
    warehouse(
        status="FAILED",
        parts=[*parts("FINISHED", "FINISHED"), {"Status": "FAILED", "Error": "ERROR at PASSWORD 'hunter2'"}],
    )
    with pytest.raises(ObjectsFailed) as caught:
        apply({"name": "V1__user.sql", "sql": "CREATE USER bob PASSWORD 'hunter2'"})
    assert "hunter2" not in str(caught.value)
    assert "CREATE USER bob PASSWORD '***'" in str(caught.value)


def test_a_history_that_cannot_be_read(apply: Any, redshift: Any) -> None:
    redshift.when("FROM pg_tables", status="FAILED", error="ERROR: permission denied")
    with pytest.raises(ObjectsFailed, match="the history of objects cannot be read: ERROR: permission denied"):
        apply(TABLE)


GRANTS = ['GRANT USAGE, CREATE ON SCHEMA "public" TO "loader";']


@pytest.mark.parametrize(("reason", "told"), [("permission denied for schema public", True), ("syntax error", False)])
def test_a_missing_permission_is_told_with_what_to_grant(apply: Any, warehouse: Any, reason: str, told: bool) -> None:
    """Redshift names no user, and a stranger cannot know which statements help."""
    failed = {"Status": "FAILED", "Error": f"ERROR: {reason}"}
    warehouse(status="FAILED", parts=[*parts("FINISHED", "FINISHED"), failed])
    with pytest.raises(ObjectsFailed) as caught:
        apply(TABLE, grants=GRANTS)
    assert (GRANTS[0] in str(caught.value)) == told


@pytest.mark.parametrize(
    "operation", ["ExecuteStatement", "BatchExecuteStatement", "DescribeStatement", "GetStatementResult"]
)
def test_a_refusal_fails_the_apply(operation: str, apply: Any, warehouse: Any, redshift: Any) -> None:
    warehouse()
    redshift.refuse(operation, "AccessDeniedException", "no")
    with pytest.raises(CallFailed, match=f"{operation} failed: AccessDeniedException"):
        apply(TABLE)


# Waiting


def test_it_waits_for_the_end(apply: Any, warehouse: Any, redshift: Any, pauses: list[float], monkeypatch: Any) -> None:
    warehouse(status="STARTED")

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 12:
            (batch,) = [known for known in redshift.statements.values() if known.sqls[0].startswith("LOCK")]
            batch.status = "FINISHED"

    monkeypatch.setattr("time.sleep", sleep)
    assert apply(TABLE)["applied"] == ["V1__trips.sql"]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.1, 2.0)


def test_when_time_is_up_it_cancels(apply: Any, warehouse: Any, redshift: Any, context: Any) -> None:
    warehouse({}, status="STARTED")
    with pytest.raises(
        TimeLimitExceeded,
        match=r"was cancelled\. Apply again.* split it .*or add '-- transaction: none' as the first line",
    ) as caught:
        apply(TABLE, context=context(times_left=(60_000, 30_000, 14_000)))
    assert "timeout" not in str(caught.value)  # it is what Lambda allows at most
    assert [known.status for known in redshift.statements.values()] == ["FINISHED", "FINISHED", "ABORTED"]


def test_a_history_that_takes_too_long_to_read_is_no_file_s_fault(apply: Any, redshift: Any, context: Any) -> None:
    redshift.when("FROM pg_tables", status="STARTED")
    with pytest.raises(TimeLimitExceeded, match=r"was cancelled\. Apply again to continue after the files that ran\.$"):
        apply(TABLE, context=context(times_left=(1000,)))


def test_a_statement_that_cannot_be_cancelled_is_told(apply: Any, warehouse: Any, redshift: Any, context: Any) -> None:
    warehouse(status="STARTED")
    redshift.refuse("CancelStatement", "ValidationException", "Could not cancel a query that is already finished")
    with pytest.raises(TimeLimitExceeded, match=r"could not be cancelled .*already finished"):
        apply(TABLE, context=context(times_left=(1000,)))


# Another apply goes on meanwhile

CHANGED = {
    "status": "FAILED",
    "parts": [{"Status": "FINISHED"}, {"Status": "FAILED", "Error": "ERROR: Divide by zero"}],
}


def test_what_another_apply_ran_after_the_history_was_read_is_not_run_again(
    apply: Any, warehouse: Any, redshift: Any
) -> None:
    """The guard fails; the history then says what is left."""
    warehouse({})

    execute = redshift.batch_execute_statement
    redshift.becomes.insert(0, (TABLE["sql"], CHANGED))
    redshift.batch_execute_statement = lambda **request: _then(redshift, warehouse, execute(**request))
    assert apply(TABLE, VIEW) == {"applied": ["V2__volume.sql"], "unchanged": 1}
    assert [batch[2:-2] for batch in batches(redshift)] == [[TABLE["sql"], VIEW["sql"]], [VIEW["sql"]]]


def _then(redshift: Any, warehouse: Any, answer: dict[str, Any]) -> dict[str, Any]:
    """The other apply has committed its row."""
    redshift.becomes.clear()
    warehouse({TABLE["name"]: checksum(TABLE)})
    return answer


def test_a_guard_that_fails_whatever_the_history_says_ends_the_apply(apply: Any, warehouse: Any) -> None:
    warehouse({}, **CHANGED)
    with pytest.raises(ObjectsFailed, match=r"the history of objects changed 20 times .* Divide by zero"):
        apply(TABLE)


@pytest.mark.parametrize("exists", [True, False])
def test_of_two_applies_that_create_the_history_one_may_fail(exists: bool, apply: Any, redshift: Any) -> None:
    table = [{"tablename": "redshift_relay_history"}] if exists else []
    looks = iter([[], table])
    redshift.when("CREATE TABLE IF NOT EXISTS", status="FAILED", error="ERROR: it exists")
    redshift.when("SELECT file, checksum", status="FINISHED")
    redshift.when("LOCK ", status="FINISHED")
    execute = redshift.execute_statement

    def look(**request: Any) -> dict[str, Any]:
        if "FROM pg_tables" in request["Sql"]:
            redshift.becomes.insert(0, ("FROM pg_tables", {"status": "FINISHED", "table": next(looks)}))
        answer: dict[str, Any] = execute(**request)
        return answer

    redshift.execute_statement = look
    if exists:
        assert apply(TABLE)["applied"] == ["V1__trips.sql"]
    else:
        with pytest.raises(ObjectsFailed, match=f"{HISTORY} cannot be created: ERROR: it exists"):
            apply(TABLE)


# Bad input

NAMES = ["", "x", "V1.sql", "V__x.sql", "v1__x.sql", "R1__x.sql", "R__x", "V1__x.SQL", "V1__x y.sql", "V1__x';--.sql"]


@pytest.mark.parametrize(
    "name", [*NAMES, "V1__x.sql\n", "../V1__x.sql", "V\u0661__x.sql", "V1_x.sql", "R__é.sql", "V-1__x.sql"]
)
def test_a_name_that_is_none(name: str, apply: Any, redshift: Any) -> None:
    with pytest.raises(InputError, match="name"):
        apply({"name": name, "sql": "SELECT 1"})
    assert not redshift.calls


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ({"name": "V1__x.sql"}, "V1__x.sql: must be text, not nothing"),
        ({"name": "V1__x.sql", "sql": " \n"}, "V1__x.sql: must be text, not empty text"),
        ({"name": "V1__x.sql", "sql": 3}, "V1__x.sql: must be text, not int"),
        ({"name": "V1__x.sql", "sql": "x" * 100_001}, "V1__x.sql: at most 100,000 bytes, not 100,001"),
        ({"name": f"V1__{'x' * 250}.sql", "sql": "SELECT 1"}, "name: at most 256 bytes, not 258"),
        ({"sql": "SELECT 1"}, "name: must be text"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_file_is_named(file: dict[str, Any], message: str, apply: Any, redshift: Any) -> None:
    with pytest.raises(InputError) as caught:
        apply(TABLE, file)
    assert str(caught.value).startswith(message)
    assert not redshift.calls


@pytest.mark.parametrize("files", [None, {}, "V1__x.sql", ["V1__x.sql"], [None]])
def test_files_are_a_list_of_objects(files: Any, apply: Any) -> None:
    with pytest.raises(InputError, match="files: must be a list of"):
        apply(files=files)


@pytest.mark.parametrize(
    "table", [None, "", "history", "a.b.c", "Public.history", "public.h;DROP", "public.h h", "public.h\n"]
)
def test_the_history_s_name_is_checked(table: Any, apply: Any, redshift: Any) -> None:
    with pytest.raises(InputError, match="history_table"):
        apply(TABLE, history_table=table)
    assert not redshift.calls


@pytest.mark.parametrize("action", [None, "drop_objects", 3])
def test_an_unknown_action(action: Any, apply: Any) -> None:
    with pytest.raises(UnknownAction, match="is not one of apply_objects"):
        apply(TABLE, action=action)


def test_an_unknown_field(apply: Any, redshift: Any) -> None:
    with pytest.raises(InputError, match=r"^history: unknown field\. Use action, files, history_table, "):
        apply(TABLE, history="public.h")
    with pytest.raises(InputError, match=r"^once: unknown field\. Use name, sql\.$"):
        apply(TABLE | {"once": "true"})
    assert not redshift.calls


def test_without_a_prefix(apply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAME_PREFIX")
    with pytest.raises(RelayError, match="NAME_PREFIX is not set"):
        apply(TABLE)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
@pytest.mark.parametrize(
    "operation", ["ExecuteStatement", "BatchExecuteStatement", "DescribeStatement", "GetStatementResult"]
)
def test_a_policy_that_iam_does_not_know_yet_is_waited_for(
    operation: str, code: str, apply: Any, warehouse: Any, redshift: Any
) -> None:
    """Whichever call is the first that a policy has not reached."""
    warehouse({})
    redshift.refuse(operation, code, "x is not authorized to perform: y", times=2)
    assert apply(TABLE)["applied"] == ["V1__trips.sql"]
