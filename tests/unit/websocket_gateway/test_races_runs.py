"""Conditional writes of a run meet what they guard against: another handler between read and write."""

from tests.unit.websocket_gateway.fake_warehouse import refusal
from tests.unit.websocket_gateway.world import World
from websocket_gateway import deliver_handler


def test_claim_of_a_first_asker_does_not_undo_what_another_has_done(world: World) -> None:
    one, two = world.connect(), world.connect()

    def another() -> None:
        world.ask(two)
        world.finish()

    world.before("dynamodb.update_item", another, "definition")
    world.ask(one)
    world.drain()
    assert world.meta()["state"] == "FINISHED"
    assert len(one.answer("a")) == len(two.answer("a")) == 5
    assert len(world.warehouse.statements) == 1


def test_claim_of_a_later_asker_does_not_undo_what_another_has_done(world: World) -> None:
    one, two, three = world.connect(), world.connect(), world.connect()
    world.ask(three)
    world.finish("FAILED")

    def another() -> None:
        world.ask(two)
        world.finish()

    world.before("dynamodb.update_item", another, "definition")
    world.ask(one)
    world.drain()
    assert world.meta()["state"] == "FINISHED"
    assert len(one.answer("a")) == len(two.answer("a")) == 5
    assert len(world.warehouse.statements) == 2


def test_started_does_not_undo_the_completion(world: World) -> None:
    client = world.connect()
    world.before("dynamodb.update_item", lambda: world.end_running()(), "'RUNNING'}, ':statement'")
    world.ask(client)
    assert world.meta()["state"] == "FINISHED"
    assert len(client.answer("a")) == 5


def test_not_started_does_not_end_what_another_has_started(world: World) -> None:
    client = world.connect()
    world.warehouse.trouble["execute_statement"] = [refusal(503, "ServiceUnavailable")]
    world.ask(client)
    world.warehouse.trouble["execute_statement"] = [refusal(400, "ValidationException")]
    world.clock.now += 30
    run = world.meta()

    def started_after_all() -> None:
        world.deliver({"action": "sweep"})

    world.before("dynamodb.update_item", started_after_all, "not_started")
    world.deliver({"action": "sweep"})
    assert run["state"] == "STARTING"
    assert world.meta()["state"] == "RUNNING"
    world.finish()
    assert len(client.answer("a")) == 5


def test_ended_late_does_not_end_the_next_run(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    late = world.end_running()
    late()
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_age_seconds=0)
    world.clock.now += 1
    world.ask(two)
    late()
    assert world.meta()["state"] == "RUNNING"
    world.finish()
    assert len(two.answer("a")) == 5
    assert two.answer("a")[0][1] != one.answer("a")[0][1]


def test_want_meets_the_end_of_the_run(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.before("dynamodb.update_item", world.end_running(), "'#wanted'")
    world.new_data()
    world.finish()
    assert [end["version"] for end in client.ends("a")] == [0, 1]


def test_what_follows_a_run_is_of_the_newest_version(world: World) -> None:
    """Else a run at a version that is known to be old is followed by one more: a thousand events make three runs."""
    client = world.connect()
    world.ask(client, live=True)
    (statement,) = world.warehouse.running()
    world.end(statement)

    def meanwhile() -> None:
        questions, versions = deliver_handler._parts().questions, deliver_handler._parts().versions
        versions.increment("2025-01-01T00:00:01Z")  # another event's function, which gets no further yet
        meta = questions.read(statement.question)
        assert meta
        assert questions.mark_ended(meta.run, "FINISHED", statement.id)  # as does the completion's

    world.before("dynamodb.update_item", meanwhile, "'#wanted'")
    world.new_data()
    assert (world.meta()["state"], world.meta()["version"], world.version()) == ("RUNNING", 2, 2)


def test_who_asked_while_the_run_ended_gets_the_newest_version(world: World) -> None:
    """Read before the data changed again: a run at that version would be followed by one more."""
    live, asker = world.connect(), world.connect()
    world.ask(live, live=True)
    (statement,) = world.warehouse.running()
    world.end(statement)
    questions, versions = deliver_handler._parts().questions, deliver_handler._parts().versions
    versions.increment("2025-01-01T00:00:01Z")

    def meanwhile() -> None:
        versions.increment("2025-01-01T00:00:02Z")
        meta = questions.read(statement.question)
        assert meta
        assert questions.mark_ended(meta.run, "FINISHED", statement.id)

    world.before("dynamodb.update_item", meanwhile, "'#wanted'")
    world.clock.now += 1  # until then an asker may know an older version
    world.ask(asker)
    assert (world.meta()["state"], world.meta()["version"]) == ("RUNNING", 2)


def test_a_change_is_heard_although_an_asker_who_knows_only_the_one_before_starts_the_next_run(world: World) -> None:
    live, asker = world.connect(), world.connect()
    world.ask(live, live=True)
    (statement,) = world.warehouse.running()
    world.new_data()
    world.end(statement)

    def meanwhile() -> None:
        world.new_data()
        questions = deliver_handler._parts().questions
        meta = questions.read(statement.question)
        assert meta
        assert questions.mark_ended(meta.run, "FINISHED", statement.id)  # the completion's function is killed after it

    world.before("dynamodb.batch_write_item", meanwhile)
    world.ask(asker)
    world.finish()
    world.finish()
    assert live.ends("a")[-1]["version"] == 2


def test_a_cancel_does_not_cancel_the_next_run(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)

    def another() -> None:
        world.end_running()()
        world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_age_seconds=0)
        world.clock.now += 1
        world.ask(two)

    world.before("dynamodb.update_item", another, "unwanted")
    world.say(one, action="cancel", id="a")
    (statement,) = world.warehouse.running()
    assert statement.status == "STARTED"
    world.finish()
    assert len(two.answer("a")) == 5


def test_forgetting_a_result_does_not_end_the_next_run(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.finish()
    world.warehouse.statements.clear()
    world.forget_answers()
    world.ask(two)
    world.new_data()
    world.before("dynamodb.update_item", lambda: world.ask(one, "b"), "expired")
    world.drain()
    assert world.meta()["state"] == "RUNNING"
    world.finish()
    assert len(one.answer("b")) == len(two.answer("a")) == 5
    world.check_nothing_open()
