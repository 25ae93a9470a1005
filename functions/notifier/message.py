"""Turns news into one SNS message: an e-mail that a person likes to read, a short text for SMS, JSON for queues."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from relay.redaction import first_line, without_secrets

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
class News:
    """What happened to a statement. `title` is what a person calls it; `state` is Redshift's, or NOT_STARTED."""

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
    duration_seconds: float = 0.0
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
        """Why it did not go well: the rows of sys_load_error_detail if there are any, else Redshift's error text."""
        return "\n".join(map(str, self.load_errors)) or self.error


@dataclass(frozen=True)
class Message:
    """What is given to SNS; `attributes` are there for the filter policies of subscriptions."""

    subject: str
    structure: str
    attributes: dict[str, str]


def from_news(news: News) -> Message:
    """The message that tells the news."""
    news = replace(news, title=_cut(news.title, MAX_TITLE))

    def structure(most: int) -> str:
        told = replace(news, sql=first_line(news.sql), error=_cut(without_secrets(news.error), most))
        facts = asdict(told) | {
            "started_at": told.started_at.isoformat() if told.started_at else None,
            "ended_at": told.ended_at.isoformat() if told.ended_at else None,
        }
        queue = json.dumps({"headline": told.headline, **facts})
        return _structure(_letter(told), _short(f"{told.name_prefix} {told.headline}. {told.reason}"), queue)

    return Message(
        subject=subject_line(f"[{news.name_prefix}] {news.headline}"),
        structure=_fitting(structure),
        attributes={"name_prefix": news.name_prefix, "title": _printable(news.title), "state": news.state},
    )


def from_text(name_prefix: str, subject: str, body: str) -> Message:
    """The message of the action `notify`: somebody's own words."""

    def structure(most: int) -> str:
        told = _cut(body, most)
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
    """A length of time as a person says it."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _letter(news: News) -> str:
    rows: list[tuple[str, str]] = []
    if news.sql:
        rows.append(("What ran", news.sql))
    if news.started_at:
        rows.append(("Started", _clock(news.started_at)))
    if news.ended_at:
        took = f" ({duration(news.duration_seconds)})" if news.duration_seconds else ""
        rows.append(("Ended", _clock(news.ended_at) + took))
    if news.rows:
        rows.append(("Rows", f"{news.rows:,}"))
    if news.statement_id:
        rows.append(("Statement", news.statement_id))
    if news.statement_name:
        rows.append(("Name", news.statement_name))
    table = "\n".join(f"{label + ':':<11}{value}" for label, value in rows)
    # The name of another's statement stays as it is.
    parts = [f"{news.headline[:1].upper() if news.ours else news.headline[:1]}{news.headline[1:]}."]
    if news.reason:
        parts.append("Why:\n" + "\n".join(f"  {line}" for line in news.reason.splitlines()))
    if news.state == NOT_STARTED:
        parts.append("If it is tried again and starts, another message tells how it ended.")
    return "\n\n".join([*parts, table]) + "\n"


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= MAX_SMS else plain[: MAX_SMS - 3] + "..."


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + " ..."


def _printable(text: str) -> str:
    """The value of an attribute: another's statement name may hold anything, and SNS refuses control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _fitting(structure: Callable[[int], str]) -> str:
    """The message with as much of its longest text as SNS takes: quotes and accents grow when they are escaped."""
    most = MAX_BODY
    while len((whole := structure(most)).encode()) > MAX_BYTES and most:
        most //= 2
    return whole


def _structure(letter: str, short: str, queue: str) -> str:
    """One text for each protocol: https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html"""
    machines = dict.fromkeys(("sqs", "lambda", "http", "https", "firehose", "email-json"), queue)
    return json.dumps({"default": letter, "email": letter, "sms": short, **machines})
