"""Formats an announcement as a custom notification, which Amazon Q Developer in chat applications shows in a channel.

Schema and limits: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""

import json

from notifier.announcement import NOT_STARTED, Announcement
from notifier.facts import cut, facts_of, set_aside
from notifier.message import Attributes, Message, attributes_of, from_text, subject_line, tellable

MAX_TITLE = 250
MAX_DESCRIPTION = 8000
MAX_KEYWORD = 75
"""Characters of `content.title`, `content.description` and of one of `content.keywords`."""
MAX_REASON = 3000
"""Characters of an error or a body, so that the facts fit beside it."""
MAX_NAMES = 2
"""Files that a notification names: each key has up to 1,024 bytes."""
MAX_VALUE = 1200
"""Characters of a fact: an S3 key has up to 1,024 bytes."""

_MARKS = {"FINISHED": "\u2705", "FAILED": "\u274c", "ABORTED": "\u26d4", NOT_STARTED: "\u26a0\ufe0f"}
_NEUTRAL = str.maketrans({"<": "\u2039", ">": "\u203a", "`": "'", "*": "\u2217"})
"""Look-alikes of what the chat programs read as formatting, links and mentions: texts of the warehouse are not ours."""


def chat_from_announcement(announcement: Announcement) -> Message:
    """The notification for an announcement."""
    told = tellable(announcement)
    facts = [f"*{label}:* {cut(_neutral(value), MAX_VALUE)}" for label, value in facts_of(told)]
    parts = [told.history] if told.history else []
    if told.reason:
        parts.append(cut(_neutral(told.reason), MAX_REASON))
    names = told.run.files.set_aside[:MAX_NAMES] if told.run and told.run.files else ()
    if files := set_aside(told.run, [cut(_neutral(name), MAX_VALUE) for name in names]):
        heading, lines = files
        parts.append("\n".join([heading, *lines]))
    description = "\n\n".join([*parts, "\n".join(facts)])
    return _message(
        subject=subject_line(f"[{told.name_prefix}] {told.headline}"),
        title=f"{_MARKS[told.state]} {_neutral(f'{told.name_prefix} {told.headline}')}",
        description=description,
        keywords=[told.name_prefix, told.run.load if told.run else told.title, told.state],
        attributes=attributes_of(told),
    )


def chat_from_text(name_prefix: str, subject: str, body: str) -> Message:
    """The notification of the action `notify`."""
    note = from_text(name_prefix, subject, body)
    return _message(note.subject, _neutral(subject), cut(_neutral(body), MAX_REASON), [name_prefix], note.attributes)


def _message(subject: str, title: str, description: str, keywords: list[str], attributes: Attributes) -> Message:
    notification = {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": _clipped(title, MAX_TITLE),
            "description": _clipped(description, MAX_DESCRIPTION),
            "keywords": [_clipped(_neutral(keyword), MAX_KEYWORD) for keyword in keywords],
        },
    }
    return Message(subject, json.dumps(notification), attributes, structured=False)


def _neutral(text: str) -> str:
    # A zero-width space after "@" keeps a name in an error from alerting people.
    return text.translate(_NEUTRAL).replace("@", "@\u200b")


def _clipped(text: str, max_chars: int) -> str:
    return text if len(text) <= max_chars else text[: max_chars - 3] + "..."
