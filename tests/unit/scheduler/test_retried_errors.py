"""Only errors that may pass are tried again."""

import pytest

from scheduler.retried_errors import may_pass


@pytest.mark.parametrize(
    "error",
    [
        "ERROR: 1023 DETAIL: Serializable isolation violation on table - 108263, transactions forming the cycle are: 1",
        "ERROR:1018 DETAIL: Relation does not exist",
        "ERROR: could not complete because of conflict with concurrent transaction",
        "ERROR: could not open relation with OID 6134794",
        "ERROR: deadlock detected",
        "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally",
        "consuming input failed: SSL SYSCALL error: EOF detected",
        "[Amazon][JDBC](10060) Connection has been closed.",
        "ERROR: S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid X,ExtRid Y",
    ],
)
def test_these_pass(error: str) -> None:
    assert may_pass(error)


@pytest.mark.parametrize(
    "error",
    [
        "",
        'ERROR: relation "t" does not exist',
        "ERROR: permission denied for relation t",
        "ERROR: Load into table 't' failed. Check 'sys_load_error_detail' system table for details.",
        "ERROR: S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey",
        "ERROR: S3ServiceException:Access Denied,Status 403,Error AccessDenied",
        "ERROR: 10230 rows were refused",
    ],
)
def test_these_stay(error: str) -> None:
    assert not may_pass(error)
