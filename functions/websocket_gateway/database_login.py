"""The first login of the gateway's role, during terraform apply: Redshift then creates the role's database user.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentialsWithIAM.html: the user is mapped 1:1
to the IAM identity. Nothing can be granted to a user that does not exist, and CREATE USER requires a superuser.
"""

import time

from relay.actions import Context
from relay.data_api import DataApi
from relay.errors import RelayError
from relay.events import ENDED
from relay.iam_propagation import retry_until_authorized
from relay.names import Kind, StatementName, client_token

_MARGIN_MS = 10_000


class LoginFailed(RelayError):
    """The warehouse rejected the gateway's login, or did not answer in time."""


def log_in(api: DataApi, prefix: str, context: Context) -> str:
    """Runs a statement to its end and returns the database user that it ran as; raises RelayError."""
    name = StatementName(prefix, Kind.OBJECTS, context.aws_request_id)
    token = client_token(str(name), str(time.time_ns()))
    sql = "SELECT CURRENT_USER AS name"
    statement_id = retry_until_authorized(lambda: api.execute(sql, name, token), context)
    while (statement := retry_until_authorized(lambda: api.describe(statement_id), context)).status not in ENDED:
        if context.get_remaining_time_in_millis() < _MARGIN_MS:
            raise LoginFailed(f"statement {statement_id} has not ended: {statement.status}")
        time.sleep(0.2)
    if statement.status != "FINISHED":
        raise LoginFailed(statement.error or statement.status)
    return str(retry_until_authorized(lambda: next(api.rows(statement_id)), context)["name"])
