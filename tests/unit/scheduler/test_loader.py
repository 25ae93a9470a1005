"""The scheduler function: starts a load and returns, one at a time, each occurrence once, and tells what it did not."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError

from relay.errors import CallFailed, InputError, RelayError, StatementNotFound, UnknownAction
from relay.settings import Target
from scheduler import handler
from scheduler.loader import AnotherLoadRuns, Load

RUN = {"action": "execute_sql", "schedule": "nightly", "sql": "CALL p()", "occurrence": "2024-05-01T03:00:00Z"}
NAME = "taxi/load/nightly/2024-05-01T03:00:00Z"


@pytest.fixture
def handle(
    redshift: Any, aws: None, context: type, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> Iterator[Callable[..., dict[str, Any]]]:
    """The entry point, in an environment as Terraform writes it."""
    from relay import bus, data_api

    for name, value in {
        "NAME_PREFIX": "taxi",
        "EVENT_BUS": "default",
        "REDSHIFT_DATABASE": "dev",
        "REDSHIFT_CLUSTER": "warehouse",
        "REDSHIFT_USER": "loader",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(data_api, "default_client", lambda: redshift)
    for cached in (handler._loader, bus.default_events_client):
        cached.cache_clear()
    yield lambda event, request_id="req-1": handler.handle(event, context(request_id))
    for cached in (handler._loader, bus.default_events_client):
        cached.cache_clear()


@pytest.fixture
def told(heard: Callable[..., Callable[[], list[dict[str, Any]]]]) -> Callable[[], list[dict[str, Any]]]:
    """The `Load Not Started` events that a rule took since the last look."""
    return heard("Load Not Started")


# execute_sql


def test_a_load_is_started_and_nothing_waits(handle: Any, redshift: Any, pauses: list[float], told: Any) -> None:
    answer = handle(RUN)
    (request,) = redshift.made("ExecuteStatement")
    assert answer == {"statement_id": next(iter(redshift.statements)), "statement_name": NAME}
    assert request["StatementName"] == NAME
    assert request["WithEvent"] is True
    assert (request["ClusterIdentifier"], request["DbUser"], request["Sql"]) == ("warehouse", "loader", "CALL p()")
    assert redshift.statements[answer["statement_id"]].status == "SUBMITTED"
    assert not redshift.made("DescribeStatement")
    assert not pauses
    assert told() == []


def test_the_same_occurrence_twice_is_one_statement(handle: Any, redshift: Any) -> None:
    first = handle(RUN)
    assert handle(RUN) == first
    redshift.statements[first["statement_id"]].status = "FAILED"
    assert handle(RUN) == first
    tokens = {request["ClientToken"] for request in redshift.made("ExecuteStatement")}
    assert len(tokens) == 1


@pytest.mark.parametrize(
    "change", [{"schedule": "hourly"}, {"sql": "CALL q()"}, {"occurrence": "2024-05-02T03:00:00Z"}], ids=str
)
def test_another_schedule_sql_or_occurrence_is_another_statement(
    change: dict[str, str], handle: Any, redshift: Any
) -> None:
    one = handle(RUN)["statement_id"]
    redshift.statements[one].status = "FINISHED"
    assert handle(RUN | change)["statement_id"] != one


def test_another_prefix_is_another_statement(handle: Any, redshift: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one = handle(RUN)["statement_id"]
    monkeypatch.setenv("NAME_PREFIX", "taxi2")
    handler._loader.cache_clear()
    assert handle(RUN)["statement_id"] != one


def test_by_hand_each_invocation_is_an_occurrence(handle: Any, redshift: Any) -> None:
    event = {"action": "execute_sql", "sql": "CALL p()"}
    first = handle(event, "aaaa-1")
    assert first["statement_name"] == "taxi/load/by-hand/aaaa-1"
    assert handle(event, "aaaa-1") == first
    redshift.statements[first["statement_id"]].status = "FINISHED"
    assert handle(event, "bbbb-2")["statement_id"] != first["statement_id"]


# One at a time


@pytest.mark.parametrize("status", ["SUBMITTED", "PICKED", "STARTED"])
def test_a_load_that_runs_stops_another(status: str, handle: Any, redshift: Any, told: Any) -> None:
    other = redshift.given("taxi/load/hourly/2024-05-01T02:00:00Z", status=status)
    with pytest.raises(AnotherLoadRuns, match="hourly"):
        handle(RUN)
    assert not redshift.made("ExecuteStatement")
    (detail,) = told()
    assert detail == {
        "name_prefix": "taxi",
        "schedule": "nightly",
        "statement_name": NAME,
        "code": "AnotherLoadRuns",
        "reason": f"taxi/load/hourly/2024-05-01T02:00:00Z has not ended yet (statement {other.id})",
        "sql": "CALL p()",
    }


def test_an_earlier_occurrence_of_the_same_schedule_stops_it_too(handle: Any, redshift: Any) -> None:
    redshift.given("taxi/load/nightly/2024-04-30T03:00:00Z", status="STARTED")
    with pytest.raises(AnotherLoadRuns):
        handle(RUN)


def test_its_own_statement_does_not_stop_a_retry(handle: Any, redshift: Any, told: Any) -> None:
    first = handle(RUN)
    redshift.statements[first["statement_id"]].status = "STARTED"
    assert handle(RUN) == first
    assert told() == []


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("taxi/load/hourly/1", "FINISHED"),
        ("taxi/load/hourly/1", "FAILED"),
        ("taxi/load/hourly/1", "ABORTED"),
        ("taxi2/load/hourly/1", "STARTED"),
        ("taxi/load-errors/dd2e1ec9", "STARTED"),
        ("taxi/query/x", "STARTED"),
        ("", "STARTED"),
    ],
)
def test_what_does_not_stop_a_load(name: str, status: str, handle: Any, redshift: Any) -> None:
    redshift.given(name, status=status)
    assert handle(RUN)["statement_name"] == NAME


# What AWS refuses


@pytest.mark.parametrize("operation", ["ListStatements", "ExecuteStatement"])
def test_a_refusal_is_told_and_raised(operation: str, handle: Any, redshift: Any, told: Any) -> None:
    redshift.refuse(operation, "AccessDeniedException", f"not authorized to perform redshift-data:{operation}")
    with pytest.raises(CallFailed, match="AccessDeniedException"):
        handle(RUN)
    (detail,) = told()
    assert detail["code"] == "AccessDeniedException"
    assert f"redshift-data:{operation}" in detail["reason"]


def test_a_service_out_of_reach_is_told_too(handle: Any, redshift: Any, told: Any) -> None:
    redshift.fail("ExecuteStatement", ConnectTimeoutError(endpoint_url="https://redshift-data"))
    with pytest.raises(CallFailed):
        handle(RUN)
    assert [detail["code"] for detail in told()] == ["ConnectTimeoutError"]


def test_the_event_is_small_and_holds_no_secret(handle: Any, redshift: Any, told: Any) -> None:
    redshift.refuse("ExecuteStatement", "ValidationException", "x" * 200_000)
    sql = (
        "-- why\nCOPY t FROM 's3://b/k' CREDENTIALS 'aws_access_key_id=AKIA;aws_secret_access_key=wJalr'" + " " * 50_000
    )
    with pytest.raises(CallFailed):
        handle(RUN | {"sql": sql})
    (detail,) = told()
    assert detail["sql"] == "COPY t FROM 's3://b/k' CREDENTIALS '***'"
    assert len(json.dumps(detail)) < 10_000


def test_an_entry_that_the_bus_refuses_is_no_success(
    handle: Any, redshift: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PutEvents answers 200 for it."""
    redshift.given("taxi/load/hourly/1", status="STARTED")
    loader = handler._loader()
    answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "try later"}]}
    monkeypatch.setattr(loader._events, "put_events", lambda **_: answer)
    with pytest.raises(CallFailed, match="PutEvents failed: InternalFailure: try later") as caught:
        handle(RUN)
    assert isinstance(caught.value.__context__, AnotherLoadRuns)  # Lambda's log shows both


