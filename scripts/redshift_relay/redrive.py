"""`redshift-relay redrive FUNCTION`: gives dead letters to their function again, and deletes them once it has them.

It is safe to repeat and to interrupt: a letter is deleted only after Lambda has accepted its event, and every action
of the functions can be repeated. A letter that fails again comes back as a new one, through the same destination.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from redshift_relay.aws import NoAws, client, error_text
from redshift_relay.dead_letter import Letter, Unreadable

SUMMARY = "Gives dead letters to their function again."
HIDDEN_SECONDS = 120
"""How long a letter is hidden while it is handled; then it is visible again, if it was not deleted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 if every letter was handled, 1 if one is left."""
    options = _parser().parse_args(arguments)
    try:
        sqs, functions = client("sqs", options.region), client("lambda", options.region)
        return redrive(sqs, functions, options.function, only=frozenset(options.id), act=options.yes)
    except NoAws as error:
        print(error, file=sys.stderr)
    except Exception as error:
        print(f"{options.function}: {error_text(error)}. Check the name, credentials and region.", file=sys.stderr)
    return 1


def redrive(sqs: Any, functions: Any, function: str, *, only: frozenset[str], act: bool) -> int:
    """Lists the letters of a function, and with `act` invokes it with each; returns the exit status."""
    queue = sqs.get_queue_url(QueueName=f"{function}-failures")["QueueUrl"]
    handled = left = 0
    for message in _messages(sqs, queue, act=act):
        if only and message["MessageId"] not in only:
            continue
        try:
            letter = Letter.read(message)
        except Unreadable as error:
            print(f"{message['MessageId']}  kept: {error}", file=sys.stderr)
            left += 1
            continue
        print(letter.summary)
        if act:
            functions.invoke(
                FunctionName=function, InvocationType="Event", Payload=json.dumps(dict(letter.payload)).encode()
            )
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=letter.receipt)
        handled += 1
    if not act:
        print(f"{handled} to redrive, {left} to read by hand. Nothing was changed: use --yes to redrive.")
        return 0
    print(f"{handled} redriven, {left} kept.")
    return 1 if left else 0


def _messages(sqs: Any, queue: str, *, act: bool) -> Iterator[dict[str, Any]]:
    """Every visible message once: one that comes back, or that a redriven event puts there, ends the round."""
    seen: set[str] = set()
    while True:
        received = sqs.receive_message(
            QueueUrl=queue,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDDEN_SECONDS if act else 30,
            MessageAttributeNames=["All"],
            WaitTimeSeconds=1,
        ).get("Messages", [])
        new = [message for message in received if message["MessageId"] not in seen]
        if not new:
            return
        seen |= {message["MessageId"] for message in new}
        yield from new


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="redshift-relay redrive",
        description=f"{SUMMARY} Without --yes it only lists them. Correct their cause first. It needs sqs:GetQueueUrl, "
        "sqs:ReceiveMessage and sqs:DeleteMessage on <function>-failures, and lambda:InvokeFunction.",
    )
    parser.add_argument("function", help="name of the function, for example taxi-notifier")
    parser.add_argument("--id", action="append", default=[], metavar="ID", help="only this letter; repeatable")
    parser.add_argument("--yes", action="store_true", help="invoke the function, and delete what it has accepted")
    parser.add_argument("--region", help="region of the deployment (default: that of the AWS profile)")
    return parser
