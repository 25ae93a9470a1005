"""A reader who asks more than the warehouse can bear, and leaves: loads start, and nothing goes on for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.e2e.cloud import Cloud, until
from tests.e2e.gateway.client import Client, connect_client, unasked
from tests.e2e.gateway.gateways import Gateways, Stage

CONNECTIONS, QUESTIONS = 12, 20
ACTIVE_STATEMENTS = 150
"""The warehouse's quota here: below what the questions would take together, above the gateway's own bound."""
RUNNING = ("SUBMITTED", "PICKED", "STARTED")


@pytest.fixture
def quota(cloud: Cloud) -> Iterator[None]:
    cloud.switch("quotas", active_statements=ACTIVE_STATEMENTS)
    yield
    cloud.switch("quotas", "DELETE")


def active(stage: Stage) -> int:
    """How many statements of the gateway have not ended."""
    return sum(statement["Status"] in RUNNING for statement in stage.statements())


def start_load(cloud: Cloud) -> str:
    """Starts a statement as every load does; raises ActiveStatementsExceededException where there is no room for it."""
    ready = cloud.local.ready
    target = {"ClusterIdentifier": ready["cluster"], "Database": "dev", "DbUser": ready["admin"]}
    return str(cloud.client("redshift-data").execute_statement(Sql="SELECT 1", **target)["Id"])


def has_ended(cloud: Cloud, statement: str) -> bool:
    return bool(cloud.client("redshift-data").describe_statement(Id=statement)["Status"] == "FINISHED")


def test_a_load_starts_while_one_reader_asks_everything(gateways: Gateways, cloud: Cloud, quota: None) -> None:
    stage = gateways.open

    def ask_all(client: Client) -> list[str]:
        return [client.ask("gated", unasked(), id_=f"q{number}")["type"] for number in range(QUESTIONS)]

    with gateways.held_up():
        with ExitStack() as connections:
            clients = [connections.enter_context(connect_client(stage)) for _ in range(CONNECTIONS)]
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                said = [one for answers in pool.map(ask_all, clients) for one in answers]
            assert len(said) == CONNECTIONS * QUESTIONS
            assert "accepted" in said  # others use what is left of the bound
            assert "error" in said
            assert 0 < active(stage) < ACTIVE_STATEMENTS
            loads = [start_load(cloud)]
            for client in clients:
                client.socket.raw.socket.shutdown(2)  # no closing handshake
        loads.append(start_load(cloud))
        until(lambda: stage.sweep() and not active(stage), "the end of what nobody waits for", seconds=600)
        # The readers' statements wait for the table until here, and the loads do not.
        until(lambda: all(has_ended(cloud, one) for one in loads), "the loads")