def test_a_bus_that_is_not_there_is_a_relay_error(handle: Any, redshift: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    redshift.given("taxi/load/hourly/1", status="STARTED")
    loader = handler._loader()
    error = boto3.client("events").exceptions.ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutEvents")

    def refuse(**_: Any) -> None:
        raise error

    monkeypatch.setattr(loader._events, "put_events", refuse)
    with pytest.raises(CallFailed, match="PutEvents failed: AccessDeniedException"):
        handle(RUN)


# Bad input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sql": None}, "sql: must be text, not nothing"),
        ({"sql": ""}, "sql: must be text, not empty text"),
        ({"sql": "\n "}, "sql: must be text, not empty text"),
        ({"sql": ["CALL p()"]}, "sql: must be text, not list"),
        ({"sql": "x" * 100_001}, "sql: at most 100,000 bytes, not 100,001"),
        ({"sql": "SELECT '\ud800'"}, "sql: invalid Unicode"),
        ({"schedule": 7}, "schedule: must be text, not int"),
        ({"schedule": "a/b"}, "schedule: must have 1 to 64 letters"),
        ({"schedule": "x" * 65}, "schedule: must have 1 to 64 letters"),
        ({"schedule": "nightly\n"}, "schedule: must have 1 to 64 letters"),
        ({"occurrence": "<aws.scheduler.scheduled-time>"}, "occurrence: must have 1 to 64 letters"),
        ({"occurrence": "\\u003caws.scheduler.scheduled-time\\u003e"}, "occurrence: must have 1 to 64 letters"),
        ({"occurrence": "2024-05-01 03:00"}, "occurrence: must have 1 to 64 letters"),
        ({"occurrence": "a/b"}, "occurrence: must have 1 to 64 letters"),
        ({"occurrence": "ü"}, "occurrence: must have 1 to 64 letters"),
        ({"occurrence": "١٢"}, "occurrence: must have 1 to 64 letters"),
        ({"occurrence": "x" * 65}, "occurrence: must have 1 to 64 letters"),
        ({"occurence": "x"}, "occurence: unknown field. Use action, schedule, sql, occurrence."),
        ({"action": "status_check"}, "schedule: unknown field. Use action, statement_id."),
        ({"action": None}, "action: None is not one of execute_sql, status_check"),
        ({"action": "EXECUTE_SQL"}, "action: 'EXECUTE_SQL' is not one of execute_sql, status_check"),
        ({"action": {"a": 1}}, "action: {'a': 1} is not one of"),
    ],
    ids=lambda value: str(value)[:40].encode("ascii", "replace").decode(),
)
def test_bad_input_is_named_and_starts_nothing(
    change: dict[str, Any], message: str, handle: Any, redshift: Any
) -> None:
    with pytest.raises(InputError) as caught:
        handle(RUN | change)
    assert message in str(caught.value)
    assert not redshift.calls


