"""The sweep announces loads whose event never came, those only, and one does not hold up another."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from notifier import announcer, handler
from relay import bus
from relay.errors import CallFailed

SWEEP = {"action": "sweep"}
BARE = "ERROR: Load into table 'staging' failed. Check 'sys_load_error_detail' system table for details."
ROW = {
    "file_name": "s3://b/k",
    "line_number": 7,
    "column_name": "fare",
    "error_code": 1207,
    "error_message": "Invalid digit",
}


def load(redshift: Any, ago: Any, name: str = "taxi/load/nightly/1", status: str = "FINISHED", **facts: Any) -> Any:
    """A load that ended five minutes ago, without an event."""
    return redshift.given(name, status=status, **({"updated_at": ago(minutes=5)} | facts))


def test_nothing_to_tell(notifier: Any, topic: Any) -> None:
    assert notifier(SWEEP) == {"swept": []}


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "ABORTED"])
def test_what_nobody_told_is_told(status: str, notifier: Any, redshift: Any, topic: Any, ago: Any) -> None:
    known = load(redshift, ago, status=status)
    (result,) = notifier(SWEEP)["swept"]
    assert (result["announced"], result["statement_id"]) == (True, known.id)
    (sent,) = topic.sent
    assert sent["subject"].startswith("[taxi] nightly: the ")
    assert known.id in sent["texts"]["email"]


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "ABORTED"])
def test_others_than_people_hear_of_it_too(
    status: str, notifier: Any, heard: Any, redshift: Any, topic: Any, ago: Any
) -> None:
    """An event stands in for the one that was lost: whoever follows loads, as the gateway does, hears of it."""
    receive = heard("Load Ended")
    known = load(redshift, ago, status=status)
    notifier(SWEEP, "s1")
    assert receive() == [
        {
            "name_prefix": "taxi",
            "schedule": "nightly",
            "statement_name": "taxi/load/nightly/1",
            "statement_id": known.id,
            "state": status,
        }
    ]
    notifier(SWEEP, "s2")
    assert receive() == []


def test_a_load_whose_event_came_needs_no_other(notifier: Any, heard: Any, ended: Any, redshift: Any, ago: Any) -> None:
    receive, event = heard("Load Ended"), ended()
    redshift.statements[event["detail"]["statementId"]].updated_at = ago(minutes=5)
    notifier(event)
    notifier(SWEEP)
    assert receive() == []


def test_a_failed_copy_is_heard_of_before_its_reason_is_known(
    notifier: Any, heard: Any, event_of: Any, redshift: Any, topic: Any, ago: Any
) -> None:
    """The answer to the question why tells people, and the next sweep has nothing left to say."""
    receive = heard("Load Ended")
    load(redshift, ago, status="FAILED", error=BARE)
    notifier(SWEEP, "s1")
    assert ([detail["state"] for detail in receive()], topic.sent) == (["FAILED"], [])
    (asked,) = [known for known in redshift.statements.values() if "load-errors" in known.name]
    asked.status = "FINISHED"
    notifier(event_of(statementName=asked.name, statementId=asked.id, state="FINISHED"))
    notifier(SWEEP, "s2")
    assert (receive(), len(topic.sent)) == ([], 1)


def test_a_bus_that_refuses_is_asked_again_by_the_next_sweep(
    notifier: Any, heard: Any, redshift: Any, topic: Any, ago: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People are told then too: else nobody would know that the other event is still to come."""
    receive = heard("Load Ended")
    load(redshift, ago)
    with monkeypatch.context() as patch:
        refusal = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "later"}]}
        patch.setattr(bus.default_events_client(), "put_events", lambda **_: refusal)
        with pytest.raises(CallFailed, match="PutEvents failed: ThrottlingException: later"):
            notifier(SWEEP, "s1")
        assert (topic.sent, receive()) == ([], [])
    notifier(SWEEP, "s1")
    assert (len(topic.sent), len(receive())) == (1, 1)


def test_a_bus_that_goes_on_refusing_keeps_nothing_from_people(
    notifier: Any, heard: Any, redshift: Any, topic: Any, ago: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = load(redshift, ago)
    known.updated_at = ago(seconds=(announcer.DETAIL_TIMEOUT + timedelta(minutes=1)).total_seconds())
    refusal = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "AccessDenied", "ErrorMessage": "never"}]}
    monkeypatch.setattr(bus.default_events_client(), "put_events", lambda **_: refusal)
    with pytest.raises(CallFailed, match="never"):
        notifier(SWEEP)
    assert len(topic.sent) == 1


