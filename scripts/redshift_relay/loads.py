"""`redshift-relay loads ...`: shows the loads of a deployment, and runs, cancels, pauses or redrives them."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from redshift_relay.load_tables import show, show_load

SUMMARY = "Shows the loads; runs, cancels, pauses and redrives them."
PREFIX_VARIABLE = "RELAY_NAME_PREFIX"


@dataclass(frozen=True)
class _Action:
    """A subcommand: its help, its arguments, and the action and fields that it invokes the scheduler with."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], object]
    request: Callable[[argparse.Namespace], tuple[str, dict[str, object]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when the scheduler has done what was asked for, else 1 after a message on standard error."""
    # Here, because the other commands do not need boto3, which takes a while to import.
    from redshift_relay.scheduler_client import SchedulerClient, SchedulerError

    options = _parser().parse_args(arguments)
    if not options.name_prefix:
        return _fail(f"No deployment is given. Set {PREFIX_VARIABLE} to its name_prefix, or use --name-prefix.")
    action = _ACTIONS[options.subcommand or "list"]
    name, fields = action.request(options)
    try:
        answer = SchedulerClient(options.name_prefix, options.region, options.profile).act(name, fields)
    except SchedulerError as error:
        return _fail(str(error))
    if options.json:
        print(json.dumps(answer, indent=2))
        return 0
    console = Console(highlight=False)
    if name != "list":
        console.print(_said(name, answer), markup=False)
    elif getattr(options, "load", None):
        show_load(console, answer["loads"][0])
    else:
        show(console, answer)
    return 1 if answer.get("state") == "NOT_STARTED" else 0


def _said(action: str, answer: Mapping[str, Any]) -> str:
    """One line about what became of a request."""
    if action == "redrive":
        return f"{answer['redriven']:,} files that were set aside are loaded again."
    if "paused" in answer:
        what = f"load {answer['load']}" if "load" in answer else f"lane {answer['lane']}"
        return f"{what} is {'paused' if answer['paused'] else 'resumed'}"
    if "listed" in answer:
        return f"{answer['listed']:,} files found, {answer['new']:,} of them new."
    if "occurrence" not in answer:
        return "Nothing was asked for: another request answers this one."
    error = f": {answer['error']}" if answer.get("error") else ""
    return f"{answer['load']}/{answer['occurrence']}: {answer['state']}{error}"


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a parameter. Write name=value.")
    return name, value


def _load(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    parser.add_argument("load", nargs="?" if optional else None, help="name of a load, for example orders")


def _load_and_parameters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("params", nargs="*", type=_parameter, metavar="name=value", help="values for the SQL")


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    _load(parser)
    _load_and_parameters(parser)
    parser.add_argument("--scheduled-time", metavar="TIME", help="value of :scheduled_time, e.g. 2026-01-31T03:00:00Z")
    parser.add_argument("--occurrence", help="name of the run; the same name runs only once")
    parser.add_argument(
        "--files", metavar="S3_URI", help="load what was in the bucket before, e.g. s3://landing/orders/"
    )


def _backfill_arguments(parser: argparse.ArgumentParser) -> None:
    _load(parser)
    parser.add_argument("first", metavar="from", help="first day, e.g. 2026-01-01")
    parser.add_argument("last", metavar="to", help="last day")
    _load_and_parameters(parser)


def _cancel_arguments(parser: argparse.ArgumentParser) -> None:
    _load(parser)
    parser.add_argument("occurrence", nargs="?", help="what waits or runs; by default what runs of the load")


def _load_or_lane(parser: argparse.ArgumentParser) -> None:
    _load(parser, optional=True)
    parser.add_argument("--lane", help="a whole lane instead of a load")


def _run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    fields = {"load": options.load, "parameters": dict(options.params) or None, "files": options.files}
    return "run", fields | {"scheduled_time": options.scheduled_time, "occurrence": options.occurrence}


def _backfill(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    fields = {"load": options.load, "from": options.first, "to": options.last}
    return "backfill", fields | {"parameters": dict(options.params) or None}


def _pause(action: str) -> Callable[[argparse.Namespace], tuple[str, dict[str, object]]]:
    return lambda options: (action, {"load": options.load, "lane": options.lane})


_ACTIONS = {
    "list": _Action(
        "what runs, waits and ran; with a load its last runs (the default)",
        lambda parser: _load(parser, optional=True),
        lambda options: ("list", {"load": getattr(options, "load", None)}),
    ),
    "run": _Action("run a load", _run_arguments, _run),
    "backfill": _Action("run a load for each day of a period", _backfill_arguments, _backfill),
    "cancel": _Action(
        "cancel what waits or runs",
        _cancel_arguments,
        lambda options: ("cancel", {"load": options.load, "occurrence": options.occurrence}),
    ),
    "pause": _Action("let no run of a load or a lane start", _load_or_lane, _pause("pause")),
    "resume": _Action("end a pause", _load_or_lane, _pause("resume")),
    "redrive": _Action(
        "load the files that were set aside", _load, lambda options: ("redrive", {"load": options.load})
    ),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="redshift-relay loads",
        description=f"{SUMMARY} Credentials are those of the AWS CLI; they need lambda:InvokeFunction.",
    )
    _add_common(parser, os.environ.get(PREFIX_VARIABLE))
    subparsers = parser.add_subparsers(dest="subcommand", metavar="SUBCOMMAND")
    for name, action in _ACTIONS.items():
        subparser = subparsers.add_parser(name, help=action.help, description=action.help)
        action.add_arguments(subparser)
        _add_common(subparser, argparse.SUPPRESS)
    return parser


def _add_common(parser: argparse.ArgumentParser, prefix: str | None) -> None:
    """Options of every subcommand, accepted before and after its name; `prefix` SUPPRESS keeps those from before."""
    default = argparse.SUPPRESS if prefix == argparse.SUPPRESS else None
    parser.add_argument("--name-prefix", default=prefix, help=f"name_prefix of the deployment (${PREFIX_VARIABLE})")
    parser.add_argument("--region", default=default, help="AWS region (default: as the AWS CLI)")
    parser.add_argument("--profile", default=default, help="profile of the AWS CLI")
    parser.add_argument(
        "--json", action="store_true", default=default or False, help="print the scheduler's answer as JSON"
    )
