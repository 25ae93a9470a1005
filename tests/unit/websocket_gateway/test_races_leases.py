"""Conditional writes of a lease meet what they guard against: another handler between read and write."""

from collections.abc import Callable

import pytest

from tests.unit.websocket_gateway.interleaving import Task, cut, one_after_the_other
from tests.unit.websocket_gateway.world import World


def test_lease_one_deliverer_at_a_time(world: World) -> None:
    client = world.connect()
    world.ask(client)
    event = world.end_running()
    world.before("management.post_to_connection", event)
    event()
    assert len(client.inbox) == len({str(one) for one in client.inbox})
    assert len(client.ends("a")) == 1


def test_lease_never_an_older_version(world: World) -> None:
    """A deliverer of version 0 comes to its lease when version 1 is there already, from another deliverer."""
    other, client = world.connect(), world.connect()
    world.ask(other)
    world.finish()
    world.ask(client, live=True)
    (event,) = world.functions.waiting

    def newer() -> None:
        world.new_data()
        world.finish()
        world.drain()

    world.before("dynamodb.update_item", newer, "'#lease'")
    world.deliver(event)
    assert [end["version"] for end in client.ends("a")] == [1]


def test_lease_never_data_older_than_the_question(world: World) -> None:
    """The request starts over, after new data, between the deliverer's look and its lease."""
    client = world.connect()
    world.ask(client)
    old = world.end_running()

    def again() -> None:
        world.new_data()
        world.ask(client)

    world.before("management.post_to_connection", again)
    old()
    world.finish()
    assert [end["version"] for end in client.ends("a")] == [1]


def test_lease_never_data_older_than_the_question_that_came_while_the_run_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The asker has looked before the end of the run, and writes after the deliverer has looked."""
    one_after_the_other(monkeypatch)
    client = world.connect()
    world.ask(client)
    world.new_data()
    world.cut = cut
    asker = Task("ask", lambda: world.ask(client))
    asker.step_to("PutRequest")
    event = world.end(world.warehouse.running()[0])
    deliverer = Task("completed", lambda: world.deliver(event))
    deliverer.step_to("'ConnectionId'")
    asker.finish()
    deliverer.finish()
    world.cut = lambda *_: None
    world.sweep()
    world.finish()
    assert [end["version"] for end in client.ends("a")] == [1]


def test_lease_never_an_answer_too_old_for_the_question(make_world: Callable[..., World]) -> None:
    world = make_world(VERSIONED="false")
    client = world.connect()
    world.ask(client)
    old = world.end_running()
    started = [statement.id for statement in world.warehouse.statements.values()]

    def again() -> None:
        world.clock.now += 5
        world.ask(client)

    world.before("management.post_to_connection", again)
    old()
    world.finish()
    assert client.answer("a")[0][1] not in started
    assert len(client.ends("a")) == 1


def test_renew_stops_a_deliverer_that_was_taken_over(world: World) -> None:
    """It hung for a minute within an answer; another delivers, and the first sends nothing more."""
    client = world.connect()
    world.ask(client, live=True)
    old = world.end_running()
    posts: list[str] = []

    def hang() -> None:
        world.clock.now += 60
        old()
        posts.append("taken over")
        world.new_data()
        world.finish()

    world.before("redshift-data.get_statement_result", lambda: world.before("redshift-data.get_statement_result", hang))
    old()
    assert posts
    versions = [one["version"] for one in client.inbox if one["type"] in ("rows", "complete")]
    assert versions == sorted(versions)
    assert [end["version"] for end in client.ends("a")] == [0, 1]


def test_put_aside_leaves_the_waiter_of_another_alone(world: World) -> None:
    client = world.connect()
    world.ask(client)
    event = world.end_running()
    refusals = iter([429] * 100)
    world.stage.trouble = lambda _: next(refusals, 0)
    taken: list[int] = []

    def another() -> None:
        world.stage.trouble = lambda _: 0
        world.clock.now += 60
        world.before("management.post_to_connection", lambda: taken.append(1))
        event()

    world.before("dynamodb.update_item", another, "'#resume_row'")
    event()
    assert taken
    world.check_nothing_open()
    assert len(client.ends("a")) == 1


def test_a_waiter_put_aside_is_not_made_anew(world: World) -> None:
    client = world.connect()
    world.ask(client)
    event = world.end_running()
    world.stage.trouble = lambda _: 429

    def cancelled() -> None:
        world.say(client, action="cancel", id="a")

    world.before("dynamodb.update_item", cancelled, "'#resume_row'")
    event()
    assert list(world.found("Q#", "W#")) == []


def test_complete_is_not_sent_for_a_request_that_started_over(make_world: Callable[..., World]) -> None:
    """Cancelled and asked again under the same id within the answer: the new one is whole."""
    world = make_world(VERSIONED="false")
    client = world.connect()
    world.ask(client)
    old = world.end_running()

    def again() -> None:
        world.say(client, action="cancel", id="a")
        world.clock.now += 1
        world.ask(client)

    world.before("management.post_to_connection", again)
    old()
    assert client.ends("a") == []
    world.finish()
    assert len(client.answer("a")) == 5


def test_delivered_leaves_a_request_alone_that_started_over(make_world: Callable[..., World]) -> None:
    world = make_world(VERSIONED="false")
    client = world.connect()
    world.ask(client)
    old = world.end_running()

    def again() -> None:
        world.say(client, action="cancel", id="a")
        world.clock.now += 1
        world.ask(client)

    world.before("dynamodb.batch_write_item", again, "Delete")
    old()
    world.finish()
    assert len(client.answer("a")) == 5


def test_delivered_live_leaves_a_request_alone_that_started_over(world: World) -> None:
    other, client = world.connect(), world.connect()
    world.ask(other)
    world.finish()
    world.ask(client, live=True)
    (event,) = world.functions.waiting

    def again() -> None:
        world.clock.now += 1
        world.ask(client, live=True)

    world.before("dynamodb.update_item", again, "'#delivered': 'delivered', '#lease': 'lease', '#resume")
    world.deliver(event)
    client.open["a"] = len(client.inbox)
    world.drain()
    assert len(client.answer("a")) == 5
    world.check_nothing_open()


def test_delivered_live_does_not_revive_a_request_that_was_cancelled(world: World) -> None:
    other, client = world.connect(), world.connect()
    world.ask(other)
    world.finish()
    world.ask(client, live=True)
    names = "'#delivered': 'delivered', '#lease': 'lease', '#resume"
    world.before("dynamodb.update_item", lambda: world.say(client, action="cancel", id="a"), names)
    world.drain()
    assert len(client.ends("a")) == 1
    assert list(world.found("Q#", "W#")) == []
