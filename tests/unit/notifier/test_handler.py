"""Actions of the notifier, and what it refuses."""

from typing import Any

import pytest

from relay.errors import InputError, UnknownAction


def test_notify(notifier: Any, topic: Any) -> None:
    request = {"action": "notify", "subject": "Späte Daten\n", "body": "Am Mittag.\n"}
    answer = notifier(request)
    assert answer["message_id"]
    (sent,) = topic.sent
    assert sent["subject"] == "Spate Daten"
    assert sent["texts"]["email"] == "Am Mittag.\n"
    notifier(request)
    assert len(topic.sent) == 2  # somebody's own words are told as often as they are said


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"action": "notify"}, "subject: must be text"),
        ({"action": "notify", "subject": "a"}, "body: must be text"),
        ({"action": "notify", "subject": "a" * 1025, "body": "b"}, "subject: at most 1,024 bytes"),
        ({"action": "notify", "subject": "a", "body": "b" * 32_001}, "body: at most 32,000 bytes"),
        ({"action": "notify", "subject": "a", "body": "\ud800"}, "body: invalid Unicode"),
        ({"action": "notify", "subject": "a", "bodi": "b"}, "bodi: unknown field. Use action, subject, body."),
        ({}, "detail-type: None is not one of Load Finished"),
        ({"detail-type": "Scheduled Event", "detail": {}}, "detail-type: 'Scheduled Event' is not one of"),
        ({"Records": []}, "Records: must be a list of one record"),
        ({"Records": [{"messageId": "1", "body": "text"}]}, "Records: is no message of this function"),
        ({"detail-type": ["x"], "detail": {}}, "detail-type"),
        ([], "event: must be a JSON object, not list"),
    ],
)
def test_bad_input_is_named(event: Any, message: str, notifier: Any, topic: Any) -> None:
    with pytest.raises(InputError) as caught:
        notifier(event)
    assert message in str(caught.value)
    assert topic.sent == []


def test_an_unknown_action(notifier: Any) -> None:
    with pytest.raises(UnknownAction, match="'execute_sql' is not one of notify"):
        notifier({"action": "execute_sql"})


def test_no_secret_in_the_log(notifier: Any, ended: Any, capsys: pytest.CaptureFixture[str]) -> None:
    notifier(
        ended(
            status="FAILED", sql="COPY t CREDENTIALS 'aws_secret_access_key=wJalr'", error="ERROR: PASSWORD 'hunter2'"
        )
    )
    out = capsys.readouterr().out
    assert "announced" in out
    assert "wJalr" not in out
    assert "hunter2" not in out
