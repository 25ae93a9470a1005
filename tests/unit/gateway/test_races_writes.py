"""Each conditional write meets what it guards against: the other handler comes between its read and its write."""

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from gateway_scheduler import Task, cut, one_after_the_other
from gateway_world import World, refusal

from websocket_gateway import deliver_handler, socket_handler
from websocket_gateway.errors import ClientError as Refused
from websocket_gateway.table import ATTEMPTS, Table, default_dynamodb_client
from websocket_gateway.waiters import LEASE_SECONDS


class _Body(BytesIO):
    """An answer's body as urllib3 gives it."""

    def stream(self, **_: Any) -> Any:
        return iter(self.read, b"")


class Killed(BaseException):
    """Lambda ended the process."""


def ended(world: World) -> Callable[[], Any]:
    """Ends the statement that runs; what is returned delivers its event."""
    (statement,) = world.warehouse.running()
    event = world.end(statement)
    return lambda: world.deliver(event)


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
    world.before("dynamodb.update_item", lambda: ended(world)(), "'RUNNING'}, ':statement'")
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
    late = ended(world)
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
    world.before("dynamodb.update_item", ended(world), "'#wanted'")
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
        questions = deliver_handler._parts().questions
        questions.bump_version("2025-01-01T00:00:01Z")  # another event's function, which gets no further yet
        meta = questions.read(statement.question)
        assert meta
        assert questions.ended(meta.run, "FINISHED", statement.id)  # the completion's, which gets no further either

    world.before("dynamodb.update_item", meanwhile, "'#wanted'")
    world.new_data()
    assert (world.meta()["state"], world.meta()["version"], world.version()) == ("RUNNING", 2, 2)


def test_who_asked_while_the_run_ended_gets_the_newest_version(world: World) -> None:
    """Read before the data changed again: a run at that version would be followed by one more."""
    live, asker = world.connect(), world.connect()
    world.ask(live, live=True)
    (statement,) = world.warehouse.running()
    world.end(statement)
    questions = deliver_handler._parts().questions
    questions.bump_version("2025-01-01T00:00:01Z")

    def meanwhile() -> None:
        questions.bump_version("2025-01-01T00:00:02Z")
        meta = questions.read(statement.question)
        assert meta
        assert questions.ended(meta.run, "FINISHED", statement.id)

    world.before("dynamodb.update_item", meanwhile, "'#wanted'")
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
        assert questions.ended(meta.run, "FINISHED", statement.id)  # the completion's function is killed after it

    world.before("dynamodb.transact_write_items", meanwhile)
    world.ask(asker)
    world.finish()
    world.finish()
    assert live.ends("a")[-1]["version"] == 2


def test_a_cancel_does_not_cancel_the_next_run(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)

    def another() -> None:
        ended(world)()
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
    world.ask(two)
    world.new_data()
    world.before("dynamodb.update_item", lambda: world.ask(one, "b"), "expired")
    world.drain()
    assert two.ends("a")[0]["code"] == "expired"
    assert world.meta()["state"] == "RUNNING"
    world.finish()
    assert len(one.answer("b")) == 5


