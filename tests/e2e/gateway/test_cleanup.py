"""What the table keeps: nothing of a client that has left, however it left, and nothing without an end."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest
from websockets.exceptions import ConnectionClosed

from redshift_relay.gateway_client import get_ticket
from tests.e2e.cloud import until
from tests.e2e.gateway.client import Client, connect_client, unasked
from tests.e2e.gateway.gateways import Gateways, Stage

FOR_GOOD = {"CATALOG", "VERSION", "RUNNING", "TURN"}
"""Partitions that are configuration, the data version, or what all questions share."""

KEPT = {"Q# META", "A# META"}
"""What is kept for a day: questions and their answers."""


def kinds(stage: Stage, before: Collection[tuple[str, str]] = ()) -> set[str]:
    """Which kinds of items the table holds, beside those from before: `Q# META`, `Q# W#`, `C# R#`, ..."""
    new = keys(stage) - set(before)
    return {f"{pk[:2]} {sk[:2] if '#' in sk else sk}" for pk, sk in new if pk not in FOR_GOOD}


def keys(stage: Stage) -> set[tuple[str, str]]:
    return {(item["pk"]["S"], item["sk"]["S"]) for item in stage.items()}


def says_goodbye(client: Client) -> None:
    client.socket.close()


def breaks_off(client: Client) -> None:
    client.socket.raw.socket.shutdown(2)  # no closing handshake


def sends_too_much(client: Client) -> None:
    client.socket.raw.send("x" * 40_000)  # API Gateway ends the connection


@pytest.mark.parametrize("leave", [says_goodbye, breaks_off, sends_too_much], ids=lambda leave: leave.__name__)
def test_who_leaves_leaves_nothing_behind(gateways: Gateways, leave: Callable[[Client], None]) -> None:
    n, stage = unasked(), gateways.open
    before = keys(stage)
    with gateways.held_up(), connect_client(stage) as client:
        run = client.ask("gated", n)["run"]
        client.ask("gated", n, id_="live", live=True)
        client.ask("one", n, id_="answered", live=True)
        client.ended("answered")
        client.ask("gated", n, id_="cancelled")
        client.cancel("cancelled")
        until(lambda: kinds(stage, before) == {*KEPT, "Q# W#", "C# META", "C# R#"}, "the answer that is kept")
        leave(client)
        until(lambda: kinds(stage, before) == KEPT, "the end of all but questions and answers")
    # Nobody waits for the answer, so the run is cancelled unless it ends first.
    until(lambda: stage.meta(run)["state"]["S"] in ("ABORTED", "FINISHED"), "the end of the run")


def test_an_answered_or_cancelled_request_leaves_nothing_behind(gateways: Gateways) -> None:
    n, stage = unasked(), gateways.open
    before = keys(stage)
    with connect_client(stage) as client:
        client.ask("one", n)
        client.ended()
        client.ask("failing", 0, id_="failing")
        client.ended("failing")
        client.ask("one", n, id_="live", live=True)
        client.ended("live")
        client.cancel("live")
        until(lambda: kinds(stage, before) == {*KEPT, "C# META"}, "the end of both requests")


def test_a_connection_whose_time_is_over_is_ended(gateways: Gateways) -> None:
    """Two hours are over, or its token has expired: it may ask nothing more, and the sweep closes it."""
    n, stage = unasked(), gateways.open
    before = keys(stage)
    with connect_client(stage) as client:
        client.ask("one", n, live=True)
        client.ended()
        stage.let_connections_end()
        assert client.ask("one", n, id_="late")["code"] == "signed_out"
        stage.sweep()
        with pytest.raises(ConnectionClosed):
            client.wait(lambda said: False)
        until(lambda: kinds(stage, before) == KEPT, "the end of the connection")


def test_every_item_has_an_end(gateways: Gateways) -> None:
    """DynamoDB removes what functions have forgotten: an item without `expires_at` would stay for ever."""
    n, stage = unasked(), gateways.signed
    with gateways.held_up(), stage.connected(gateways.sign_in.token) as gateway:
        client = Client(gateway.socket)
        client.ask("gated", n)
        client.ask("gated", n, id_="live", live=True)
        client.ask("one", n, id_="answered")
        client.ended("answered")
        get_ticket(stage.outputs["ticket_url"], gateways.sign_in.token)  # which nobody uses
        all_kinds = {*KEPT, "Q# W#", "C# META", "C# R#", "T# META", "U# META"}
        until(lambda: kinds(stage) == all_kinds, "the answer that is kept")
        for item in [item for item in stage.items() if item["pk"]["S"] not in FOR_GOOD]:
            assert int(item.get("expires_at", {}).get("N", "0")) > 1_700_000_000, (item["pk"], item["sk"])
    ttl = gateways.cloud.client("dynamodb").describe_time_to_live(TableName=stage.outputs["table_name"])
    assert ttl["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
