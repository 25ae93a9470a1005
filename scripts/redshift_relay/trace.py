"""`redshift-relay trace ID`: the way of one load or question through the log groups of all functions.

A line belongs to the way if it has the id, or a statement id, statement name, run or request that a line with the id
has. Lines are JSON (functions/relay/log.py); a name is `<name_prefix>/<kind>/<key>`.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from redshift_relay.aws import NoAws, client, error_text
from redshift_relay.loads import PREFIX_VARIABLE

SUMMARY = "Shows the way of one load or question through the logs."
LINKS = ("statement_id", "statement_name", "run", "request_id")
"""Fields whose values lead from one line to the next. A load's name would lead to all of its occurrences."""
MOST_IDS = 20
"""Bounds the search: more would be the way of everything."""


@dataclass(frozen=True, order=True)
class Line:
    """A log line; `time` is ISO 8601 in UTC."""

    time: str
    function: str
    text: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 if a line was found, else 1."""
    options = _parser().parse_args(arguments)
    if not options.name_prefix:
        return _fail(f"No deployment is given. Set {PREFIX_VARIABLE} to its name_prefix, or use --name-prefix.")
    try:
        logs = client("logs", options.region)
        lines = trace(logs, options.name_prefix, options.id, int((time.time() - options.hours * 3600) * 1000))
    except NoAws as error:
        return _fail(str(error))
    except Exception as error:
        return _fail(f"CloudWatch Logs: {error_text(error)}. Check credentials and region.")
    if not lines:
        return _fail(f"{options.id}: no log line has it. Check --name-prefix, or use --hours to look further back.")
    for line in lines:
        print(f"{line.time}  {line.function:<{max(len(one.function) for one in lines)}}  {line.text}")
    return 0


def trace(logs: Any, prefix: str, wanted: str, start: int) -> list[Line]:
    """The lines since `start` (epoch milliseconds), oldest first."""
    groups = [
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/aws/lambda/{prefix}-")
        for group in page["logGroups"]
    ]
    found: set[Line] = set()
    todo, seen = [wanted], {wanted}
    while todo:
        one = todo.pop(0)
        for group in groups:
            for message in _messages(logs, group, one, start):
                line, fields = _read(group, message)
                found.add(line)
                for value in _links(fields):
                    if value not in seen and len(seen) < MOST_IDS:
                        seen.add(value)
                        todo.append(value)
    return sorted(found)


def _messages(logs: Any, group: str, wanted: str, start: int) -> Iterator[dict[str, Any]]:
    quoted = '"' + wanted.replace("\\", "\\\\").replace('"', '\\"') + '"'
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=start, filterPattern=quoted)
    for page in pages:
        yield from page["events"]


def _read(group: str, event: dict[str, Any]) -> tuple[Line, dict[str, Any]]:
    function = group.removeprefix("/aws/lambda/")
    text = event["message"].strip()
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(event["timestamp"] / 1000)) + f".{event['timestamp'] % 1000:03}"
    try:
        fields = json.loads(text)
    except ValueError:
        return Line(at, function, text), {}
    if not isinstance(fields, dict):
        return Line(at, function, text), {}
    shown = {key: value for key, value in fields.items() if key not in ("time", "level", "message", "version")}
    told = " ".join(f"{key}={value}" for key, value in shown.items())
    return Line(at, function, f"{fields.get('level', '')} {fields.get('message', '')} {told}".strip()), fields


def _links(fields: dict[str, Any]) -> Iterator[str]:
    for name in LINKS:
        value = fields.get(name)
        if isinstance(value, str) and len(value) >= 8:  # shorter texts are in too many lines
            yield value


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="redshift-relay trace",
        description=f"{SUMMARY} It reads the log groups /aws/lambda/<prefix>-*, and needs logs:DescribeLogGroups and "
        "logs:FilterLogEvents.",
    )
    parser.add_argument("id", help="id or name of a statement, a run, or a request; messages and letters name them")
    parser.add_argument(
        "--name-prefix",
        default=os.environ.get(PREFIX_VARIABLE),
        metavar="PREFIX",
        help=f"name_prefix of the deployment (default: ${PREFIX_VARIABLE})",
    )
    parser.add_argument("--hours", type=float, default=24.0, help="how far to look back (default: %(default)g)")
    parser.add_argument("--region", help="region of the deployment (default: that of the AWS profile)")
    return parser
