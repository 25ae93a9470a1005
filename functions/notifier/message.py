"""Formats an announcement as one SNS message: a readable e-mail, a short text for SMS, JSON for queues."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

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

_WORDS = {"FINISHED": "the data is ready", "FAILED": "the load failed", "ABORTED": "the load was cancelled"}
_WORDS_OF_OTHERS = {"FINISHED": "finished", "FAILED": "failed", "ABORTED": "was cancelled"}
NOT_STARTED = "NOT_STARTED"


@dataclass(frozen=True)
class LoadError:
    """A row of `sys_load_error_detail`: what was wrong in which file, line and column."""

    file: str
    line: int
    column: str
    reason: str
    code: int

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{column}: {self.reason} (error {self.code})"


@dataclass(frozen=True)
class Announcement:
    """What happened to a statement. `title` is its name for people; `state` is Redshift's, or NOT_STARTED."""

    name_prefix: str
    title: str
    state: str
    statement_name: str
    ours: bool = True
    statement_id: str = ""
    sql: str = ""
    error: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: float | None = None
    rows: int | None = None
    load_errors: tuple[LoadError, ...] = field(default=())

    @property
    def headline(self) -> str:
        """One clause: who, and what happened."""
        if self.state == NOT_STARTED:
            return f"{self.title}: the load was not started"
        return f"{self.title}: {(_WORDS if self.ours else _WORDS_OF_OTHERS)[self.state]}"

    @property
    def reason(self) -> str:
        """Why it failed: the rows of sys_load_error_detail if there are any, else Redshift's error text."""
        return "\n".join(map(str, self.load_errors)) or self.error


@dataclass(frozen=True)
class Message:
    """What is published; `attributes` serve the filter policies of subscriptions."""

    subject: str
    structure: str
    attributes: dict[str, str]


def from_announcement(announcement: Announcement) -> Message:
    """The message for an announcement."""
    announcement = replace(announcement, title=_cut(_one_line(announcement.title), MAX_TITLE))

    def structure(max_chars: int) -> str:
        told = replace(
            announcement, sql=first_line(announcement.sql), error=_cut(redact(announcement.error), max_chars)
        )
        facts = asdict(told) | {
            # Another role's statement cannot be described, and a statement that succeeded has no error.
            "sql": told.sql or None,
            "error": told.error or None,
            "started_at": told.started_at.isoformat() if told.started_at else None,
            "ended_at": told.ended_at.isoformat() if told.ended_at else None,
        }
        queue = json.dumps({"headline": told.headline, **facts})
        return _structure(_email(told), _short(f"{told.name_prefix} {told.headline}. {told.reason}"), queue)

    return Message(
        subject=subject_line(f"[{announcement.name_prefix}] {announcement.headline}"),
        structure=_fitting(structure),
        attributes={
            "name_prefix": announcement.name_prefix,
            "title": _printable(announcement.title),
            "state": announcement.state,
        },
    )


def from_text(name_prefix: str, subject: str, body: str) -> Message:
    """The message of the action `notify`: a subject and a body as given."""

    def structure(max_chars: int) -> str:
        told = _cut(body, max_chars)
        return _structure(told, _short(f"{subject}. {body}"), json.dumps({"headline": subject, "body": told}))

    return Message(
        subject=subject_line(subject),
        structure=_fitting(structure),
        attributes={"name_prefix": name_prefix, "state": "NOTE"},
    )


def subject_line(text: str) -> str:
    """The text within SNS's rules: accents dropped, other characters replaced, cut at the end."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"[^\x20-\x7e]+", " ", plain.encode("ascii", "replace").decode()).strip()
    plain = re.sub(r" {2,}", " ", plain) or "Redshift Relay"
    return plain if len(plain) <= MAX_SUBJECT else plain[: MAX_SUBJECT - 3] + "..."


def duration(seconds: float) -> str:
    """A duration for people."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _email(announcement: Announcement) -> str:
    rows: list[tuple[str, str]] = []
    if announcement.sql:
        rows.append(("What ran", announcement.sql))
    if announcement.started_at:
        rows.append(("Started", _clock(announcement.started_at)))
    if announcement.ended_at:
        took = f" ({duration(announcement.duration_seconds)})" if announcement.duration_seconds else ""
        rows.append(("Ended", _clock(announcement.ended_at) + took))
    if announcement.rows:
        rows.append(("Rows", f"{announcement.rows:,}"))
    if announcement.statement_id:
        rows.append(("Statement", announcement.statement_id))
    if announcement.statement_name:
        rows.append(("Name", _one_line(announcement.statement_name)))
    table = "\n".join(f"{label + ':':<11}{value}" for label, value in rows)
    # The name of another role's statement stays unchanged.
    headline = announcement.headline
    parts = [f"{headline[:1].upper() if announcement.ours else headline[:1]}{headline[1:]}."]
    if announcement.reason:
        parts.append("Why:\n" + "\n".join(f"  {line}" for line in announcement.reason.splitlines()))
    if announcement.state == NOT_STARTED:
        parts.append("If a retry starts it, another message reports how it ended.")
    return "\n\n".join([*parts, table]) + "\n"


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= MAX_SMS else plain[: MAX_SMS - 3] + "..."


def _cut(text: str, max_chars: int) -> str:
    return text if len(text) <= max_chars else text[:max_chars] + " ..."


def _one_line(text: str) -> str:
    """Another's statement name may hold line breaks, and would write lines of its own into the e-mail."""
    return " ".join(text.split())


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
