"""Announces how statements ended: each once, however often its event comes, and also if it never does."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from notifier.announcement_table import Announcements
from notifier.load_errors import ask, is_copy_failure
from notifier.message import NOT_STARTED, LoadError, Message, News, from_news
from relay.actions import Event, text
from relay.data_api import DataApi, Listed, Statement
from relay.errors import CallFailed, InputError
from relay.events import ENDED, LOAD_ENDED, Completion
from relay.log import log
from relay.names import Kind, StatementName

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

GRACE = timedelta(minutes=2)
"""How long the sweep leaves a statement to its event."""
DAY = timedelta(days=1)
"""How long Redshift keeps what it knows of a statement; older ones may have been told and forgotten."""
PATIENCE = timedelta(minutes=10)
"""After this the sweep no longer waits to hear why a COPY failed."""
NOT_TO_BE_SEEN = ("ResourceNotFoundException", "AccessDeniedException", "ValidationException")
"""Asking again does not help: another role's statement, one that is gone, or a permission that is missing."""


@dataclass(frozen=True)
class Result:
    """What became of an event; `announced` is false when it was told before, or is not to be told yet."""

    announced: bool
    statement_id: str = ""
    detail: str = ""


class Announcer:
    """Publishes news to one topic; `owner` is the id of the invocation.

    `put_event(detail_type, detail)` tells others than people of a load whose event never came; None tells nobody.
    """

    def __init__(
        self,
        sns: "SNSClient",
        topic_arn: str,
        announcements: Announcements,
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
        """Hands a message to SNS and returns its id."""
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

    def completed(self, event: Completion) -> Result:
        """Tells how a statement ended; the answer about a failed COPY carries on with the load that failed."""
        name = StatementName.parse(event.statement_name)
        if name and name.prefix == self._name_prefix and name.kind is Kind.LOAD_ERRORS:
            failed_id, _, failed_name = name.key.partition("/")
            return self._ended(failed_id, failed_name, "FAILED", wait=False)
        return self._ended(event.statement_id, event.statement_name, event.state, wait=True)

    def not_started(self, event: Event) -> Result:
        """Tells of a load that could not be started; its retries are told no second time."""
        detail = event.get("detail")
        if not isinstance(detail, dict):
            raise InputError("detail", "a JSON object is required")
        news = News(
            name_prefix=self._name_prefix,
            title=text(detail, "schedule"),
            state=NOT_STARTED,
            statement_name=text(detail, "statement_name"),
            sql=str(detail.get("sql") or ""),
            error=str(detail.get("reason") or ""),
        )
        return self._tell(f"not-started/{news.statement_name}", news)

    def sweep(self) -> list[Result]:
        """Announces loads of the last day whose event never came; what went wrong is raised when all were tried."""
        now = datetime.now(UTC)
        results: list[Result] = []
        trouble: list[Exception] = []
        chunk: list[Listed] = []
        for listed in self._api.listed(f"{self._name_prefix}/{Kind.LOAD}/", ENDED):
            if listed.updated_at and GRACE < now - listed.updated_at < DAY:
                chunk.append(listed)
            if len(chunk) == 100:
                results += self._sweep(chunk, now, trouble)
                chunk = []
        results += self._sweep(chunk, now, trouble)
        if trouble:
            raise trouble[0]
        return results

    def _sweep(self, chunk: list[Listed], now: datetime, trouble: list[Exception]) -> list[Result]:
        untold = self._announcements.untold([listed.id for listed in chunk])
        results: list[Result] = []
        for listed in chunk:
            if listed.id not in untold:
                continue
            recent = listed.updated_at is not None and now - listed.updated_at < PATIENCE
            # Others than people first: what it costs to repeat is less than what people mind.
            heard = self._make_heard(listed, trouble)
            if not heard and recent:
                continue  # both by the next sweep; later, people are told all the same
            try:
                results.append(self._ended(listed.id, listed.name, listed.status, wait=recent))
            except (CallFailed, ClientError, BotoCoreError) as error:
                log("ERROR", "not announced", statement_id=listed.id, reason=str(error))
                trouble.append(error)
        return results

    def _make_heard(self, listed: Listed, trouble: list[Exception]) -> bool:
        """Puts the event that makes good for one that never came; False when the bus did not take it."""
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
            log("ERROR", "others were not told", statement_id=listed.id, reason=str(error))
            trouble.append(error)
            return False
        return True

    def _ended(self, statement_id: str, name: str, state: str, *, wait: bool) -> Result:
        """Tells how a statement ended; a failed COPY first asks why, and waits for the answer if it may."""
        statement = self._described(statement_id, state)
        if not is_copy_failure(statement):
            return self._tell(statement_id, _news_of(self._name_prefix, name, statement))
        if not self._announcements.untold([statement_id]):
            return Result(False, statement_id, "announced before")
        errors = ask(self._api, self._name_prefix, name, statement)
        if errors is None and wait:
            return Result(False, statement_id, "asking Redshift why the load failed")
        return self._tell(statement_id, _news_of(self._name_prefix, name, statement, errors or ()))

    def _described(self, statement_id: str, state: str) -> Statement:
        """What Redshift says of a statement, or no more than its state where the role may not look at it."""
        try:
            statement = self._api.describe(statement_id)
        except CallFailed as error:
            if error.code not in NOT_TO_BE_SEEN:
                raise  # throttled or out of reach: Lambda tries again, then the sweep does
            log("INFO", "statement not described", statement_id=statement_id, reason=str(error))
            return Statement(statement_id, state)
        return statement if statement.status in ENDED else replace(statement, status=state)  # the event was faster

    def _tell(self, key: str, news: News) -> Result:
        """Claims, publishes, remembers: killed between the last two, it may repeat itself once."""
        if not self._announcements.claim(key, self._owner):
            return Result(False, news.statement_id, "announced before")
        message_id = self.publish(from_news(news))
        self._announcements.remember(key)
        log("INFO", "announced", state=news.state, statement_name=news.statement_name, message_id=message_id)
        return Result(True, news.statement_id, news.headline)


def _news_of(name_prefix: str, name: str, statement: Statement, errors: tuple[LoadError, ...] = ()) -> News:
    parsed = StatementName.parse(name)
    ours = parsed is not None and parsed.prefix == name_prefix and parsed.kind is Kind.LOAD
    return News(
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
