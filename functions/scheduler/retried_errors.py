"""The errors that may pass: only after these is a load tried again. One list, each with its source."""

import re

PASSING_CODES = frozenset(
    {
        # redshift-data service model: "The number of active statements exceeds the limit."
        "ActiveStatementsExceededException",
        # redshift-data service model: "Connection to a database failed."
        "DatabaseConnectionException",
        "InternalServerException",
        "InternalServerError",
        "ServiceUnavailableException",
        "ServiceUnavailable",
        # Throttling, which the service model does not list:
        # https://docs.aws.amazon.com/redshift-data/latest/APIReference/CommonErrors.html
        "ThrottlingException",
        "RequestTimeout",
        # botocore.exceptions: the request may or may not have arrived.
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "ConnectionError",
        "EndpointConnectionError",
        "HTTPClientError",
        "ReadTimeoutError",
        "ResponseStreamingError",
    }
)
"""Error codes of a call that was to start a statement."""

PASSING_TEXTS = re.compile(
    "|".join(
        (
            # "Retry the canceled transaction" (errors 1023 and 1018):
            # https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html
            r"Serializable isolation violation",
            r"\b1018\b.*Relation does not exist",
            # dbt's adapter for Redshift tries these again: https://github.com/dbt-labs/dbt-adapters/pull/1873
            r"conflict with concurrent transaction",
            r"could not open relation with OID",
            r"deadlock detected",
            # A connection that the cluster has lost, e.g. in a maintenance window, and what drivers say to it:
            # https://github.com/dbt-labs/dbt-core/issues/2543 https://github.com/PostHog/posthog/pull/98089
            # https://github.com/aws/amazon-redshift-python-driver/issues/164
            r"server closed the connection unexpectedly",
            r"SSL SYSCALL error",
            r"(?i:server socket closed)",
            r"(?i:connection has been closed)",
            # S3 asks to reduce the request rate: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
            r"\bSlowDown\b",
            r"(?i:please reduce your request rate)",
        )
    ),
    re.DOTALL,
)
"""Texts of DescribeStatement's `Error`."""


def may_pass(error: str) -> bool:
    """Whether a statement that failed with this text may succeed when it is run again."""
    return PASSING_TEXTS.search(error) is not None
