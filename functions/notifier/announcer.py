"""Announces how statements ended: each once, even if its event arrives twice or never."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from notifier.announcement_table import AnnouncementTable
from notifier.load_errors import is_copy_failure, query_load_errors
from notifier.message import NOT_STARTED, Announcement, LoadError, Message, from_announcement
from relay.actions import Event, text
from relay.data_api import DataApi, Listed, Statement
from relay.errors import CallFailed, InputError
from relay.events import ENDED, LOAD_ENDED, Completion
from relay.log import log
from relay.names import Kind, StatementName

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

EVENT_GRACE = timedelta(minutes=2)
"""How long the sweep leaves a statement to its event."""
DAY = timedelta(days=1)
"""How long Redshift keeps a statement; older ones may have been announced and deleted from the table."""
DETAIL_TIMEOUT = timedelta(minutes=10)
"""After this the sweep no longer waits for the reason why a COPY failed."""
NOT_VISIBLE = ("ResourceNotFoundException", "AccessDeniedException", "ValidationException")
"""Retries do not help: another role's statement, one that Redshift no longer keeps, or a missing permission."""


@dataclass(frozen=True)
class Result:
    """What became of an event; `announced` is false if it was announced before, or is not to be announced yet."""

    announced: bool
    statement_id: str = ""
    detail: str = ""


