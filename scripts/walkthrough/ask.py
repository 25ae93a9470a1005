"""`scripts/ask QUERY name=value ...`: asks a deployed gateway and prints the rows as a table."""

import argparse
import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from walkthrough.asking import Answer, AskingFailed, connected, get_ticket


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the answer was printed; 1 with a sentence on standard error when there is none."""
    options = _parser().parse_intermixed_args(arguments)
    url = options.url or os.environ.get("WEBSOCKET_URL")
    # What stands in the environment is for the gateway that stands there.
    ticket_url = options.ticket_url or (None if options.url else os.environ.get("TICKET_URL"))
    if not url:
        print("WEBSOCKET_URL is not set: run `. .demo/env`, or give --url", file=sys.stderr)
        return 1
    if ticket_url and not options.token:
        print("ACCESS_TOKEN is not set: the gateway gives tickets only for a token", file=sys.stderr)
        return 1
    try:
        params = dict(_pair(text) for text in options.params)
        ticket = get_ticket(ticket_url, options.token) if ticket_url else None
        with connected(url, ticket) as gateway:
            for answer in gateway.ask(options.query, params, live=options.live, timeout=options.timeout, stay=True):
                _print(answer)
    except (AskingFailed, TimeoutError) as error:
        print(str(error) or f"no answer within {options.timeout:.0f} s", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise AskingFailed(f"{text!r} is not name=value")
    return name, value


def _print(answer: Answer) -> None:
    table = Table()
    for column in answer.columns:
        table.add_column(column["name"])
    for row in answer.rows:
        table.add_row(*("null" if value is None else str(value) for value in row))
    console = Console(highlight=False)
    console.print(table)
    done = answer.complete
    kind = "cached" if done["cached"] else f"fresh, {done['elapsed_seconds']} s in the warehouse"
    cut = ", cut off there" if done["truncated"] else ""
    console.print(f"{done['rows']:,} rows{cut}; {kind}; data version {done['version']}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/ask",
        description="Asks a gateway of Redshift Relay; where that wants a ticket, with the token in ACCESS_TOKEN.",
    )
    parser.add_argument("query", help="a name of the catalog, e.g. daily_trips")
    parser.add_argument("params", nargs="*", metavar="name=value", help="e.g. month=2015-01")
    parser.add_argument("--live", action="store_true", help="stay, and print the new answer when the data changes")
    parser.add_argument("--url", help="wss://... (default: WEBSOCKET_URL, with TICKET_URL)")
    parser.add_argument("--ticket-url", help="where the gateway of --url gives tickets, if it wants them")
    parser.add_argument(
        "--timeout", type=float, default=300.0, metavar="SECONDS", help="how long to wait for the first answer"
    )
    parser.set_defaults(token=os.environ.get("ACCESS_TOKEN"))  # a token on the command line would be seen by others
    return parser


if __name__ == "__main__":
    sys.exit(main())
