"""The Data API as the functions use it, held to botocore's service model by the fake client."""

from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from relay.data_api import MAX_BATCH, RUNNING, DataApi
from relay.errors import CallFailed, InputError, SettingsError, StatementNotFound
from relay.names import Kind, StatementName
from relay.settings import Target
from relay.sql_size import MAX_SQL_BYTES

ID = "dd2e1ec9-2ee3-49a0-819f-905fa7d75a4a"
NAME = StatementName("taxi", Kind.LOAD, "nightly/1")
TARGETS = [
    Target("dev", cluster="warehouse", user="loader"),
    Target("dev", cluster="warehouse"),
    Target("dev", workgroup="analytics"),
    Target("dev", workgroup="analytics", secret_arn="arn:aws:secretsmanager:eu-central-1:123456789012:secret:x"),
]


@pytest.mark.parametrize("target", TARGETS)
def test_a_statement_is_started_with_a_name_a_token_and_an_event(target: Target, redshift: Any) -> None:
    api = DataApi(target, redshift)
    statement_id = api.execute("CALL p()", NAME, "token", {"month": "2015-01"})
    assert redshift.made("ExecuteStatement") == [
        target.arguments()
        | {
            "Sql": "CALL p()",
            "StatementName": "taxi/load/nightly/1",
            "ClientToken": "token",
            "WithEvent": True,
            "Parameters": [{"name": "month", "value": "2015-01"}],
        }
    ]
    assert api.describe(statement_id).status == "SUBMITTED"


def test_without_parameters_there_is_no_empty_list(api: DataApi, redshift: Any) -> None:
    """The service wants at least one."""
    api.execute("CALL p()", NAME, "token")
    assert "Parameters" not in redshift.made("ExecuteStatement")[0]


def test_without_a_target_statements_can_be_looked_at_only(redshift: Any) -> None:
    api = DataApi(None, redshift)
    known = redshift.given(status="FINISHED")
    assert api.describe(known.id).status == "FINISHED"
    with pytest.raises(SettingsError, match="REDSHIFT_DATABASE is not set"):
        api.execute("CALL p()", NAME, "token")
    with pytest.raises(SettingsError):
        api.execute_batch(["CALL p()"], NAME, "token")


def test_the_size_of_a_statement_counts_in_bytes(api: DataApi, redshift: Any) -> None:
    api.execute("x" * MAX_SQL_BYTES, NAME, "1")
    with pytest.raises(InputError, match="sql: at most 100,000 bytes, not 100,002"):
        api.execute("ä" * 50_001, NAME, "2")
    with pytest.raises(InputError, match="sql"):
        api.execute_batch(["SELECT 1", "x" * 100_001], NAME, "3")
    assert len(redshift.calls) == 1


@pytest.mark.parametrize("size", [0, MAX_BATCH + 1])
def test_a_batch_has_1_to_40_statements(api: DataApi, redshift: Any, size: int) -> None:
    with pytest.raises(InputError, match=f"1 to 40 statements, not {size}"):
        api.execute_batch(["SELECT 1"] * size, NAME, "t")
    api.execute_batch(["SELECT 1"] * MAX_BATCH, NAME, "t")


def test_describe(api: DataApi, redshift: Any, ago: Any) -> None:
    created: datetime = ago(minutes=5)
    known = redshift.given(
        "x",
        status="FAILED",
        sql="CALL p()",
        error="ERROR: no",
        created_at=created,
        duration=1_500_000_000,
        rows=7,
        pid=99,
    )
    statement = api.describe(known.id)
    assert (statement.id, statement.status, statement.sql, statement.error) == (
        known.id,
        "FAILED",
        "CALL p()",
        "ERROR: no",
    )
    assert (statement.created_at, statement.duration_seconds, statement.rows, statement.session_id) == (
        created,
        1.5,
        7,
        99,
    )


def test_what_redshift_does_not_know(api: DataApi, redshift: Any) -> None:
    statement = api.describe(redshift.given(status="STARTED", duration=-1, rows=-1).id)
    assert (statement.duration_seconds, statement.rows, statement.error) == (None, None, "")


def test_the_error_of_a_batch_may_stand_at_its_part(api: DataApi, redshift: Any) -> None:
    parts = [{"Status": "FINISHED"}, {"Status": "FAILED", "Error": "ERROR: here"}, {"Status": "ABORTED"}]
    statement = api.describe(redshift.given(status="FAILED", parts=parts).id)
    assert statement.error == "ERROR: here"
    assert [part.status for part in statement.parts] == ["FINISHED", "FAILED", "ABORTED"]


def test_rows_come_in_pages(api: DataApi, redshift: Any) -> None:
    rows = [{"n": n, "name": f"row {n}", "share": n / 2, "odd": n % 2 == 1, "nothing": None} for n in range(5)]
    known = redshift.given(status="FINISHED", table=rows)
    pages = list(api.results(known.id))
    assert [len(page.rows) for page in pages] == [2, 2, 1]
    assert {column.name for column in pages[-1].columns} == set(rows[0])
    assert list(api.rows(known.id)) == rows


def test_bytes_are_base64_as_json_has_none(api: DataApi, redshift: Any) -> None:
    known = redshift.given(status="FINISHED", table=[{"b": b"\x00\xff"}])
    assert list(api.rows(known.id)) == [{"b": "AP8="}]


