"""The first login of the gateway's role, during terraform apply: with it Redshift makes the role's database user.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentialsWithIAM.html: the user is mapped 1:1
to the IAM identity. Nothing can be granted to a user that is not there, and CREATE USER takes a superuser.
"""

import time

from relay.actions import Context
from relay.data_api import DataApi
from relay.errors import RelayError
from relay.events import ENDED
from relay.names import Kind, StatementName, client_token
from relay.retries import patiently

_MARGIN_MS = 10_000


class LoginFailed(RelayError):
    """The warehouse did not let the gateway in, or not in time."""


def log_in(api: DataApi, prefix: str, context: Context) -> str:
    """Runs a statement to its end and returns the database user it ran as; raises RelayError."""
    name = StatementName(prefix, Kind.OBJECTS, context.aws_request_id)
    token = client_token(str(name), str(time.time_ns()))
    statement_id = patiently(lambda: api.execute("SELECT CURRENT_USER AS name", name, token))
    while (statement := api.describe(statement_id)).status not in ENDED:
        if context.get_remaining_time_in_millis() < _MARGIN_MS:
            raise LoginFailed(f"statement {statement_id} has not ended: {statement.status}")
        time.sleep(0.2)
    if statement.status != "FINISHED":
        raise LoginFailed(statement.error or statement.status)
    return str(next(api.rows(statement_id))["name"])
