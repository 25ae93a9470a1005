"""Checks messages against modules/websocket_gateway/asyncapi.yaml, in unit, end-to-end and browser tests."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator, FormatChecker

FILE = Path(__file__).parents[3] / "modules" / "websocket_gateway" / "asyncapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
API_GATEWAY = "apiGateway"
"""The message that is not of the functions, and has no type."""


def at(reference: str) -> Any:
    """What a `$ref` of the description leads to."""
    found: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def names(*references: Mapping[str, str]) -> set[str]:
    """Names of the messages that references of an operation lead to, by way of the channel."""
    return {at(one["$ref"])["$ref"].rpartition("/")[2] for one in references}


OPERATIONS = DOCUMENT["operations"].values()
"""`receive` is what clients send, as AsyncAPI describes the server's side."""
ASKED = {name: one for one in OPERATIONS if one["action"] == "receive" for name in names(*one["messages"])}
REPLIES = {name: names(*operation["reply"]["messages"]) for name, operation in ASKED.items()}
SENT = set().union(*REPLIES.values(), *(names(*one["messages"]) for one in OPERATIONS if one["action"] == "send"))


def _kinds(messages: set[str], word: str) -> dict[str, str]:
    """Names of messages by the word (`action`, `type`) that tells them from others."""
    payloads = {name: at(f"#/components/messages/{name}/payload") for name in messages}
    return {one["properties"][word]["const"]: name for name, one in payloads.items() if name != API_GATEWAY}


BY_ACTION = _kinds(set(ASKED), "action")
BY_TYPE = _kinds(SENT, "type")
_FORMATS = FormatChecker()


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


@cache
def _validator(name: str) -> Draft7Validator:
    reference = {"$ref": f"#/components/messages/{name}/payload", "components": DOCUMENT["components"]}
    return Draft7Validator(reference, format_checker=_FORMATS)


def wrong(name: str, message: object) -> list[str]:
    """Where and why a message differs from the description of its kind."""
    found = _validator(name).iter_errors(message)
    return [f"{name}{one.json_path.removeprefix('$')}: {one.message[:300]}" for one in found]


def wrong_of_client(message: object) -> list[str]:
    """Where and why what a client sends is not described."""
    action = message.get("action") if isinstance(message, dict) else None
    if not isinstance(action, str) or action not in BY_ACTION:
        return [f"no such action: {json.dumps(message)[:300]}"]
    return wrong(BY_ACTION[action], message)


def name_of(message: Mapping[str, Any]) -> str:
    """Which message of the description one of the server's is; empty if none."""
    return BY_TYPE.get(message["type"], "") if "type" in message else API_GATEWAY


def wrong_of_server(message: Mapping[str, Any]) -> list[str]:
    """Where and why what the server sends is not described."""
    name = name_of(message)
    if not name:
        return [f"no such type: {json.dumps(message)[:300]}"]
    short = dict(message)
    if isinstance(message.get("rows"), list):
        # A cell's schema tells only its JSON type: one row of each kind stands for all, however many there are.
        short["rows"] = list({_kind(row): row for row in message["rows"]}.values())
    return wrong(name, short)


def check_of_server(message: Mapping[str, Any]) -> None:
    """Raises AssertionError unless the server may send this."""
    differs = wrong_of_server(message)
    assert not differs, differs


def _kind(row: object) -> object:
    return tuple(map(type, row)) if isinstance(row, list) else type(row)


def check_of_client(message: object) -> None:
    """Raises AssertionError unless a client may send this."""
    differs = wrong_of_client(message)
    assert not differs, differs


def check_reply(asked: object, answer: Mapping[str, Any]) -> None:
    """Raises AssertionError unless this may be the direct answer; what is answered must be described, or refused."""
    check_of_server(answer)
    name = name_of(answer)
    if name in ("error", API_GATEWAY):
        return
    check_of_client(asked)
    assert isinstance(asked, dict)
    replies = REPLIES[BY_ACTION[asked["action"]]]
    assert name in replies, f"{asked['action']} was answered with {name}, not with one of {sorted(replies)}"


class CheckedSocket:
    """A WebSocket whose messages are checked in both directions; `raw` is the socket without checks."""

    def __init__(self, socket: Any) -> None:
        self.raw = socket

    def send(self, text: str) -> None:
        """Sends a message."""
        check_of_client(json.loads(text))
        self.raw.send(text)

    def recv(self, *args: Any, **kwargs: Any) -> Any:
        """The next message."""
        text = self.raw.recv(*args, **kwargs)
        check_of_server(json.loads(text))
        return text

    def __iter__(self) -> Any:
        for text in self.raw:
            check_of_server(json.loads(text))
            yield text

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)