def test_add_does_not_count_a_request_twice(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.ask(client, live=True)
    world.say(client, action="cancel", id="a")
    world.check_counts()
    world.ask(client, "b")
    world.check_counts()


def test_add_does_not_revive_a_connection(world: World) -> None:
    client = world.connect()
    world.before("dynamodb.transact_write_items", lambda: world.socket("DISCONNECT", client.id))
    assert world.ask(client)["code"] == "signed_out"
    assert [pk for pk, _, _ in world.found("")] == ["CATALOGUE"]


def test_add_during_a_disconnect_is_refused(world: World) -> None:
    client = world.connect()
    answers: list[Any] = []
    world.before("dynamodb.query", lambda: answers.append(world.ask(client)))
    world.socket("DISCONNECT", client.id)
    assert answers[0]["code"] == "signed_out"
    assert [pk for pk, _, _ in world.found("")] == ["CATALOGUE"]


def test_add_keeps_to_the_bound(make_world: Callable[..., World]) -> None:
    world = make_world(MAX_OPEN_REQUESTS="1")
    client = world.connect()
    world.before("dynamodb.transact_write_items", lambda: world.ask(client, "b"))
    assert world.ask(client, "a")["code"] == "too_many_requests"


def test_a_request_that_starts_over_may_be_gone(world: World) -> None:
    """Its answer comes between the look and the write: it is asked anew, not half revived."""
    client = world.connect()
    world.ask(client)
    world.before("dynamodb.transact_write_items", ended(world), "#question = :question")
    world.ask(client)
    world.drain()
    assert len(client.answer("a")) == 5
    world.check_nothing_open()


def test_a_live_request_that_starts_over_may_be_cancelled(world: World) -> None:
    """Else its waiter would be there without the request, and nobody could cancel it."""
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    world.before(
        "dynamodb.transact_write_items", lambda: world.say(client, action="cancel", id="a"), "#question = :question"
    )
    world.ask(client, live=True)
    world.check_counts()


def test_a_request_does_not_start_over_on_a_connection_that_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its waiter would stay when the request has been forgotten."""
    one_after_the_other(monkeypatch)
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    world.cut = cut
    asker = Task("ask", lambda: world.ask(client, live=True))
    asker.step_to("#question = :question")
    leaver = Task("disconnect", lambda: world.socket("DISCONNECT", client.id))
    leaver.step_to("R#a")
    asker.finish()
    leaver.finish()
    assert list(world.found("Q#", "W#")) == []


def test_lease_one_deliverer_at_a_time(world: World) -> None:
    client = world.connect()
    world.ask(client)
    event = ended(world)
    world.before("management.post_to_connection", event)
    event()
    assert len(client.inbox) == len({str(one) for one in client.inbox})
    assert len(client.ends("a")) == 1


def test_lease_never_an_older_version(world: World) -> None:
    """A deliverer of version 0 comes to its lease when version 1 is there already."""
    client = world.connect()
    world.ask(client, live=True)
    old = ended(world)

    def newer() -> None:
        world.new_data()
        world.finish()

    world.before("dynamodb.update_item", newer, "'#lease'")
    old()
    assert [end["version"] for end in client.ends("a")] == [1]


def test_remove_leaves_the_next_question_of_the_same_id_alone(world: World) -> None:
    """A cancel comes when the answer has just been delivered, and then the client asks anew."""
    client = world.connect()
    world.ask(client)
    old = ended(world)
    asked: list[str] = []

    def ask_again() -> None:
        asked.append("again")
        world.ask(client)

    def answered() -> None:
        old()
        world.before("dynamodb.transact_write_items", ask_again)

    world.before("dynamodb.transact_write_items", answered, "Delete")
    world.say(client, action="cancel", id="a")
    world.cut = lambda *_: None
    if not asked:
        ask_again()
    world.drain()
    world.check_counts()
    assert len(client.answer("a")) == 5


def test_lease_never_data_older_than_the_question(world: World) -> None:
    """The request starts over, after new data, between the deliverer's look and its lease."""
    client = world.connect()
    world.ask(client)
    old = ended(world)

    def again() -> None:
        world.new_data()
        world.ask(client)

    world.before("dynamodb.update_item", again, "'#lease'")
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
    asker.step_to("#question = :question")
    event = world.end(world.warehouse.running()[0])
    deliverer = Task("completed", lambda: world.deliver(event))
    deliverer.step_to("'#lease'")
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
    old = ended(world)
    started = [statement.id for statement in world.warehouse.statements.values()]

    def again() -> None:
        world.clock.now += 5
        world.ask(client)

    world.before("dynamodb.update_item", again, "'#lease'")
    old()
    world.finish()
    assert client.answer("a")[0][1] not in started
    assert len(client.ends("a")) == 1


def test_renew_stops_a_deliverer_that_was_taken_over(world: World) -> None:
    """It hung for a minute within an answer; another delivers, and the first sends nothing more."""
    client = world.connect()
    world.ask(client, live=True)
    old = ended(world)
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
    event = ended(world)
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
    event = ended(world)
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
    old = ended(world)

    def again() -> None:
        world.say(client, action="cancel", id="a")
        world.clock.now += 1
        world.ask(client)

    world.before("redshift-data.describe_statement", again)
    old()
    assert client.ends("a") == []
    world.finish()
    assert len(client.answer("a")) == 5


def test_delivered_leaves_a_request_alone_that_started_over(make_world: Callable[..., World]) -> None:
    world = make_world(VERSIONED="false")
    client = world.connect()
    world.ask(client)
    old = ended(world)

    def again() -> None:
        world.say(client, action="cancel", id="a")
        world.clock.now += 1
        world.ask(client)

    world.before("dynamodb.transact_write_items", again, "Delete")
    old()
    client.open["a"] = len(client.inbox)
    world.finish()
    assert len(client.answer("a")) == 5


def test_delivered_live_leaves_a_request_alone_that_started_over(make_world: Callable[..., World]) -> None:
    world = make_world(VERSIONED="false")
    client = world.connect()
    world.ask(client, live=True)
    old = ended(world)

    def again() -> None:
        world.clock.now += 1
        world.ask(client, live=True)

    world.before("dynamodb.update_item", again, "'#delivered': 'delivered', '#lease': 'lease', '#resume")
    old()
    client.open["a"] = len(client.inbox)
    world.finish()
    assert len(client.answer("a")) == 5


def test_delivered_live_does_not_revive_a_request_that_was_cancelled(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    event = ended(world)
    names = "'#delivered': 'delivered', '#lease': 'lease', '#resume"
    world.before("dynamodb.update_item", lambda: world.say(client, action="cancel", id="a"), names)
    event()
    assert len(client.ends("a")) == 1
    assert list(world.found("Q#", "W#")) == []


def test_a_cancel_counts_once(world: World) -> None:
    """The answer is complete between the look of the cancel and its write."""
    client = world.connect()
    world.ask(client)
    world.ask(client, "b", "2015-02", live=True)
    for statement in world.warehouse.running():
        if statement.parameters["month"] == "2015-01-01":
            event = world.end(statement)
    world.before("dynamodb.transact_write_items", lambda: world.deliver(event), "Delete")
    world.say(client, action="cancel", id="a")
    world.finish()
    world.check_nothing_open()


def test_a_cancel_leaves_the_next_question_of_its_id_alone(world: World) -> None:
    client = world.connect()
    world.ask(client)
    old = ended(world)

    def another() -> None:
        old()
        world.ask(client, "a", "2015-02")

    world.before("dynamodb.transact_write_items", another, "Delete")
    world.say(client, action="cancel", id="a")
    client.open["a"] = len(client.inbox)
    world.finish()
    assert len(client.answer("a")) == 5
    world.check_nothing_open()


def test_removing_a_waiter_does_not_revive_a_connection(world: World) -> None:
    client = world.connect()
    world.ask(client)
    event = ended(world)
    world.before("dynamodb.transact_write_items", lambda: world.socket("DISCONNECT", client.id), "Delete")
    event()
    assert list(world.found("C#")) == []


def test_removing_a_waiter_does_not_revive_a_connection_that_ttl_deleted(world: World) -> None:
    client = world.connect()
    world.ask(client)
    del world.dynamo.items[f"C#{client.id}", "META"]
    world.finish()
    assert list(world.found("C#", "META")) == list(world.found("Q#", "W#")) == []


def test_a_second_disconnect_revives_nothing_even_if_it_is_killed(world: World) -> None:
    client = world.connect()
    world.socket("DISCONNECT", client.id)

    def killed() -> None:
        raise Killed

    world.before("dynamodb.query", killed)
    world.socket("DISCONNECT", client.id)
    assert list(world.found("C#")) == []


def test_a_ticket_is_worth_nothing_after_a_minute_even_if_it_is_still_there(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="JWT")
    tickets = socket_handler._routes().tickets
    ticket = tickets.issue({"sub": "me"})["ticket"]
    world.clock.now += 60
    with pytest.raises(Refused):
        tickets.redeem(ticket)


@pytest.mark.parametrize("operation", ["update_item", "put_item", "delete_item", "transact_write_items"])
def test_a_write_that_meets_a_transaction_is_tried_again(world: World, operation: str) -> None:
    codes = {"transact_write_items": "TransactionCanceledException"}
    error: Any = refusal(400, codes.get(operation, "TransactionConflictException"))
    if operation in codes:
        error.response["CancellationReasons"] = [{"Code": "None"}, {"Code": "TransactionConflict"}]
    conflicts: list[str] = []

    def cut(what: str, _request: Any) -> None:
        if what == f"dynamodb.{operation}" and len(conflicts) < 3:
            conflicts.append(what)
            raise error

    world.cut = cut
    client = world.connect()
    assert world.ask(client)["type"] == "accepted"
    world.finish()
    assert len(client.answer("a")) == 5
    world.socket("DISCONNECT", client.id)
    assert len(conflicts) == 3


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"]
)
def test_a_table_that_is_throttled_is_asked_again(world: World, code: str) -> None:
    """By many connections at once: botocore's own quota of retries is soon used up."""
    refused: set[str] = set()

    def cut(what: str, _request: Any) -> None:
        if what.startswith("dynamodb.") and what not in refused:
            refused.add(what)
            raise refusal(400, code)

    world.cut = cut
    client = world.connect()
    assert world.ask(client)["type"] == "accepted"
    world.finish()
    assert len(client.answer("a")) == 5
    assert refused == {
        f"dynamodb.{name}" for name in ("put_item", "get_item", "update_item", "query", "transact_write_items")
    }


def test_what_goes_on_conflicting_is_not_hidden(world: World) -> None:
    def cut(what: str, _request: Any) -> None:
        if what == "dynamodb.put_item":
            raise refusal(400, "TransactionConflictException")

    world.cut = cut
    with pytest.raises(ClientError):
        world.connect()


def test_a_call_to_a_throttled_table_gives_up_before_a_lease_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's retries and the table's own are not multiplied."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    client = default_dynamodb_client.__wrapped__()
    asked: list[object] = []

    def refuse(request: Any, **_: Any) -> AWSResponse:
        asked.append(request)
        return AWSResponse(request.url, 400, {}, _Body(b'{"__type":"ThrottlingException"}'))

    client.meta.events.register("before-send.dynamodb", refuse)
    with pytest.raises(ClientError, match="ThrottlingException"):
        Table(client, "gateway").get("a", "b")
    assert len(asked) > ATTEMPTS
    assert sum(slept) < LEASE_SECONDS / 2
