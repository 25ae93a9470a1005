"""Load events become messages: what started the load, how long it waited and ran, what follows."""

import json
from typing import Any

import pytest

from relay.errors import InputError

FILES = {"count": 12, "bytes": 3_400_000, "manifest": "s3://landing/m/1.json", "set_aside": ["s3://landing/bad.csv"]}


def queue_of(topic: Any) -> dict[str, Any]:
    """What a queue receives."""
    (sent,) = topic.sent
    facts: dict[str, Any] = json.loads(sent["texts"]["sqs"])
    return facts


@pytest.mark.parametrize(
    ("file", "detail", "headline"),
    [
        ("load_finished", {}, "trips: the data is ready"),
        ("load_finished", {"recovered": True, "failures": 2}, "trips: the data is ready again"),
        ("load_failed", {}, "trips: the load failed"),
        ("load_failed", {"state": "ABORTED"}, "trips: the load was cancelled"),
        ("not_started", {}, "recount: the load was not started"),
    ],
)
def test_the_end_of_a_load_is_told(
    file: str, detail: dict[str, Any], headline: str, notifier: Any, event_of: Any, topic: Any, redshift: Any
) -> None:
    event = event_of(file, **detail)
    statement_id = event["detail"]["statement_id"] or ""
    assert notifier(event) == {"announced": True, "statement_id": statement_id, "detail": headline}
    (sent,) = topic.sent
    assert sent["subject"] == f"[taxi] {headline}"
    assert queue_of(topic)["headline"] == headline
    assert redshift.calls == []  # the event has it all


def test_a_queue_gets_what_the_event_says(notifier: Any, event_of: Any, topic: Any) -> None:
    event = event_of("load_finished", files=FILES, follows=["mart"], recovered=True, failures=2, attempt=2)
    notifier(event)
    facts = queue_of(topic)
    assert {name: facts[name] for name in event["detail"] if not name.endswith(("_at", "_time"))} == {
        name: value for name, value in event["detail"].items() if not name.endswith(("_at", "_time"))
    }
    assert facts["scheduled_time"] == "2024-05-01T03:00:00+00:00"
    assert facts["ended_at"] == "2024-05-01T03:06:10+00:00"
    assert (facts["title"], facts["load_errors"]) == ("trips", [])


def test_attributes_are_for_filters(notifier: Any, event_of: Any, topic: Any) -> None:
    notifier(event_of("load_finished", recovered=True, failures=1, attempt=2))
    assert topic.sent[0]["attributes"] == {
        "name_prefix": {"Type": "String", "Value": "taxi"},
        "title": {"Type": "String", "Value": "trips"},
        "state": {"Type": "String", "Value": "FINISHED"},
        "load": {"Type": "String", "Value": "trips"},
        "attempt": {"Type": "Number", "Value": "2"},
        "recovered": {"Type": "String", "Value": "true"},
    }


@pytest.mark.parametrize(
    "gone",
    ["statement_name", "statement_id", "sql", "error", "started_by", "requested_at", "files", "follows", "attempts"],
)
def test_it_is_told_without_what_is_not_known(gone: str, notifier: Any, event_of: Any, topic: Any) -> None:
    event = event_of("load_failed")
    del event["detail"][gone]
    assert notifier(event)["announced"] is True


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        ({"load": None}, "detail.load: must be str, not nothing"),
        ({"load": ""}, "detail.load: must be str, not nothing"),
        ({"occurrence": None}, "detail.occurrence: must be str"),
        ({"name_prefix": 7}, "detail.name_prefix: must be str, not int"),
        ({"state": "STARTED"}, "detail.state: 'STARTED' is not one of FINISHED, FAILED, ABORTED, NOT_STARTED"),
        ({"attempt": "two"}, "detail.attempt: must be int, not str"),
        ({"rows": True}, "detail.rows: must be int, not bool"),
        ({"waited_seconds": "3"}, "detail.waited_seconds: must be seconds, not str"),
        ({"ended_at": "yesterday"}, "detail.ended_at: 'yesterday' is not a time in ISO 8601"),
        ({"started_by": "hand"}, "detail.started_by: must be a JSON object"),
        ({"files": {"set_aside": [1]}}, "detail.files.set_aside: must be a list of text"),
    ],
)
def test_an_event_that_cannot_be_used_says_what_is_wrong(
    detail: dict[str, Any], message: str, notifier: Any, event_of: Any, topic: Any
) -> None:
    with pytest.raises(InputError) as caught:
        notifier(event_of("load_finished", **detail))
    assert message in str(caught.value)
    assert topic.sent == []


def test_a_detail_that_is_no_object(notifier: Any) -> None:
    with pytest.raises(InputError, match="detail: must be a JSON object"):
        notifier({"detail-type": "Load Failed", "detail": "text"})


def test_whole_seconds_are_seconds(notifier: Any, event_of: Any, topic: Any) -> None:
    notifier(event_of("load_finished", waited_seconds=125, duration_seconds=2))
    assert "(waited 2 min 5 s)" in topic.letters[0]
    assert "(ran 2.0 s)" in topic.letters[0]
