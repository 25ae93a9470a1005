"""Formats an announcement as one SNS message: a readable e-mail, a short text for SMS, JSON for queues."""

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from itertools import accumulate
from typing import Any

from notifier.announcement import Announcement, LoadRun
from notifier.facts import cut, facts_of, one_line, set_aside
from relay.redaction import first_line, redact

MAX_SUBJECT = 99
"""Characters of a subject: less than 100, without control characters (sns service model, PublishInput.Subject).

ASCII is ours: not every mail program shows more.
"""
MAX_BODY = 32_000
"""Characters of a body or of an error, fewer where the whole would be too large."""
MAX_BYTES = 250_000
"""Bytes of a message with all its copies: SNS takes 256 KiB with the attributes (sns service model, PublishInput)."""
MAX_TITLE = 200
"""Characters of a title: another's statement name may have 2048."""
MAX_SMS = 140
"""ASCII characters of an SMS that SNS sends in one part: https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html"""
MAX_NAMES = 20
"""Files that a message names; a load may set aside thousands."""

Attributes = dict[str, str | int]


@dataclass(frozen=True)
class Message:
    """What is published; `attributes` serve the filter policies of subscriptions.

    `structured` says that `text` is a JSON object with a text for each protocol.
    """

    subject: str
    text: str
    attributes: Attributes
    structured: bool = True


def from_announcement(announcement: Announcement) -> Message:
    """The message for an announcement."""
    announcement = tellable(announcement)

    def structure(max_chars: int) -> str:
        told = replace(announcement, error=cut(announcement.error, max_chars), run=_fewer(announcement.run, max_chars))
        short = _short(f"{told.name_prefix} {told.headline}{_attempt(told)}. {told.reason}")
        return _structure(_email(told, announcement), short, json.dumps(_facts(told)))

    return Message(
        subject=subject_line(f"[{announcement.name_prefix}] {announcement.headline}"),
        text=_fitting(structure),
        attributes=attributes_of(announcement),
    )


def from_text(name_prefix: str, subject: str, body: str) -> Message:
    """The message of the action `notify`: a subject and a body as given."""

    def structure(max_chars: int) -> str:
        told = cut(body, max_chars)
        return _structure(told, _short(f"{subject}. {body}"), json.dumps({"headline": subject, "body": told}))

    return Message(
        subject=subject_line(subject),
        text=_fitting(structure),
        attributes={"name_prefix": name_prefix, "state": "NOTE"},
    )


def tellable(announcement: Announcement) -> Announcement:
    """The announcement without secrets, and with a title of one line."""
    return replace(
        announcement,
        title=cut(one_line(announcement.title), MAX_TITLE),
        sql=first_line(announcement.sql),
        error=redact(announcement.error),
    )


def attributes_of(announcement: Announcement) -> Attributes:
    """What filter policies can use: of a load also its name, the attempt (a number) and whether it recovered."""
    attributes: Attributes = {
        "name_prefix": announcement.name_prefix,
        "title": _printable(announcement.title),
        "state": announcement.state,
    }
    if announcement.run:
        attributes |= {
            "load": _printable(announcement.run.load),
            "attempt": announcement.run.attempt,
            "recovered": str(announcement.run.recovered).lower(),
        }
    return attributes


def subject_line(text: str) -> str:
    """The text within SNS's rules: accents dropped, other characters replaced, cut at the end."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"[^\x20-\x7e]+", " ", plain.encode("ascii", "replace").decode()).strip()
    plain = re.sub(r" {2,}", " ", plain) or "Redshift Relay"
    return plain if len(plain) <= MAX_SUBJECT else plain[: MAX_SUBJECT - 3] + "..."


def _email(told: Announcement, whole: Announcement) -> str:
    # The name of another role's statement stays unchanged.
    headline = told.headline
    parts = [f"{headline[:1].upper() if told.run else headline[:1]}{headline[1:]}."]
    if told.history:
        parts[0] += f" {told.history}"
    if told.reason:
        parts.append("Why:\n" + _indented(told.reason.splitlines()))
    if files := set_aside(whole.run, told.run.files.set_aside if told.run and told.run.files else ()):
        heading, names = files
        parts.append(f"{heading}\n{_indented(names)}")
    table = "\n".join(f"{label + ':':<12}{value}" for label, value in facts_of(whole))
    return "\n\n".join([*parts, table]) + "\n"


def _facts(told: Announcement) -> dict[str, Any]:
    """The announcement as JSON: one flat object, in which what is not known, or only loads have, is null."""
    statement = {name: value for name, value in asdict(told).items() if name != "run"}
    run = dict.fromkeys(part.name for part in fields(LoadRun)) | (asdict(told.run) if told.run else {})
    # Another role's statement cannot be described, and a statement that succeeded has no error.
    empty = {name: statement[name] or None for name in ("statement_id", "sql", "error")}
    facts = {"headline": told.headline, **statement, **empty, **run}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}


def _fewer(run: LoadRun | None, max_chars: int) -> LoadRun | None:
    """The load with as many names of files as fit beside its error."""
    if run is None or run.files is None:
        return run
    lengths = accumulate(len(name) for name in run.files.set_aside[:MAX_NAMES])
    names = tuple(name for name, so_far in zip(run.files.set_aside, lengths, strict=False) if so_far <= max_chars // 2)
    return replace(run, files=replace(run.files, set_aside=names))


def _attempt(told: Announcement) -> str:
    return f" (attempt {told.run.attempt} of {told.run.attempts})" if told.run and told.run.attempt > 1 else ""


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= MAX_SMS else plain[: MAX_SMS - 3] + "..."


def _printable(text: str) -> str:
    """The value of an attribute: another's statement name may contain anything, and SNS rejects control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _fitting(structure: Callable[[int], str]) -> str:
    """The message with as much of its longest text as SNS accepts: quotes and accents grow when escaped."""
    max_chars = MAX_BODY
    while len((whole := structure(max_chars)).encode()) > MAX_BYTES and max_chars:
        max_chars //= 2
    return whole


def _structure(letter: str, short: str, queue: str) -> str:
    """One text for each protocol: https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html"""
    machines = dict.fromkeys(("sqs", "lambda", "http", "https", "firehose", "email-json"), queue)
    return json.dumps({"default": letter, "email": letter, "sms": short, **machines})
