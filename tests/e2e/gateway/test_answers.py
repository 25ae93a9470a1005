"""Questions and answers, as they are meant to be."""

from typing import Any

from redshift_relay.gateway_client import GatewayClient
from tests.e2e.cloud import TIMEOUT_SECONDS
from tests.e2e.gateway.gateways import Gateways
from tests.e2e.gateway.permission_scenarios import read_again


def test_an_answer_is_pushed(gateways: Gateways) -> None:
    with gateways.open.connected() as gateway:
        answer = next(gateway.ask("one", {"n": 7}))
    assert answer.rows == [[7]]
    assert answer.complete["rows"] == 1


def test_a_ticket_opens_a_connection(gateways: Gateways) -> None:
    with gateways.signed.connected(gateways.sign_in.token) as gateway:
        assert next(gateway.ask("one", {"n": 7})).rows == [[7]]


def test_an_answer_of_which_s3_has_lost_a_part_is_made_again(gateways: Gateways) -> None:
    assert read_again(gateways.open) == ""


def test_a_failed_run_leaves_a_live_question_open(gateways: Gateways) -> None:
    """As asyncapi.yaml says: an error that names a run ends that run, and a question that is not live."""
    with gateways.open.connected() as gateway:
        for id_, live in (("once", False), ("live", True)):
            gateway.send(action="query", id=id_, query="failing", params={"n": 0}, live=live)
        failed: dict[str, Any] = {}
        while len(failed) < 2:  # delivery is at least once
            error = error_of(gateway)
            failed[error["id"]] = error
        assert set(failed) == {"once", "live"}
        assert {error["code"] for error in failed.values()} == {"query_failed"}
        gateways.open.data_changed()
        while (again := error_of(gateway))["run"] == failed[again["id"]]["run"]:
            pass
        assert again["id"] == "live"
        assert again["run"] not in (None, failed["live"]["run"])
        gateway.send(action="cancel", id="once")
        assert error_of(gateway)["code"] == "unknown_request"
        gateway.send(action="cancel", id="live")
        assert gateway.receive(TIMEOUT_SECONDS) == {"type": "cancelled", "id": "live"}


def error_of(gateway: GatewayClient) -> dict[str, Any]:
    """The next message that does not only accept a request."""
    while (message := gateway.receive(TIMEOUT_SECONDS))["type"] == "accepted":
        pass
    assert message["type"] == "error", message
    return message
