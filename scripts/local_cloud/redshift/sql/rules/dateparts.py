"""The names of date parts.

Source: "Date parts for date or timestamp functions", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from local_cloud.redshift.errors import SqlError

_SPELLINGS = {
    "millennium": "millennium millennia mil mils",
    "century": "century centuries c cent cents",
    "decade": "decade decades dec decs",
    "epoch": "epoch",
    "year": "year years y yr yrs",
    "quarter": "quarter quarters qtr qtrs",
    "month": "month months mon mons",
    "week": "week weeks w",
    "dow": "dayofweek dow dw weekday",
    "doy": "dayofyear doy dy yearday",
    "day": "day days d",
    "hour": "hour hours h hr hrs",
    "minute": "minute minutes m min mins",
    "second": "second seconds s sec secs",
    "millisecond": "millisecond milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon",
    "microsecond": "microsecond microseconds microsec microsecs us usec usecs usecond useconds",
    "timezone": "timezone",
    "timezone_hour": "timezone_hour",
    "timezone_minute": "timezone_minute",
}
_PARTS = {spelling: part for part, spellings in _SPELLINGS.items() for spelling in spellings.split()}


def date_part(spelling: str) -> str:
    """The canonical name of a part: 'mon', 'MONTHS' and 'month' are 'month'."""
    try:
        return _PARTS[spelling.strip().lower()]
    except KeyError:
        raise SqlError(f'invalid datepart "{spelling}"') from None
