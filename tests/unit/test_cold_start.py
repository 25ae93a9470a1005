"""What a fresh process imports and which clients it makes, by the path through a function."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.websocket_gateway.world import ENVIRONMENT

FUNCTIONS = Path(__file__).parents[2] / "functions"
HANDLERS = {
    "websocket_gateway.socket_handler": {"dynamodb"},
    "websocket_gateway.deliver_handler": {"dynamodb"},
    "scheduler.handler": set(),
    "notifier.handler": set(),
    "warehouse_objects.handler": set(),
}
"""Clients that the first invocation below makes; handlers that are only imported make none."""
_REPORT = """
import importlib, json, sys
import botocore.session

made = []


class Client:
    def __getattr__(self, name):
        return lambda **request: {}


def create_client(self, service, **_):
    made.append(service)
    return Client()


botocore.session.Session.create_client = create_client


class Context:
    aws_request_id = "r"

    def get_remaining_time_in_millis(self):
        return 300_000


handler = importlib.import_module(sys.argv[1])
at_import = list(made)
if sys.argv[2] != "null":
    handler.handle(json.loads(sys.argv[2]), Context())
print(json.dumps({"modules": sorted(sys.modules), "at_import": at_import, "made": made}))
"""
MESSAGE = {
    "requestContext": {"eventType": "MESSAGE", "routeKey": "query", "connectionId": "c"},
    "body": '{"action":"query","id":"a","query":"daily"}',
}
EVENTS = {
    "websocket_gateway.socket_handler": MESSAGE,
    "websocket_gateway.deliver_handler": {"action": "deliver", "question": "q"},
}


@pytest.fixture(scope="module", params=HANDLERS)
def report(request: pytest.FixtureRequest) -> dict[str, list[str]]:
    """What a fresh process has imported and made after its first invocation."""
    name = str(request.param)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(FUNCTIONS), "AWS_DEFAULT_REGION": "eu-central-1"}
    arguments = [sys.executable, "-c", _REPORT, name, json.dumps(EVENTS.get(name))]
    done = subprocess.run(arguments, capture_output=True, text=True, env=ENVIRONMENT | environment, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found | {"handler": [name]}


def test_nothing_of_boto3_is_imported(report: dict[str, list[str]]) -> None:
    assert not {name.split(".")[0] for name in report["modules"]} & {"boto3", "s3transfer"}


def test_only_clients_that_the_path_uses_are_made(report: dict[str, list[str]]) -> None:
    assert report["at_import"] == []
    assert set(report["made"]) == HANDLERS[report["handler"][0]]
    assert len(report["made"]) == len(set(report["made"]))


def test_a_path_imports_no_code_of_others(report: dict[str, list[str]]) -> None:
    unneeded = {
        "websocket_gateway.socket_handler": ("websocket_gateway.delivery", "websocket_gateway.sweep", "relay.events"),
        "websocket_gateway.deliver_handler": (
            "websocket_gateway.delivery.data_changes",
            "websocket_gateway.delivery.first_message",
            "websocket_gateway.database_login",
            "websocket_gateway.query_check",
            "websocket_gateway.routes",
            "websocket_gateway.sweep",
        ),
    }
    assert not [name for name in report["modules"] if name.startswith(unneeded.get(report["handler"][0], ("boto3",)))]


def test_a_client_is_made_once_by_however_many_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from relay.clients import LazyClient

    made = []

    class Client:
        def call(self) -> int:
            return id(self)

    client = LazyClient(lambda: made.append(Client()) or made[-1])  # type: ignore[func-returns-value]
    assert not made
    with ThreadPoolExecutor(16) as pool:
        assert len({one.result() for one in [pool.submit(lambda: client.call()) for _ in range(200)]}) == 1
    assert len(made) == 1