class Announcer:
    """Publishes announcements to one topic; `owner` is the id of the invocation.

    `put_event(detail_type, detail)` replaces the event of a load that never arrived; None puts no event.
    """

    def __init__(
        self,
        sns: "SNSClient",
        topic_arn: str,
        announcements: AnnouncementTable,
        api: DataApi,
        name_prefix: str,
        owner: str,
        put_event: Callable[[str, dict[str, str]], None] | None = None,
    ) -> None:
        self._sns = sns
        self._topic_arn = topic_arn
        self._announcements = announcements
        self._api = api
        self._name_prefix = name_prefix
        self._owner = owner
        self._put_event = put_event

    def publish(self, message: Message) -> str:
        """Publishes a message and returns its id."""
        answer = self._sns.publish(
            TopicArn=self._topic_arn,
            Subject=message.subject,
            Message=message.structure,
            MessageStructure="json",
            MessageAttributes={
                key: {"DataType": "String", "StringValue": value} for key, value in message.attributes.items() if value
            },
        )
        return answer["MessageId"]

    def announce_ended(self, event: Completion) -> Result:
        """Announces how a statement ended; the end of a query for load errors announces the load that failed."""
        name = StatementName.parse(event.statement_name)
        if name and name.prefix == self._name_prefix and name.kind is Kind.LOAD_ERRORS:
            failed_id, _, failed_name = name.key.partition("/")
            return self._announce_statement(failed_id, failed_name, "FAILED", wait=False)
        return self._announce_statement(event.statement_id, event.statement_name, event.state, wait=True)

    def announce_not_started(self, event: Event) -> Result:
        """Announces that a load could not be started, once for all its retries."""
        detail = event.get("detail")
        if not isinstance(detail, dict):
            raise InputError("detail", "must be a JSON object")
        announcement = Announcement(
            name_prefix=self._name_prefix,
            title=text(detail, "schedule"),
            state=NOT_STARTED,
            statement_name=text(detail, "statement_name"),
            sql=str(detail.get("sql") or ""),
            error=str(detail.get("reason") or ""),
        )
        return self._announce(f"not-started/{announcement.statement_name}", announcement)

    def sweep(self) -> list[Result]:
        """Announces loads of the last day whose event never arrived; raises the first error after all were tried."""
        now = datetime.now(UTC)
        results: list[Result] = []
        failures: list[Exception] = []
        chunk: list[Listed] = []
        for listed in self._api.listed(f"{self._name_prefix}/{Kind.LOAD}/", ENDED):
            if listed.updated_at and EVENT_GRACE < now - listed.updated_at < DAY:
                chunk.append(listed)
            if len(chunk) == 100:
                results += self._sweep(chunk, now, failures)
                chunk = []
        results += self._sweep(chunk, now, failures)
        if failures:
            raise failures[0]
        return results

    def _sweep(self, chunk: list[Listed], now: datetime, failures: list[Exception]) -> list[Result]:
        unannounced = self._announcements.unannounced([listed.id for listed in chunk])
        results: list[Result] = []
        for listed in chunk:
            if listed.id not in unannounced:
                continue
            recent = listed.updated_at is not None and now - listed.updated_at < DETAIL_TIMEOUT
            # The event comes first: a repeated event costs less than a repeated e-mail.
            was_put = self._replace_event(listed, failures)
            if not was_put and recent:
                continue  # the next sweep does both; after the timeout, subscribers are notified without the event
            try:
                results.append(self._announce_statement(listed.id, listed.name, listed.status, wait=recent))
            except (CallFailed, ClientError, BotoCoreError) as error:
                log("ERROR", "not announced", statement_id=listed.id, reason=str(error))
                failures.append(error)
        return results

    def _replace_event(self, listed: Listed, failures: list[Exception]) -> bool:
        """Puts the event that replaces one that never arrived; False if the bus rejected it."""
        if not self._put_event:
            return True
        name = StatementName.parse(listed.name)
        detail = {
            "name_prefix": self._name_prefix,
            "schedule": name.schedule if name else listed.name,
            "statement_name": listed.name,
            "statement_id": listed.id,
            "state": listed.status,
        }
        try:
            self._put_event(LOAD_ENDED, detail)
        except CallFailed as error:
            log("ERROR", "replacement event not put", statement_id=listed.id, reason=str(error))
            failures.append(error)
            return False
        return True

    def _announce_statement(self, statement_id: str, name: str, state: str, *, wait: bool) -> Result:
        """Announces how a statement ended; for a failed COPY first queries the reason, and with `wait` waits for it."""
        statement = self._describe(statement_id, state)
        if not is_copy_failure(statement):
            return self._announce(statement_id, _announcement_of(self._name_prefix, name, statement))
        if not self._announcements.unannounced([statement_id]):
            return Result(False, statement_id, "announced before")
        errors = query_load_errors(self._api, self._name_prefix, name, statement)
        if errors is None and wait:
            return Result(False, statement_id, "querying Redshift for the reason")
        return self._announce(statement_id, _announcement_of(self._name_prefix, name, statement, errors or ()))

    def _describe(self, statement_id: str, state: str) -> Statement:
        """Describes a statement; only its state where the role is not allowed to."""
        try:
            statement = self._api.describe(statement_id)
        except CallFailed as error:
            if error.code not in NOT_VISIBLE:
                raise  # throttled or unreachable: Lambda retries, then the sweep does
            log("INFO", "statement not described", statement_id=statement_id, reason=str(error))
            return Statement(statement_id, state)
        return (
            statement if statement.status in ENDED else replace(statement, status=state)
        )  # the event overtook the status

    def _announce(self, key: str, announcement: Announcement) -> Result:
        """Claims, publishes and marks as announced: killed between the last two, it may announce twice."""
        if not self._announcements.claim(key, self._owner):
            return Result(False, announcement.statement_id, "announced before")
        message_id = self.publish(from_announcement(announcement))
        self._announcements.mark_announced(key)
        log(
            "INFO",
            "announced",
            state=announcement.state,
            statement_name=announcement.statement_name,
            message_id=message_id,
        )
        return Result(True, announcement.statement_id, announcement.headline)


def _announcement_of(
    name_prefix: str, name: str, statement: Statement, errors: tuple[LoadError, ...] = ()
) -> Announcement:
    parsed = StatementName.parse(name)
    ours = parsed is not None and parsed.prefix == name_prefix and parsed.kind is Kind.LOAD
    return Announcement(
        name_prefix=name_prefix,
        title=parsed.schedule if parsed and ours else name or statement.id,
        state=statement.status,
        statement_name=name,
        ours=ours,
        statement_id=statement.id,
        sql=statement.sql,
        error=statement.error,
        started_at=statement.created_at,
        ended_at=statement.updated_at,
        duration_seconds=statement.duration_seconds,
        rows=statement.rows,
        load_errors=errors,
    )
