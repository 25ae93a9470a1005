"""`redshift-relay ask QUERY name=value ...`: asks the gateway a named query and prints the rows as a table."""

import argparse
import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from redshift_relay.gateway_client import Answer, GatewayClient, GatewayError, get_ticket

SUMMARY = "Asks the gateway a named query and prints the rows."
FIRST_ANSWER_SECONDS = 300.0
"""The default of --timeout: a cold cluster or a queue before the query may take minutes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when the answer was printed, else 1 after a message on standard error."""
    options = _parser().parse_intermixed_args(arguments)
    url = options.url or os.environ.get("WEBSOCKET_URL")
    # TICKET_URL belongs to the gateway of WEBSOCKET_URL: a token must not go to it for another gateway.
    ticket_url = options.ticket_url or (None if options.url else os.environ.get("TICKET_URL"))
    token = os.environ.get("ACCESS_TOKEN")  # not an option: other users of a machine see the command line
    if not url:
        return _fail("No gateway is given. Set WEBSOCKET_URL to the output websocket_url, or use --url.")
    if ticket_url and not token:
        return _fail("ACCESS_TOKEN is not set. Set it to an access token, which the gateway exchanges for a ticket.")
    try:
        ticket = get_ticket(ticket_url, token) if ticket_url and token else None
        with GatewayClient.connect(url, ticket) as gateway:
            answers = gateway.ask(
                options.query, dict(options.params), live=options.live, timeout=options.timeout, stay=True
            )
            for answer in answers:
                _print(answer)
    except GatewayError as error:
        return _fail(str(error))
    except TimeoutError:
        return _fail(f"No answer arrived within {options.timeout:g} s. Use --timeout to wait longer.")
    return 0


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} has no value. Write {text}=VALUE.")
    return name, value


def _print(answer: Answer) -> None:
    table = Table()
    for column in answer.columns:
        table.add_column(column["name"])
    for row in answer.rows:
        table.add_row(*("null" if value is None else str(value) for value in row))
    console = Console(highlight=False)
    console.print(table)
    complete = answer.complete
    source = "cached" if complete["cached"] else f"{complete['elapsed_seconds']} s in the warehouse"
    truncated = " (truncated)" if complete["truncated"] else ""
    console.print(f"{complete['rows']:,} rows{truncated}; {source}; data version {complete['version']}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="redshift-relay ask",
        description=f"{SUMMARY} If the gateway requires tickets, the token is taken from ACCESS_TOKEN.",
    )
    parser.add_argument("query", help="name of a query in the catalog, for example daily_trips")
    parser.add_argument(
        "params", nargs="*", type=_parameter, metavar="name=value", help="parameter, for example month=2015-01"
    )
    parser.add_argument("--live", action="store_true", help="keep listening, and print each new answer")
    parser.add_argument("--url", help="wss://... (default: $WEBSOCKET_URL, with $TICKET_URL)")
    parser.add_argument("--ticket-url", help="URL that issues tickets for the gateway of --url")
    parser.add_argument(
        "--timeout",
        type=float,
        default=FIRST_ANSWER_SECONDS,
        metavar="SECONDS",
        help="longest wait for the next message until the first answer is complete (default: %(default)g)",
    )
    return parser
