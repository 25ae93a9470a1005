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
            # "Retry the canceled transaction":
            # https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html
            r"Serializable isolation violation",
            r"\b1018\b.*Relation does not exist",
            r"conflict with concurrent transaction",
            r"could not serialize access",
            r"deadlock detected",
            # A lost connection, e.g. while the cluster restarts, is resized or patched:
            # https://docs.aws.amazon.com/redshift/latest/mgmt/connecting-troubleshooting.html
            r"(?i:connection (?:to the server )?(?:was |has been )?(?:lost|refused|reset|closed|terminated|timed out))",
            r"(?i:connection attempt (?:has )?failed)",
            r"(?i:server closed the connection unexpectedly)",
            r"(?i:terminating connection due to administrator command)",
            r"(?i:cluster is (?:unavailable|being restarted|in maintenance))",
            # S3 asks to reduce the request rate: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
            r"\bSlowDown\b",
            r"(?i:please reduce your request rate)",
            r"S3ServiceException:.*\b(?:InternalError|ServiceUnavailable|RequestTimeout)\b",
        )
    ),
    re.DOTALL,
)
"""Texts of DescribeStatement's `Error`."""


def may_pass(error: str) -> bool:
    """Whether a statement that failed with this text may succeed when it is run again."""
    return PASSING_TEXTS.search(error) is not None
