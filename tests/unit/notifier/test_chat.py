"""The chat topic gets custom notifications, as Amazon Q Developer in chat applications shows them.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from notifier import handler
from notifier.announcement import Announcement, Files, LoadRun, StartedBy
from notifier.chat import chat_from_announcement, chat_from_text
from notifier.message import Message

RUN = LoadRun("orders", "f-1", StartedBy("files", None))
FAILED = Announcement("taxi", "orders", "FAILED", "taxi/load/orders/f-1", run=RUN, statement_id="x", error="ERROR: no")


def within_the_schema(message: Message) -> dict[str, Any]:
    """The parameters of the admin guide: which are required, what they may be, how long."""
    notification: dict[str, Any] = json.loads(message.text)
    assert not message.structured
    assert len(message.text.encode()) <= 262_144
    assert (notification["version"], notification["source"]) == ("1.0", "custom")
    assert set(notification) <= {"version", "source", "id", "content", "metadata"}
    content: dict[str, Any] = notification["content"]
    assert set(content) <= {"textType", "title", "description", "nextSteps", "keywords"}
    assert content["textType"] == "client-markdown"
    assert 0 < len(content["title"]) <= 250
    assert 0 < len(content["description"]) <= 8000
    assert all(len(keyword) <= 75 for keyword in content["keywords"])
    return content


def test_a_load_is_told_in_the_channel(notifier: Any, chat: Any, topic: Any, event_of: Any) -> None:
    notifier(event_of("load_finished", recovered=True, failures=2, follows=["mart"]))
    (sent,) = chat.sent
    content = within_the_schema(Message("", sent["body"], {}, structured=False))
    assert content["title"] == "\u2705 taxi trips: the data is ready again"
    assert content["description"].startswith(
        "Before that, it failed twice.\n\n*What ran:* CALL execute_elt_process()\n"
    )
    assert "*Started by:* schedule nightly" in content["description"]
    assert "*Next:* mart" in content["description"]
    assert content["keywords"] == ["taxi", "trips", "FINISHED"]
    assert sent["attributes"]["load"]["Value"] == "trips"
    assert len(topic.sent) == 1


def test_without_a_chat_topic_nothing_is_told_there(notifier: Any, topic: Any, event_of: Any) -> None:
    assert notifier(event_of("load_finished"))["announced"] is True
    assert len(topic.sent) == 1


def test_a_repeated_event_is_told_once_in_the_channel(notifier: Any, chat: Any, topic: Any, event_of: Any) -> None:
    results = [notifier(event_of("load_failed"), f"r-{n}")["announced"] for n in range(2)]
    assert (results, len(topic.sent), len(chat.sent)) == ([True, False], 1, 1)


@pytest.mark.parametrize("broken", ["news", "chat"])
def test_one_topic_that_refuses_keeps_nothing_from_the_other(
    broken: str, notifier: Any, chat: Any, topic: Any, event_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = handler._sns().publish

    def publish(TopicArn: str, **request: Any) -> Any:  # noqa: N803
        if TopicArn.endswith(f":{broken}"):
            raise ClientError({"Error": {"Code": "KMSAccessDenied", "Message": "no"}}, "Publish")
        return real(TopicArn=TopicArn, **request)

    monkeypatch.setattr(handler._sns(), "publish", publish)
    with pytest.raises(ClientError, match="KMSAccessDenied"):
        notifier(event_of("load_failed"), "r-1")
    assert len(topic.sent) + len(chat.sent) == 1
    monkeypatch.setattr(handler._sns(), "publish", real)
    notifier(event_of("load_failed"), "r-1")
    assert (len(topic.sent), len(chat.sent)) == (1, 1)


def test_somebody_s_own_words_are_told_in_the_channel(notifier: Any, chat: Any) -> None:
    notifier({"action": "notify", "subject": "Late data", "body": "At noon."})
    content = within_the_schema(Message("", chat.sent[0]["body"], {}, structured=False))
    assert (content["title"], content["description"]) == ("Late data", "At noon.")


def test_an_error_alerts_nobody_and_formats_nothing() -> None:
    """Slack reads <!channel> as a mention and <https://...|text> as a link."""
    error = "ERROR: <!channel> <https://evil.example|click> @everyone *bold* `code`"
    description = within_the_schema(chat_from_announcement(replace(FAILED, error=error)))["description"]
    for part in ("<", ">", "*bold*", "`", "@everyone"):
        assert part not in description
    assert "click" in description


def test_secrets_are_not_told() -> None:
    message = chat_from_announcement(replace(FAILED, error="COPY t CREDENTIALS 'aws_secret_access_key=wJalr'"))
    assert "wJalr" not in message.text


def test_files_that_were_set_aside_are_named() -> None:
    files = Files(9, 100, "s3://b/m", tuple(f"s3://b/{n}.csv" for n in range(9)))
    message = chat_from_announcement(replace(FAILED, run=replace(RUN, files=files)))
    assert (
        "9 files were set aside:\ns3://b/0.csv\ns3://b/1.csv\nand 7 more" in within_the_schema(message)["description"]
    )


@pytest.mark.parametrize("letter", ["x", "\u00e4", "\U0001f695", "*", "@"])
def test_a_giant_is_cut(letter: str) -> None:
    files = Files(9, 100, letter * 1000, tuple(letter * 1000 for n in range(1000)))
    run = replace(RUN, files=files, field=letter * 5000, follows=(letter * 20,) * 300)
    giant = replace(FAILED, error=letter * 100_000, title=letter * 2048, run=run, statement_name=letter * 500)
    assert "*Files:* 9" in within_the_schema(chat_from_announcement(giant))["description"]
    within_the_schema(chat_from_text("taxi", letter * 1024, letter * 32_000))


@given(st.text(min_size=1, max_size=50), st.text(max_size=300), st.sampled_from(["FINISHED", "FAILED", "ABORTED"]))
def test_whatever_happens_it_can_be_shown(title: str, error: str, state: str) -> None:
    within_the_schema(chat_from_announcement(Announcement("taxi", title, state, title, error=error, statement_id="x")))
