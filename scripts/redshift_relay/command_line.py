"""`redshift-relay COMMAND ...`: finds the command and hands it the rest of the command line."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redshift_relay import ask, loads, redrive, trace
from redshift_relay.check_sql import command as check_sql


@dataclass(frozen=True)
class Command:
    """A command: one line for the help, and what runs it. `run` takes the command's arguments, returns the status."""

    summary: str
    run: Callable[[Sequence[str]], int]


COMMANDS = {
    "ask": Command(ask.SUMMARY, ask.main),
    "check-sql": Command(check_sql.SUMMARY, check_sql.main),
    "loads": Command(loads.SUMMARY, loads.main),
    "redrive": Command(redrive.SUMMARY, redrive.main),
    "trace": Command(trace.SUMMARY, trace.main),
}
"""Each command parses its own arguments. A new one is a module with SUMMARY and main, and one entry here."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status; 130 after Ctrl-C, as shells have it."""
    given = sys.argv[1:] if arguments is None else arguments
    command = COMMANDS[_parser().parse_args(given[:1]).command]
    try:
        return command.run(given[1:])
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<10}{command.summary}" for name, command in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="redshift-relay",
        description="The client of a Redshift Relay deployment.",
        epilog=f"commands:\n{listed}\n\n`redshift-relay COMMAND --help` describes a command.",
        usage="redshift-relay [-h] COMMAND ...",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", metavar="COMMAND", choices=COMMANDS, help="one of the commands below")
    return parser
