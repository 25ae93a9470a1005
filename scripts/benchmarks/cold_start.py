"""Cold starts: a fresh process of a function to its first answer, beside a boto3 handler that makes the same calls.

Neither has compiled sources, as nothing of a package has in Lambda, whose file system is read-only. Both run against
recorded answers, in turn. Processor time counts, which is what a cold start waits for, and not what runs beside it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from benchmarks.deployed_gateway import DeployedGateway
from benchmarks.figure import Figure, ratio
from benchmarks.recorded_aws import RecordedAws
from redshift_relay.gateway_client import GatewayClient

_FUNCTIONS = Path(__file__).resolve().parents[2] / "functions"
_OURS = """
import importlib, json, sys

class Context:
    aws_request_id = "bench"
    def get_remaining_time_in_millis(self):
        return 300_000

handler = importlib.import_module(sys.argv[1])
print(json.dumps(handler.handle(json.loads(sys.argv[2]), Context())))
"""
_PLAIN = """
import json, os, re, sys

import boto3

clients = {}

def client(service):
    if service not in clients:
        endpoint = {"endpoint_url": os.environ["MANAGEMENT_ENDPOINT"]} if service == "apigatewaymanagementapi" else {}
        clients[service] = boto3.client(service, **endpoint)
    return clients[service]

def handle(calls):
    for call in calls:
        one = client(call["service"])
        given = call["parameters"].items()
        parameters = {name: call["body"].encode() if value is None else value for name, value in given}
        try:
            getattr(one, re.sub(r"(?<!^)([A-Z])", r"_\\1", call["operation"]).lower())(**parameters)
        except one.exceptions.ClientError:
            pass

handle(json.loads(sys.argv[1]))
"""


def cold_starts(deployed: DeployedGateway, rounds: int) -> list[Figure]:
    """The socket function's first question, and the deliver function's first answer."""
    with GatewayClient.connect(deployed.url) as gateway, deployed.deliveries_held():
        gateway.send(action="who")
        connection = gateway.receive(60)["connection"]
        body = json.dumps({"action": "query", "id": "cold", "query": "one", "params": {"n": time.time_ns() % 10**9}})
        context = {"eventType": "MESSAGE", "routeKey": "query", "connectionId": connection}
        socket, answer = _measure(deployed, "socket", {"requestContext": context, "body": body}, rounds)
        run = json.loads(answer["body"])["run"]
        deliver, _ = _measure(deployed, "deliver", deployed.completion_of(run), rounds)
    return [socket, deliver]


def _measure(
    deployed: DeployedGateway, function: str, event: dict[str, Any], rounds: int
) -> tuple[Figure, dict[str, Any]]:
    with RecordedAws.serving(deployed.cloud.ready["endpoint"]) as aws:
        environment = deployed.environment_of(function, aws.url)
        ours = [_OURS, f"websocket_gateway.{function}_handler", json.dumps(event)]
        answer: dict[str, Any] = json.loads(_run(ours, environment).splitlines()[-1])
        plain = [_PLAIN, json.dumps([asdict(call) for call in aws.calls])]
        mine: list[float] = []
        theirs: list[float] = []
        for _ in range(rounds):
            for arguments, into in ((ours, mine), (plain, theirs)):
                aws.replay()
                before = _children_seconds()
                _run(arguments, environment)
                into.append(_children_seconds() - before)
    name = f"cold start of the {function} function, in that of a boto3 handler ({len(aws.calls)} calls)"
    number = statistics.median(mine) / statistics.median(theirs)
    return ratio(f"cold_start_ratio_{function}", name, number, 0.9), answer


def _run(arguments: list[str], environment: dict[str, str]) -> str:
    """Runs a fresh process without compiled sources, and returns what it writes."""
    with tempfile.TemporaryDirectory() as nothing_compiled:
        given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_FUNCTIONS), "PYTHONPYCACHEPREFIX": nothing_compiled}
        command = [sys.executable, "-B", "-c", *arguments]
        done = subprocess.run(command, env=given | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"a process of the cold starts failed:\n{done.stderr}")
    return done.stdout


def _children_seconds() -> float:
    """The processor seconds of all processes that have ended so far."""
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
