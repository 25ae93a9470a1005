"""Schedule expressions: `at(...)`, `rate(...)` and `cron(...)`, read as strictly as AWS does.

At the change to summer time, a cron time that does not exist is skipped; at the change back, a time that comes twice
fires once, at the first (Scheduler user guide, "Schedule types").
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from local_cloud.services.scheduler.cron import Cron, InvalidExpression

_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class At:
    """Once."""

    epoch: float


@dataclass(frozen=True)
class Rate:
    """Every so many seconds; a day has 86,400 of them even when the clocks change."""

    seconds: int


@dataclass(frozen=True)
class ZonedCron:
    """A cron expression in a time zone."""

    cron: Cron
    zone: ZoneInfo

    def next(self, since: float) -> float | None:
        """The first occurrence after a moment, both in epoch seconds; None if there is none."""
        local = datetime.fromtimestamp(since, self.zone).replace(tzinfo=None)
        for found in self.cron.after(local):
            moment = found.replace(tzinfo=self.zone).timestamp()
            exists = datetime.fromtimestamp(moment, self.zone).replace(tzinfo=None) == found
            if exists and moment > since:
                return moment
        return None


def parse_expression(text: str, zone: str) -> At | Rate | ZonedCron:
    """The schedule that an expression means in a time zone. Raises InvalidExpression."""
    kind = re.fullmatch(r"(at|rate|cron)\((.*)\)", text)
    if kind is None:
        raise InvalidExpression(text)
    if kind[1] == "cron":
        return ZonedCron(Cron.parse(kind[2]), ZoneInfo(zone))
    return _at(kind[2], zone) if kind[1] == "at" else _rate(kind[2])


def _at(text: str, zone: str) -> At:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text):
        raise InvalidExpression(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidExpression(text) from error
    return At(moment.replace(tzinfo=ZoneInfo(zone)).timestamp())


def _rate(text: str) -> Rate:
    match = re.fullmatch(r"([1-9]\d*) (minute|hour|day)s?", text)
    if match is None:
        raise InvalidExpression(text)
    return Rate(int(match[1]) * _SECONDS[match[2]])


@functools.cache
def time_zones() -> frozenset[str]:
    """The names of the IANA Time Zone Database."""
    return frozenset(available_timezones())


def epoch_of(value: object) -> float | None:
    """StartDate and EndDate arrive as epoch seconds or ISO text."""
    if value is None or isinstance(value, int | float):
        return value
    moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
