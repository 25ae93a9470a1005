"""Completion events become messages: of the statements of others, never of loads, whose load events do."""

from typing import Any

import pytest

from relay.errors import CallFailed


@pytest.mark.parametrize(
    ("status", "words"), [("FINISHED", "finished"), ("FAILED", "failed"), ("ABORTED", "was cancelled")]
)
def test_the_end_of_a_statement_is_told(status: str, words: str, notifier: Any, ended: Any, topic: Any) -> None:
    event = ended(status=status, error="ERROR: no trips" if status == "FAILED" else "")
    result = notifier(event)
    statement_id = event["detail"]["statementId"]
    assert result == {"announced": True, "statement_id": statement_id, "detail": f"dbt.daily_revenue: {words}"}
    (sent,) = topic.sent
    assert sent["subject"] == f"[taxi] dbt.daily_revenue: {words}"
    assert statement_id in sent["texts"]["email"]
    assert ("no trips" in sent["texts"]["email"]) == (status == "FAILED")
    assert sent["attributes"]["title"]["Value"] == "dbt.daily_revenue"


@pytest.mark.parametrize("name", ["taxi/load/trips/2024-05-01T03:00:00Z", "taxi/load-errors/x/1", "taxi/file-errors/x"])
def test_statements_of_loads_are_told_by_their_load_event(name: str, notifier: Any, ended: Any, topic: Any) -> None:
    """A source may match the role of the pipeline; its loads would be told twice."""
    assert notifier(ended(name))["announced"] is False
    assert topic.sent == []


def test_redshift_may_be_slower_than_its_event(notifier: Any, ended: Any, redshift: Any, topic: Any) -> None:
    event = ended(status="FINISHED")
    redshift.statements[event["detail"]["statementId"]].status = "STARTED"
    notifier(event)
    assert topic.sent[0]["subject"] == "[taxi] dbt.daily_revenue: finished"


@pytest.mark.parametrize("file", ["kebab", "snake"])
def test_older_events_are_told_too(file: str, notifier: Any, redshift: Any, topic: Any, event_of: Any) -> None:
    redshift.given("test.testtable", id="dd2e1ec9-2ee3-49a0-819f-905fa7d75a4a", status="FINISHED")
    notifier(event_of(file))
    assert topic.sent[0]["subject"] == "[taxi] test.testtable: finished"


# Statements of others


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException", "ValidationException"])
def test_what_cannot_be_described_is_told_without_its_error(
    code: str, notifier: Any, ended: Any, redshift: Any, topic: Any
) -> None:
    event = ended("dbt.daily_revenue", status="FAILED", error="ERROR: secret of dbt")
    redshift.refuse("DescribeStatement", code, "Query does not exist.")
    assert notifier(event)["announced"]
    (letter,) = topic.letters
    assert letter.startswith("dbt.daily_revenue: failed.")
    assert "ERROR" not in letter
    assert event["detail"]["statementId"] in letter


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerException"])
def test_a_call_that_may_go_well_next_time_is_raised_for_lambda_to_retry(
    code: str, notifier: Any, ended: Any, redshift: Any, topic: Any
) -> None:
    """Told now, the message would say less than Redshift knows, and nobody would tell it again."""
    event = ended(status="FAILED", error="ERROR: no trips")
    redshift.refuse("DescribeStatement", code)
    with pytest.raises(CallFailed, match=code):
        notifier(event)
    assert topic.sent == []
    redshift.allow("DescribeStatement")
    notifier(event)
    assert "ERROR: no trips" in topic.letters[0]


def test_disguised_throttling_is_no_foreign_statement(notifier: Any, ended: Any, redshift: Any, topic: Any) -> None:
    redshift.refuse("DescribeStatement", "ValidationException", "ThrottlingException: Rate exceeded")
    with pytest.raises(CallFailed, match="ThrottlingException"):
        notifier(ended())
    assert topic.sent == []


@pytest.mark.parametrize(
    "name", ["dbt.daily_revenue", "taxi2/load/nightly/1", "taxi/objects/req", "x" * 2048, "a\nb\x00"]
)
def test_statements_of_others_are_called_by_their_names(name: str, notifier: Any, ended: Any, topic: Any) -> None:
    notifier(ended(name))
    (sent,) = topic.sent
    assert sent["subject"].endswith(": finished") or sent["subject"].endswith("...")
    assert "the data is ready" not in sent["texts"]["email"]


@pytest.mark.parametrize("described", [True, False])
def test_a_statement_without_a_name_is_called_by_its_id(
    described: bool, notifier: Any, ended: Any, redshift: Any, topic: Any
) -> None:
    event = ended(None, status="FAILED", error="ERROR: no")
    if not described:
        redshift.refuse("DescribeStatement", "ResourceNotFoundException")
    notifier(event)
    assert topic.sent[0]["subject"] == f"[taxi] {event['detail']['statementId']}: failed"
    assert ("ERROR: no" in topic.letters[0]) == described
