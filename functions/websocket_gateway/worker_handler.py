"""Entry point of the worker function: messages of the work queue, one at a time."""

import json
from typing import Any

from relay.actions import Context, Event, as_event, text
from relay.errors import InputError, UnknownAction
from relay.metrics import metrics
from websocket_gateway.parts import parts as _parts
from websocket_gateway.parts import timed
from websocket_gateway.questions.turns import Turn

ACTIONS = ("range", "turn")


def handle(event: object, context: Context) -> dict[str, Any]:
    """Handles a message of SQS. Raises RelayError; every step may be repeated.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    records = as_event(event).get("Records")
    if not isinstance(records, list) or len(records) != 1:
        raise InputError("Records", "must be one message of the work queue")
    message = as_event(json.loads(records[0]["body"]))
    with metrics.written(_parts().settings.name_prefix):
        return _act(message, context)


def _act(message: Event, context: Context) -> dict[str, Any]:
    match message.get("action"):
        case "range":
            delivery = _parts().pass_delivery(context)
            question, attempt, number = text(message, "question"), message["attempt"], message["number"]
            served = timed(lambda: delivery.deliver_range(question, attempt, number))
            if delivery.delivery.errors:
                raise delivery.delivery.errors[0]
            return {"served": served}
        case "turn":
            turn = Turn(text(message, "chain"), message["step"], text(message, "cursor"))
            return {"visited": _parts().data_changes(_parts().deliverer(context)).visit(turn)}
        case other:
            raise UnknownAction(other, ACTIONS)
