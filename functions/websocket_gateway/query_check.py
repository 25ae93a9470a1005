"""Checks the catalog during terraform apply: a query that cannot run fails the apply, not the first person who asks.

EXPLAIN plans a query without running it, as the gateway's own user, so unknown columns and missing grants show:
https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html
Values stand in the text, because no page says that EXPLAIN takes parameters of the Data API.
"""

import re
import time
from collections.abc import Sequence

from botocore.exceptions import ClientError as AwsError

from relay.actions import Context
from relay.data_api import DataApi
from relay.errors import CallFailed, RelayError
from relay.events import ENDED
from relay.iam_propagation import retry_until_authorized
from relay.names import Kind, StatementName, client_token
from websocket_gateway.catalog.catalog import Catalog
from websocket_gateway.catalog.parameter import Parameter
from websocket_gateway.catalog.query import Query

AT_ONCE = 10
"""Statements in flight: the account's rates and active statements are everybody's."""
_MARGIN_MS = 10_000
_TOKENS = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|::|:([A-Za-z0-9_]+)", re.DOTALL)
"""A parameter, or what may contain a colon that begins none."""
_SAMPLES = {"month": "2015-01", "date": "2015-01-31", "integer": "1", "number": "1"}


class QueriesFailed(RelayError):
    """Queries of the catalog cannot run; the message has a line for each."""


def check_queries(
    api: DataApi, prefix: str, catalog: Catalog, context: Context, grants: Sequence[str] = ()
) -> list[str]:
    """Explains every query of the catalog and returns their names; raises QueriesFailed.

    `grants` is the SQL that grants what the queries read, for the message of a missing permission.
    """
    queries = retry_until_authorized(lambda: _queries(catalog), context)
    mistakes: list[str] = []
    for first in range(0, len(queries), AT_ONCE):
        started = [(query, _start(api, prefix, query, context)) for query in queries[first : first + AT_ONCE]]
        for query, statement in started:
            if mistake := _mistake(api, statement, context):
                mistakes.append(f"queries.{query.name}: {mistake}")
    if mistakes:
        advice = "Correct the SQL, or grant the gateway's database user what is missing, and apply again."
        denied = any("permission denied" in mistake for mistake in mistakes)
        granted = (
            ["Permissions that the queries need:", *(f"  {grant}" for grant in grants)] if grants and denied else []
        )
        raise QueriesFailed("\n".join([*mistakes, advice, *granted]))
    return [query.name for query in queries]


def _queries(catalog: Catalog) -> list[Query]:
    try:
        return list(catalog.all())
    except AwsError as error:
        code, reason = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        raise CallFailed("Query", code, reason) from error


def _start(api: DataApi, prefix: str, query: Query, context: Context) -> str:
    name = StatementName(prefix, Kind.OBJECTS, f"{context.aws_request_id}/{query.name}")
    token = client_token(str(name), str(time.time_ns()))
    return retry_until_authorized(lambda: api.execute(explain(query), name, token), context)


def _mistake(api: DataApi, statement_id: str, context: Context) -> str | None:
    while (statement := api.describe(statement_id)).status not in ENDED:
        if context.get_remaining_time_in_millis() < _MARGIN_MS:
            return f"statement {statement_id} has not ended: {statement.status}"
        time.sleep(0.2)
    return None if statement.status == "FINISHED" else statement.error or statement.status


def explain(query: Query) -> str:
    """The EXPLAIN of a query, with a value for each parameter."""

    def sample(found: re.Match[str]) -> str:
        return found[0] if found[1] is None else _sample(found[1], query.parameters[found[1]])

    return f"EXPLAIN {_TOKENS.sub(sample, query.sql)}"


def _sample(name: str, parameter: Parameter) -> str:
    """A literal that the parameter accepts. NULL for text, which the SQL may turn into any type."""
    value = parameter.default or parameter.minimum or parameter.maximum or _SAMPLES.get(parameter.type)
    if parameter.type == "choice":
        value = parameter.default or parameter.choices[0]
    if value is None or parameter.type == "claim":
        return "NULL"
    return "'" + parameter.bind(name, value).replace("'", "''") + "'"