def test_a_kind_of_value_that_is_not_known_is_a_failed_call(
    api: DataApi, redshift: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = {"Records": [[{"arrayValue": {}}]]}
    monkeypatch.setattr(redshift, "get_statement_result", lambda **_: unknown)
    with pytest.raises(CallFailed, match="arrayValue"):
        list(api.results("x"))


def test_no_rows(api: DataApi, redshift: Any) -> None:
    assert list(api.rows(redshift.given(status="FINISHED").id)) == []


def test_the_statements_of_a_prefix_and_some_states(api: DataApi, redshift: Any) -> None:
    redshift.given("taxi/load/a", status="FINISHED")
    redshift.given("taxi2/load/a", status="STARTED")
    redshift.given("taxi/load-errors/a", status="STARTED")
    running = [redshift.given(f"taxi/load/{status}", status=status) for status in RUNNING]
    assert [(one.id, one.name, one.status) for one in api.listed("taxi/load/", RUNNING)] == [
        (known.id, known.name, known.status) for known in running
    ]


def test_the_list_comes_in_pages_of_100(api: DataApi, redshift: Any) -> None:
    for n in range(230):
        redshift.given(f"taxi/load/{n}", status="FINISHED")
    assert len(list(api.listed("taxi/load/", ("FINISHED",)))) == 230
    assert [call.get("NextToken") for call in redshift.made("ListStatements")] == [None, "100", "200"]


def test_a_token_starts_one_statement(api: DataApi, redshift: Any) -> None:
    one = api.execute("CALL p()", NAME, "same")
    redshift.statements[one].status = "FAILED"
    assert api.execute("CALL p()", NAME, "same") == one
    assert api.execute("CALL p()", NAME, "other") != one


OPERATIONS = {
    "ExecuteStatement": lambda api: api.execute("CALL p()", NAME, "t"),
    "BatchExecuteStatement": lambda api: api.execute_batch(["CALL p()"], NAME, "t"),
    "DescribeStatement": lambda api: api.describe(ID),
    "CancelStatement": lambda api: api.cancel(ID),
    "GetStatementResult": lambda api: list(api.results(ID)),
    "ListStatements": lambda api: list(api.listed("x", ("FAILED",))),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_refusal_has_a_type_a_code_and_a_reason(
    operation: str, api: DataApi, redshift: Any, pauses: list[float]
) -> None:
    redshift.refuse(operation, "AccessDeniedException", "not authorized")
    with pytest.raises(CallFailed, match=f"{operation} failed: AccessDeniedException: not authorized") as caught:
        OPERATIONS[operation](api)
    assert (caught.value.code, caught.value.reason) == ("AccessDeniedException", "not authorized")
    assert not pauses


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_service_out_of_reach_has_a_type_too(operation: str, api: DataApi, redshift: Any) -> None:
    redshift.fail(operation, ConnectTimeoutError(endpoint_url="https://redshift-data"))
    with pytest.raises(CallFailed) as caught:
        OPERATIONS[operation](api)
    assert caught.value.code == "ConnectTimeoutError"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_disguised_throttling_is_tried_again(operation: str, api: DataApi, redshift: Any, pauses: list[float]) -> None:
    redshift.given(id=ID, status="FINISHED")
    redshift.refuse(operation, "ValidationException", "An error (ThrottlingException) occurred: Rate exceeded", times=4)
    OPERATIONS[operation](api)
    assert len(redshift.made(operation)) == 5
    assert pauses == sorted(pauses)
    assert 1 < sum(pauses) <= 3


def test_throttling_that_does_not_end_is_called_so(api: DataApi, redshift: Any, pauses: list[float]) -> None:
    redshift.refuse("DescribeStatement", "ValidationException", "ThrottlingException: Rate exceeded")
    with pytest.raises(CallFailed) as caught:
        api.describe(ID)
    assert caught.value.code == "ThrottlingException"
    assert len(pauses) == 4


def test_another_validation_error_is_not_tried_again(api: DataApi, redshift: Any, pauses: list[float]) -> None:
    redshift.refuse("ExecuteStatement", "ValidationException", "Cluster doesn't exist in this region.")
    with pytest.raises(CallFailed, match="Cluster doesn't exist"):
        api.execute("CALL p()", NAME, "t")
    assert len(redshift.made("ExecuteStatement")) == 1


def test_a_statement_that_is_not_there(api: DataApi) -> None:
    with pytest.raises(StatementNotFound):
        api.describe(ID)


@pytest.mark.parametrize("operation", ["DescribeStatement", "GetStatementResult"])
def test_an_expired_statement_is_gone(operation: str, api: DataApi, redshift: Any) -> None:
    redshift.refuse(
        operation, "ValidationException", "Could not retrieve the query result as it has expired after 1658071606."
    )
    with pytest.raises(StatementNotFound):
        api.describe(ID) if operation == "DescribeStatement" else list(api.results(ID))


def test_a_malformed_id_is_not_gone(api: DataApi, redshift: Any) -> None:
    redshift.refuse("DescribeStatement", "ValidationException", "id must satisfy constraint")
    with pytest.raises(CallFailed) as caught:
        api.describe(ID)
    assert not isinstance(caught.value, StatementNotFound)


def test_something_else_that_is_not_there_is_no_statement(api: DataApi, redshift: Any) -> None:
    """A secret, or an event bus: who submitted a statement has nothing to do with it."""
    redshift.refuse("ExecuteStatement", "ResourceNotFoundException", "Secrets Manager can't find the secret.")
    with pytest.raises(CallFailed, match=r"can't find the secret\.$") as caught:
        api.execute("CALL p()", NAME, "t")
    assert not isinstance(caught.value, StatementNotFound)
