"""What an answer costs, counted: red as soon as one call, read or write too many is made."""

from collections.abc import Callable

import pytest

from tests.unit.websocket_gateway.counting import answers_of_many_questions, cached_answer, fan_out
from tests.unit.websocket_gateway.world import World
from websocket_gateway.storage import keys

CLIENTS = 1_000
SPREAD = keys.SPREAD


@pytest.fixture
def large(make_world: Callable[..., World]) -> World:
    world = make_world(MAX_OPEN_REQUESTS="100")
    world.warehouse.page = 100  # an answer of one message
    return world


def test_an_answer_to_1000_clients_costs_little_more_than_their_messages(large: World) -> None:
    counted = fan_out(large, CLIENTS, live=False)
    assert counted.calls["management.post_to_connection"] == CLIENTS
    assert counted.calls["dynamodb.batch_write_item"] == 2 * CLIENTS // 25 + 1
    assert sum(counted.calls.values()) <= 1.3 * CLIENTS
    assert sum(counted.calls.values()) - CLIENTS <= 140


def test_a_new_version_writes_nothing_for_those_who_watch(large: World) -> None:
    counted = fan_out(large, CLIENTS, live=True)
    assert counted.calls["management.post_to_connection"] == CLIENTS
    assert counted.write_units <= 0.2 * CLIENTS
    assert counted.write_units <= 60


def test_a_cached_answer_reads_its_own_waiter_only(large: World) -> None:
    counted = cached_answer(large, CLIENTS)
    assert counted.data_api_calls == 0
    assert counted.items_read <= 10
    assert counted.calls["management.post_to_connection"] == 1


def test_no_key_is_busy(large: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000 answers a second over 1,000 questions: if all of these came within a second."""
    monkeypatch.setattr(keys, "SPREAD", SPREAD)
    counted = answers_of_many_questions(large, 1_000)
    assert counted.calls["management.post_to_connection"] == 1_000
    assert counted.busiest_key_writes < 100


def test_an_answer_for_one(large: World) -> None:
    """The write that stores the end takes the pass too; what is read beside it is not waited for."""
    counted = fan_out(large, 1, live=False)
    assert dict(counted.calls) == {
        "dynamodb.update_item": 3,  # the end and the pass; the slot; the end of the pass
        "dynamodb.query": 2,  # waiters before and after the end was stored
        "dynamodb.get_item": 1,  # whether another run has ended meanwhile
        "dynamodb.put_item": 1,  # the answer is kept
        "dynamodb.batch_write_item": 1,
        "redshift-data.get_statement_result": 1,
        "redshift-data.describe_statement": 1,
        "management.post_to_connection": 1,
    }