def test_without_a_bus_people_are_told(
    notifier: Any, heard: Any, redshift: Any, topic: Any, ago: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EVENT_BUS")
    receive = heard("Load Ended")
    load(redshift, ago)
    notifier(SWEEP)
    assert (len(topic.sent), receive()) == (1, [])


def test_what_was_told_is_told_no_more(notifier: Any, ended: Any, redshift: Any, topic: Any, ago: Any) -> None:
    event = ended()
    redshift.statements[event["detail"]["statementId"]].updated_at = ago(minutes=5)
    notifier(event)
    assert notifier(SWEEP) == {"swept": []}
    load(redshift, ago, "taxi/load/nightly/2")
    assert [result["announced"] for result in notifier(SWEEP, "s1")["swept"]] == [True]
    assert notifier(SWEEP, "s2") == {"swept": []}
    assert len(topic.sent) == 2


def test_a_late_event_after_the_sweep_says_nothing_twice(
    notifier: Any, ended: Any, redshift: Any, topic: Any, ago: Any
) -> None:
    event = ended()
    redshift.statements[event["detail"]["statementId"]].updated_at = ago(minutes=5)
    notifier(SWEEP, "s1")
    assert notifier(event, "e1")["announced"] is False
    assert len(topic.sent) == 1


@pytest.mark.parametrize(
    ("age", "told"),
    [
        ({"seconds": 0}, False),
        ({"seconds": announcer.EVENT_GRACE.total_seconds() - 5}, False),
        ({"seconds": announcer.EVENT_GRACE.total_seconds() + 5}, True),
        ({"hours": 23}, True),
        ({"hours": 25}, False),  # it may have been told and forgotten
    ],
    ids=str,
)
def test_the_event_has_its_time(
    age: dict[str, float], told: bool, notifier: Any, redshift: Any, topic: Any, ago: Any
) -> None:
    load(redshift, ago, updated_at=ago(**age))
    notifier(SWEEP)
    assert bool(topic.sent) == told


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("taxi/load/nightly/1", "STARTED"),
        ("taxi/load/nightly/1", "SUBMITTED"),
        ("taxi2/load/nightly/1", "FINISHED"),
        ("taxi/objects/req", "FAILED"),
        ("taxi/history/req", "FINISHED"),
        ("taxi/load-errors/x", "FINISHED"),
        ("dbt.model", "FAILED"),
        ("", "FAILED"),
    ],
)
def test_other_statements_are_left_alone(
    name: str, status: str, notifier: Any, redshift: Any, topic: Any, ago: Any
) -> None:
    load(redshift, ago, name, status)
    assert notifier(SWEEP) == {"swept": []}


def test_more_than_a_hundred(notifier: Any, redshift: Any, topic: Any, ago: Any) -> None:
    """ListStatements and BatchGetItem both give a hundred at a time."""
    for n in range(203):
        load(redshift, ago, f"taxi/load/nightly/{n}", ["FINISHED", "FAILED"][n % 2])
    assert len(notifier(SWEEP, "s1")["swept"]) == 203
    assert len(topic.sent) == 203
    assert notifier(SWEEP, "s2") == {"swept": []}


def test_a_failed_copy_is_asked_and_told_by_the_next_sweep(notifier: Any, redshift: Any, topic: Any, ago: Any) -> None:
    load(redshift, ago, status="FAILED", error=BARE)
    assert [result["announced"] for result in notifier(SWEEP, "s1")["swept"]] == [False]
    (question,) = [known for known in redshift.statements.values() if known.name.startswith("taxi/load-errors/")]
    question.status, question.table = "FINISHED", [ROW]  # and its event is lost too
    assert [result["announced"] for result in notifier(SWEEP, "s2")["swept"]] == [True]
    assert "s3://b/k, line 7, column fare" in topic.letters[0]
    assert "nightly: the load failed" in topic.sent[0]["subject"]


def test_after_some_minutes_it_no_longer_waits_for_details(notifier: Any, redshift: Any, topic: Any, ago: Any) -> None:
    late = announcer.DETAIL_TIMEOUT + timedelta(minutes=1)
    load(redshift, ago, status="FAILED", error=BARE, updated_at=ago(seconds=late.total_seconds()))
    assert [result["announced"] for result in notifier(SWEEP)["swept"]] == [True]
    assert BARE in topic.letters[0]


def test_what_cannot_be_described_is_told_from_the_list(notifier: Any, redshift: Any, topic: Any, ago: Any) -> None:
    load(redshift, ago, status="FAILED", error="ERROR: x")
    redshift.refuse("DescribeStatement", "AccessDeniedException")
    notifier(SWEEP)
    assert topic.sent[0]["subject"] == "[taxi] nightly: the load failed"


def test_one_that_goes_wrong_does_not_hold_up_the_others(notifier: Any, redshift: Any, topic: Any, ago: Any) -> None:
    first, *others = [load(redshift, ago, f"taxi/load/nightly/{n}") for n in range(3)]
    redshift.refuse("DescribeStatement", "InternalServerException", "try later", times=1)
    with pytest.raises(CallFailed, match="InternalServerException"):  # loud: the function's alarm hears of it
        notifier(SWEEP, "s1")
    assert len(topic.sent) == 2
    assert all(known.id in letter for known, letter in zip(others, topic.letters, strict=True))
    notifier(SWEEP, "s2")
    assert first.id in topic.letters[2]


def test_a_topic_that_refuses_one_message(
    notifier: Any, redshift: Any, topic: Any, ago: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        load(redshift, ago, f"taxi/load/nightly/{n}")
    real, calls = handler._sns().publish, []

    def publish(**request: Any) -> Any:
        calls.append(request)
        if len(calls) == 1:
            raise ClientError({"Error": {"Code": "InvalidParameter", "Message": "no"}}, "Publish")
        return real(**request)

    monkeypatch.setattr(handler._sns(), "publish", publish)
    with pytest.raises(ClientError, match="InvalidParameter"):
        notifier(SWEEP)
    assert len(topic.sent) == 2


def test_a_list_that_is_refused_is_raised(notifier: Any, redshift: Any) -> None:
    redshift.refuse("ListStatements", "AccessDeniedException")
    with pytest.raises(CallFailed):
        notifier(SWEEP)
