"""Announces how loads and statements ended: each once, even if its event arrives twice."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from notifier.announcement import Announcement
from notifier.announcement_table import AnnouncementTable
from notifier.chat import chat_from_announcement, chat_from_text
from notifier.load_errors import NOT_VISIBLE, is_copy_failure
from notifier.load_event import parse_load_event
from notifier.message import Message, from_announcement, from_text
from relay.actions import Event
from relay.data_api import DataApi, Statement
from relay.errors import CallFailed
from relay.events import ENDED, STATUS_CHANGE, Completion, parse_completion
from relay.log import log
from relay.names import Kind, StatementName

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

ANNOUNCED_BY_LOAD_EVENT = (Kind.LOAD, Kind.LOAD_ERRORS, Kind.FILE_ERRORS)


@dataclass(frozen=True)
class Result:
    """What became of an event; `announced` is false if it was announced before, or is not to be announced yet."""

    announced: bool
    statement_id: str = ""
    detail: str = ""


class Announcer:
    """Publishes announcements to the topic, and to the chat topic if there is one.

    `owner` is the id of the invocation, or of the message that caused it.
    """

    def __init__(
        self,
        sns: "SNSClient",
        topic_arn: str,
        chat_topic_arn: str | None,
        announcements: AnnouncementTable,
        api: DataApi,
        name_prefix: str,
        owner: str,
    ) -> None:
        self._sns = sns
        self._topic_arn = topic_arn
        self._chat_topic_arn = chat_topic_arn
        self._announcements = announcements
        self._api = api
        self._name_prefix = name_prefix
        self._owner = owner

    def read(self, event: Event) -> Announcement | None:
        """What a completion event or a load event announces; None for a statement whose load event does.

        Raises InputError, and CallFailed when Redshift cannot be asked for the statement.
        """
        if event.get("detail-type") != STATUS_CHANGE:
            return parse_load_event(event)
        completion = parse_completion(event)
        name = StatementName.parse(completion.statement_name)
        if name and name.prefix == self._name_prefix and name.kind in ANNOUNCED_BY_LOAD_EVENT:
            return None
        return _of_statement(self._name_prefix, completion, self._describe(completion))

    def needs_reason(self, announcement: Announcement) -> bool:
        """Whether it reports a failed COPY, whose reason is a query away, and some topic still lacks it."""
        if not (announcement.statement_id and is_copy_failure(announcement.state, announcement.error)):
            return False
        return bool(self._announcements.unannounced([key for key, _ in self._topics(announcement)]))

    def announce(self, announcement: Announcement) -> Result:
        """Publishes what has not been published yet; raises the first error after all topics were tried."""
        announced, failures = False, []
        for key, topic_arn in self._topics(announcement):
            if not self._announcements.claim(key, self._owner):
                continue
            message = (from_announcement if topic_arn == self._topic_arn else chat_from_announcement)(announcement)
            try:
                message_id = self._publish(topic_arn, message)
                # Killed before the next line, it publishes twice.
                self._announcements.mark_announced(key)
            except Exception as error:
                failures.append(error)
                continue
            announced = True
            log(
                "INFO",
                "announced",
                state=announcement.state,
                statement_name=announcement.statement_name,
                title=announcement.title,
                message_id=message_id,
            )
        if failures:
            raise failures[0]
        detail = announcement.headline if announced else "announced before"
        return Result(announced, announcement.statement_id, detail)

    def notify(self, subject: str, body: str) -> str:
        """Publishes a text as given and returns the id of its message on the topic."""
        message_id = self._publish(self._topic_arn, from_text(self._name_prefix, subject, body))
        if self._chat_topic_arn:
            self._publish(self._chat_topic_arn, chat_from_text(self._name_prefix, subject, body))
        return message_id

    def describe_failed(self, announcement: Announcement) -> Statement | None:
        """The statement of a failed COPY; None if this role may not see it. Raises CallFailed to be retried."""
        try:
            return self._api.describe(announcement.statement_id)
        except CallFailed as error:
            if error.code not in NOT_VISIBLE:
                raise
            log("ERROR", "load errors not queried", statement_id=announcement.statement_id, reason=str(error))
            return None

    def _topics(self, announcement: Announcement) -> list[tuple[str, str]]:
        """Each topic, with the key under which the announcement table records that it has the announcement."""
        chat = [(f"chat/{announcement.key}", self._chat_topic_arn)] if self._chat_topic_arn else []
        return [(announcement.key, self._topic_arn), *chat]

    def _publish(self, topic_arn: str, message: Message) -> str:
        structure = {"MessageStructure": "json"} if message.structured else {}
        answer = self._sns.publish(
            TopicArn=topic_arn,
            Subject=message.subject,
            Message=message.text,
            MessageAttributes={
                key: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
                for key, value in message.attributes.items()
                if value != ""
            },
            **structure,
        )
        return answer["MessageId"]

    def _describe(self, completion: Completion) -> Statement:
        """Describes a statement; only its state where the role is not allowed to."""
        try:
            statement = self._api.describe(completion.statement_id)
        except CallFailed as error:
            if error.code not in NOT_VISIBLE:
                raise  # throttled or unreachable: Lambda retries
            log("INFO", "statement not described", statement_id=completion.statement_id, reason=str(error))
            return Statement(completion.statement_id, completion.state)
        # The event may overtake the status.
        return statement if statement.status in ENDED else replace(statement, status=completion.state)


def _of_statement(name_prefix: str, completion: Completion, statement: Statement) -> Announcement:
    return Announcement(
        name_prefix=name_prefix,
        title=completion.statement_name or statement.id,
        state=statement.status,
        statement_name=completion.statement_name,
        statement_id=statement.id,
        sql=statement.sql,
        error=statement.error,
        started_at=statement.created_at,
        ended_at=statement.updated_at,
        duration_seconds=statement.duration_seconds,
        rows=statement.rows,
    )