@pytest.mark.parametrize("event", [None, [], "execute_sql", 3])
def test_an_event_that_is_no_object(event: object, handle: Any) -> None:
    with pytest.raises(InputError, match="event: must be a JSON object"):
        handle(event)


def test_an_empty_event(handle: Any) -> None:
    with pytest.raises(UnknownAction, match="None is not one of"):
        handle({})


def test_an_environment_that_is_not_complete(handle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDSHIFT_CLUSTER")
    monkeypatch.delenv("REDSHIFT_USER")
    with pytest.raises(RelayError, match="REDSHIFT_CLUSTER or REDSHIFT_WORKGROUP"):
        handle(RUN)


# status_check


def test_where_a_statement_stands(handle: Any, redshift: Any) -> None:
    known = redshift.given(
        NAME,
        status="FAILED",
        error="ERROR: no",
        created_at=datetime(2024, 5, 1, 3, tzinfo=UTC),
        updated_at=datetime(2024, 5, 1, 3, 1, tzinfo=UTC),
        duration=59_000_000_000,
        rows=3,
    )
    answer = handle({"action": "status_check", "statement_id": known.id})
    assert answer == {
        "statement_id": known.id,
        "status": "FAILED",
        "error": "ERROR: no",
        "created_at": "2024-05-01T03:00:00+00:00",
        "updated_at": "2024-05-01T03:01:00+00:00",
        "duration_seconds": 59.0,
        "rows": 3,
    }
    json.dumps(answer)


def test_the_status_of_nothing(handle: Any) -> None:
    with pytest.raises(StatementNotFound, match=r"exist\. .* only to the role that submitted it"):
        handle({"action": "status_check", "statement_id": "dd2e1ec9-2ee3-49a0-819f-905fa7d75a4a"})
    with pytest.raises(InputError, match="statement_id"):
        handle({"action": "status_check"})


def test_what_a_load_is() -> None:
    load = Load.parse({"sql": "CALL p()"}, default_occurrence="abc")
    assert load == Load("by-hand", "CALL p()", "abc")
    assert Target("dev", cluster="c").arguments()
