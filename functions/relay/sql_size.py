"""How much SQL the Data API takes. It needs no AWS, so that files can be checked where there is no boto3."""

from relay.actions import check_size

MAX_SQL_BYTES = 100_000
"""Bytes of a statement's text: 100 KB (https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html, quotas)."""


def check_sql(sql: str, field: str = "sql") -> None:
    """Raises InputError for more than 100 KB of SQL, which the service rejects, and for half of a surrogate pair."""
    check_size(sql, field, MAX_SQL_BYTES)
