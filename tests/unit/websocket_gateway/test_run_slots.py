"""Runs in flight are bounded and are cancelled when nobody waits: no reader keeps a load from starting."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.websocket_gateway.fake_clients import Client
from tests.unit.websocket_gateway.fake_warehouse import refusal
from tests.unit.websocket_gateway.world import World

MakeWorld = Callable[..., World]
MONTHS = [f"{2000 + n // 12}-{n % 12 + 1:02}" for n in range(400)]
QUOTA = 200
"""Active statements of an account and Region, as older documentation has it."""


def signed_in(world: World, person: str) -> Client:
    return world.connect(context={"authorizer": {"principalId": person}})


def ask_many(world: World, client: Client, first: int, count: int) -> list[str]:
    """Distinct questions; returns what each was answered: `accepted` or the code of an error."""
    answers = (world.ask(client, f"r{n}", MONTHS[first + n]) for n in range(count))
    return [answer.get("code", answer["type"]) for answer in answers]


def test_twelve_connections_left_alone_while_a_load_starts(make_world: MakeWorld) -> None:
    world = make_world(MAX_OPEN_REQUESTS="20")
    clients = [world.connect() for _ in range(12)]
    answers = [ask_many(world, client, 20 * n, 20) for n, client in enumerate(clients)]
    assert [answer for one in answers for answer in one] == ["accepted"] * 100 + ["busy"] * 140
    assert len(world.warehouse.running()) == 100 < QUOTA  # the load starts
    for client in clients[:6]:
        client.connected = False
        world.socket("DISCONNECT", client.id)
    world.drain()
    assert world.warehouse.running() == []
    for statement in world.warehouse.statements.values():
        world.deliver(statement.event())
    world.check_nothing_open()
    assert ask_many(world, clients[6], 300, 20) == ["accepted"] * 20


def test_a_lost_cancel_of_a_disconnect_is_made_by_the_sweep(world: World) -> None:
    client = world.connect()
    ask_many(world, client, 0, 3)
    world.socket("DISCONNECT", client.id)
    world.functions.waiting.clear()  # the deliver function was never invoked
    assert len(world.warehouse.running()) == 3
    world.sweep()
    assert world.warehouse.running() == []


def test_a_run_that_somebody_else_waits_for_goes_on(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.ask(two)
    world.socket("DISCONNECT", one.id)
    world.drain()
    world.sweep()
    world.finish()
    assert len(two.answer("a")) == 5


def test_who_asks_while_the_run_of_somebody_gone_is_cancelled_gets_a_run(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.socket("DISCONNECT", one.id)
    world.before("redshift-data.cancel_statement", lambda: world.ask(two))
    world.drain()
    (statement,) = world.warehouse.statements.values()
    world.deliver(statement.event())
    world.finish()
    assert len(two.answer("a")) == 5


def test_an_unwanted_run_that_was_never_started_is_started_and_cancelled(world: World) -> None:
    """A killed function may have started it, and only the token finds that statement again."""
    client = world.connect()
    world.warehouse.trouble["execute_statement"] = [refusal(400, "ThrottlingException")] * 5
    world.ask(client)
    world.warehouse.trouble.clear()
    world.socket("DISCONNECT", client.id)
    world.drain()
    world.sweep()
    (statement,) = world.warehouse.statements.values()
    assert statement.status == "ABORTED"


def test_each_person_has_a_bound_over_all_connections(make_world: MakeWorld) -> None:
    world = make_world(AUTHORIZATION="CUSTOM", MAX_RUNNING_PER_PERSON="3")
    assert ask_many(world, signed_in(world, "me"), 0, 2) == ["accepted"] * 2
    assert ask_many(world, signed_in(world, "me"), 2, 2) == ["accepted", "too_many_runs"]
    assert ask_many(world, signed_in(world, "you"), 4, 1) == ["accepted"]
    assert ask_many(world, signed_in(world, "me"), 0, 1) == ["accepted"]  # joins a run that is in flight
    world.finish()
    assert ask_many(world, signed_in(world, "me"), 5, 4) == ["accepted"] * 3 + ["too_many_runs"]


def test_without_sign_in_only_the_gateway_is_bounded(make_world: MakeWorld) -> None:
    world = make_world(MAX_RUNNING_STATEMENTS="5", MAX_RUNNING_PER_PERSON="3")
    assert ask_many(world, world.connect(), 0, 6) == ["accepted"] * 5 + ["busy"]


def test_people_have_no_bound_of_their_own_where_none_is_set(make_world: MakeWorld) -> None:
    world = make_world(AUTHORIZATION="CUSTOM", MAX_RUNNING_STATEMENTS="5", MAX_RUNNING_PER_PERSON="")
    assert ask_many(world, signed_in(world, "me"), 0, 6) == ["accepted"] * 5 + ["busy"]


def test_a_refused_request_leaves_nothing_open(make_world: MakeWorld) -> None:
    world = make_world(MAX_RUNNING_STATEMENTS="1")
    client = world.connect()
    assert ask_many(world, client, 0, 2) == ["accepted", "busy"]
    assert world.say(client, action="cancel", id="r1")["code"] == "unknown_request"
    world.finish()
    world.check_nothing_open()
    assert ask_many(world, client, 1, 1) == ["accepted"]


def test_two_at_once_do_not_both_take_the_last_slot(make_world: MakeWorld) -> None:
    world = make_world(MAX_RUNNING_STATEMENTS="1")
    one, two = world.connect(), world.connect()
    world.before("dynamodb.update_item", lambda: world.ask(two, month="2015-02"), "ADD #slots")
    assert world.ask(one)["code"] == "busy"
    assert len(world.warehouse.running()) == 1
    world.finish()
    assert len(two.answer("a")) == 5
    world.check_nothing_open()


def test_one_person_does_not_take_the_last_slot_twice_at_once(make_world: MakeWorld) -> None:
    world = make_world(AUTHORIZATION="CUSTOM", MAX_RUNNING_PER_PERSON="1")
    one, two = signed_in(world, "me"), signed_in(world, "me")
    world.before("dynamodb.update_item", lambda: world.ask(two, month="2015-02"), "ADD #slots")
    assert world.ask(one)["code"] == "too_many_runs"
    assert len(world.warehouse.running()) == len(world.slots()) == 1
    world.finish()
    world.check_nothing_open()


def test_a_lost_claim_gives_its_slot_back(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.before("dynamodb.update_item", lambda: world.ask(two), "definition")
    world.ask(one)
    assert len(world.slots()) == 1
    world.finish()
    assert len(one.answer("a")) == len(two.answer("a")) == 5
    world.check_nothing_open()


@pytest.mark.parametrize("part", ["definition", "DELETE #slots"])
def test_a_slot_that_a_killed_function_left_is_released_by_the_sweep(world: World, part: str) -> None:
    """Killed before the claim, or after the end of the run was stored."""

    def killed() -> None:
        raise KeyboardInterrupt

    client = world.connect()
    world.before("dynamodb.update_item", killed, part)
    with pytest.raises(KeyboardInterrupt):
        (world.ask(client), world.finish())
    assert len(world.slots()) == 1
    world.warehouse.statements.clear()
    world.sweep(10)
    assert len(world.slots()) == 1  # its function may still be at work
    world.sweep(60)
    assert world.slots() == []


def test_the_sweep_leaves_the_slot_of_a_run_in_flight(world: World) -> None:
    world.ask(world.connect())
    world.sweep(250)
    assert len(world.slots()) == 1


def test_the_end_of_a_run_does_not_release_the_slot_of_the_next(world: World) -> None:
    client = world.connect()
    world.ask(client)
    first = world.end_running()
    first()
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_age_seconds=0)
    world.clock.now += 1
    world.ask(client, "b")
    first()
    assert len(world.slots()) == 1


def test_a_newer_answer_waits_for_a_free_slot(make_world: MakeWorld) -> None:
    world = make_world(MAX_RUNNING_STATEMENTS="2")
    client = world.connect()
    for n in range(2):
        world.ask(client, f"live{n}", MONTHS[n], live=True)
    world.finish()
    world.ask(client, "slow", MONTHS[5])
    world.new_data()
    assert len(world.warehouse.running()) == 2
    world.finish()
    world.sweep()
    world.finish()
    assert [len(client.ends(f"live{n}")) for n in range(2)] == [2, 2]


@pytest.mark.parametrize("code", ["DatabaseConnectionException", "QueryTimeoutException", "ThrottlingException"])
def test_a_cancel_that_failed_is_made_again(world: World, code: str) -> None:
    client = world.connect()
    world.ask(client)
    world.warehouse.trouble["cancel_statement"] = [refusal(400, code)]
    world.say(client, action="cancel", id="a")
    assert len(world.warehouse.running()) == 1
    world.sweep()
    assert world.warehouse.running() == []


def test_cancels_stop_for_a_minute_when_redshift_throttles_them(world: World) -> None:
    client = world.connect()
    ask_many(world, client, 0, 5)
    cancels: list[Any] = []
    world.cut = lambda call, request: cancels.append(request) if call == "redshift-data.cancel_statement" else None
    world.warehouse.trouble["cancel_statement"] = [refusal(400, "ThrottlingException")] * 2
    world.socket("DISCONNECT", client.id)
    world.drain()
    assert len(cancels) == 1
    world.sweep()
    assert len(cancels) == 2
    world.sweep()
    assert world.warehouse.running() == []


def test_a_statement_that_outlives_its_run_keeps_its_slot_and_is_cancelled_again(world: World) -> None:
    client = world.connect()
    world.ask(client)
    (statement,) = world.warehouse.running()
    world.warehouse.trouble["cancel_statement"] = [refusal(400, "DatabaseConnectionException")] * 100
    for _ in range(9):
        world.sweep()
    assert client.ends("a")[0]["code"] == "timeout"
    assert len(world.slots()) == 1
    world.warehouse.trouble.clear()
    world.sweep()
    assert statement.status == "ABORTED"
    world.sweep()
    world.check_nothing_open()
