"""What a client gets: versions, ages, resumed and expired answers, failures, tenants, slow and gone clients."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from gateway_world import World, refusal

from relay.errors import CallFailed
from websocket_gateway.protocol import MAX_MESSAGE_BYTES
from websocket_gateway.sweep import SweepFailed

SECRET = 'ERROR: relation "payroll" does not exist in SELECT salary'


def test_rows_then_complete(world: World) -> None:
    client = world.connect()
    accepted = world.ask(client)
    world.finish()
    first, *_, complete = client.inbox
    assert first["columns"] == [{"name": "n", "type": "int8"}, {"name": "statement", "type": "varchar"}]
    assert [one["type"] for one in client.inbox] == ["rows", "rows", "rows", "complete"]
    assert ["columns" in one for one in client.inbox] == [True, False, False, False]
    assert complete == {
        "type": "complete",
        "id": "a",
        "run": accepted["run"],
        "version": 0,
        "rows": 5,
        "truncated": False,
        "elapsed_seconds": 1.5,
        "held": False,
        "changed_at": None,
        "live": False,
    }


@pytest.mark.parametrize("rows", [0, 1, 2, 100_000])
def test_any_number_of_rows(world: World, rows: int) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_rows=1_000_000)
    world.warehouse.rows = lambda _: [[n, None] for n in range(rows)]
    world.warehouse.page = 1000
    client = world.connect()
    world.ask(client)
    world.finish()
    assert client.answer("a") == [[n, None] for n in range(rows)]
    assert client.inbox[0]["columns"][0] == {"name": "n", "type": "int8"}
    assert not client.ends("a")[0]["truncated"]


@pytest.mark.parametrize(("rows", "truncated"), [(6, False), (7, True), (5, False), (100, True)])
def test_max_rows(world: World, rows: int, truncated: bool) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_rows=6)
    world.warehouse.rows = lambda _: [[n, None] for n in range(rows)]
    client = world.connect()
    world.ask(client)
    world.finish()
    assert len(client.answer("a")) == min(rows, 6)
    assert client.ends("a")[0]["truncated"] is truncated


def test_a_row_wider_than_a_message(world: World) -> None:
    world.warehouse.rows = lambda _: [[1, "x"], [2, "y" * MAX_MESSAGE_BYTES], [3, "z"]]
    client = world.connect()
    world.ask(client)
    world.finish()
    assert [one["type"] for one in client.inbox] == ["rows", "error"]
    assert client.inbox[1]["code"] == "row_too_wide"
    assert "row 1 " in client.inbox[1]["message"]
    world.check_nothing_open()


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_a_failed_run_is_told_without_its_reason_and_asked_again(world: World, status: str) -> None:
    describe = world.warehouse.describe_statement
    world.warehouse.describe_statement = lambda **request: describe(**request) | {"Error": SECRET}  # type: ignore[method-assign]
    client = world.connect()
    first = world.ask(client)
    world.finish(status)
    (end,) = client.ends("a")
    assert (end["type"], end["run"]) == ("error", first["run"])
    assert end["code"] == {"FAILED": "query_failed", "ABORTED": "cancelled"}[status]
    again = world.ask(client)
    assert again["run"] != first["run"]
    world.finish()
    assert len(client.answer("a")) == 5
    everything = json.dumps(client.inbox)
    assert "payroll" not in everything
    assert "SELECT" not in everything


def test_a_statement_that_is_refused(world: World) -> None:
    world.warehouse.trouble["execute_statement"] = [refusal(400, "ValidationException")]
    client = world.connect()
    assert world.ask(client)["type"] == "accepted"
    world.drain()
    assert client.ends("a")[0]["code"] == "not_started"
    world.check_nothing_open()


def test_sql_that_is_too_long_ends_as_an_error(world: World) -> None:
    world.publish("daily", f"SELECT '{'x' * 100_001}', :month", {"month": {"type": "month"}})
    client = world.connect()
    world.ask(client)
    world.drain()
    assert client.ends("a")[0]["code"] == "not_started"


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ActiveStatementsExceededException", "InternalServerException"]
)
def test_a_statement_that_cannot_be_started_now_is_started_by_the_sweep(world: World, code: str) -> None:
    world.warehouse.trouble["execute_statement"] = [refusal(400, code)] * 3
    client = world.connect()
    world.ask(client)
    for _ in range(3):
        world.sweep()
    world.finish()
    assert len(client.answer("a")) == 5


def test_a_statement_that_can_never_be_started(world: World) -> None:
    world.warehouse.trouble["execute_statement"] = [refusal(400, "ThrottlingException")] * 100
    client = world.connect()
    world.ask(client)
    for _ in range(6):
        world.sweep()
    assert client.ends("a")[0]["code"] == "not_started"
    world.check_nothing_open()


def test_timeout(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.sweep(299)
    (statement,) = world.warehouse.statements.values()
    assert statement.status == "STARTED"
    world.sweep(10)
    assert statement.status == "ABORTED"
    world.deliver(statement.event())
    assert client.ends("a")[0]["code"] == "timeout"


def test_timeout_of_a_statement_that_cannot_be_cancelled(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.warehouse.trouble["cancel_statement"] = [refusal(400, "AccessDeniedException")] * 100
    for _ in range(9):
        world.sweep()
    assert client.ends("a")[0]["code"] == "timeout"


def test_cancel_stops_the_statement_when_nobody_else_waits(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.ask(two)
    (statement,) = world.warehouse.statements.values()
    assert world.say(one, action="cancel", id="a") == {"type": "cancelled", "id": "a"}
    assert statement.status == "STARTED"
    world.say(two, action="cancel", id="a")
    assert statement.status == "ABORTED"
    world.deliver(statement.event())
    assert one.inbox == two.inbox == []
    world.check_nothing_open()


def test_cancel_before_the_statement_is_there(world: World) -> None:
    client = world.connect()
    world.before("redshift-data.execute_statement", lambda: world.say(client, action="cancel", id="a"))
    world.ask(client)
    (statement,) = world.warehouse.statements.values()
    assert statement.status == "ABORTED"


def test_who_joins_a_cancelled_run_gets_one_of_their_own(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.before("redshift-data.cancel_statement", lambda: world.ask(two))
    world.say(one, action="cancel", id="a")
    (statement,) = world.warehouse.statements.values()
    world.deliver(statement.event())
    world.finish()
    assert len(two.answer("a")) == 5


def test_a_held_answer(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.finish()
    world.clock.now += 3600
    assert world.ask(two)["held"] is True
    world.drain()
    assert two.ends("a")[0]["held"] is True
    assert len(world.warehouse.statements) == 1
    world.clock.now += 22 * 3600
    three = world.connect()
    assert world.ask(three)["held"] is False


def test_max_age(world: World) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, max_age_seconds=60)
    client = world.connect()
    world.ask(client)
    world.finish()
    world.clock.now += 59
    assert world.ask(client, "b")["held"] is True
    world.clock.now += 2
    assert world.ask(client, "c")["held"] is False


def test_a_live_waiter_that_asks_for_what_is_held(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.finish()
    assert world.ask(two, live=True)["held"] is True
    world.drain()
    world.sweep()
    assert len(two.ends("a")) == 1
    world.new_data()
    world.finish()
    assert [end["version"] for end in two.ends("a")] == [0, 1]


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
def test_a_load_that_failed_is_a_version_but_no_later_change(world: World, state: str) -> None:
    """It may have changed the data, or not: old rows must not look new."""
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    event = {"detail-type": "Load Ended", "source": "redshift-relay", "time": "2025-01-02T00:00:00Z"}
    world.deliver({**event, "detail": {"state": state}})
    world.finish()
    world.deliver({**event, "detail": {"state": "FINISHED"}})
    world.finish()
    world.deliver({**event, "time": "2025-01-03T00:00:00Z", "detail": {"state": state}})
    world.finish()
    ends = [(end["version"], end["changed_at"]) for end in client.ends("a")]
    assert ends == [(0, None), (1, None), (2, "2025-01-02T00:00:00Z"), (3, "2025-01-02T00:00:00Z")]


def test_without_versions_a_live_answer_comes_once_and_others_ask_anew(make_world: Callable[..., World]) -> None:
    world = make_world(VERSIONED="false")
    one, two = world.connect(), world.connect()
    world.ask(one, live=True)
    world.finish()
    world.clock.now += 5
    assert world.ask(two)["held"] is False
    world.finish()
    world.sweep()
    assert len(one.ends("a")) == len(two.ends("a")) == 1
    world.clock.now += 5
    world.ask(one, live=True)  # asked again, it starts over
    world.finish()
    assert len(one.ends("a")) == 1
    assert len(one.answer("a")) == 5


def test_events_in_every_run_starve_nobody(world: World) -> None:
    """The data changes while each run is in flight: each run's answer is delivered all the same."""
    client, other = world.connect(), world.connect()
    world.ask(client, live=True)
    for version in range(5):
        world.ask(other, f"o{version}", "2015-02")
        world.new_data()
        world.finish()
        assert len(client.ends("a")) == version + 1
    assert len(other.answer("o0")) == 5


def test_min_refresh_seconds(world: World) -> None:
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, min_refresh_seconds=300)
    client, late = world.connect(), world.connect()
    world.ask(client, live=True)
    world.finish()
    world.clock.now += 10
    world.new_data()
    assert world.warehouse.running() == []
    world.sweep(60)
    assert world.warehouse.running() == []
    world.sweep(240)
    assert len(world.warehouse.running()) == 1
    world.finish()
    assert [end["version"] for end in client.ends("a")] == [0, 1]
    world.new_data()
    world.ask(late)  # who has no answer at all does not wait
    assert len(world.warehouse.running()) == 1


def test_resume(make_world: Callable[..., World]) -> None:
    world = make_world(VERSIONED="false")
    one, two = world.connect(), world.connect()
    accepted = world.ask(one)
    world.finish()
    world.clock.now += 60
    again = world.ask(two, resume={"run": accepted["run"], "row": 3})
    assert (again["run"], again["held"]) == (accepted["run"], True)
    world.drain()
    assert [(one["first_row"], len(one["rows"])) for one in two.of("a") if one["type"] == "rows"] == [(2, 2), (4, 1)]
    assert "columns" in two.of("a")[0]
    assert two.ends("a")[0]["rows"] == 5


def test_resume_of_a_run_that_is_no_longer_the_latest(world: World) -> None:
    client = world.connect()
    accepted = world.ask(client)
    world.finish()
    world.new_data()
    again = world.ask(client, resume={"run": accepted["run"], "row": 3})
    assert again["run"] != accepted["run"]
    world.finish()
    assert len(client.answer("a")) == 5


def test_an_answer_that_is_no_longer_kept(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.finish()
    world.warehouse.statements.clear()
    world.ask(two)
    world.drain()
    assert two.ends("a")[0]["code"] == "expired"
    assert world.ask(two)["held"] is False
    world.finish()
    assert len(two.answer("a")) == 5


def test_a_client_that_leaves_within_an_answer(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.ask(two)
    world.clock.now += 60

    def leave() -> None:
        one.connected = False

    world.before("management.post_to_connection", leave)
    world.finish()
    assert len(two.answer("a")) == 5
    assert list(world.found(f"C#{one.id}")) == []
    world.check_nothing_open()


def test_410_while_connecting_is_not_gone(world: World) -> None:
    client = world.connect()
    world.ask(client)
    refusals = iter([410] * 4)
    world.stage.trouble = lambda _: next(refusals, 0)
    world.finish()
    assert len(client.answer("a")) == 5


def test_403_for_one_is_loud_and_holds_up_nobody(world: World) -> None:
    one, two = world.connect(), world.connect()
    world.ask(one)
    world.ask(two)
    world.stage.trouble = lambda name: 403 if name == one.id else 0
    (statement,) = world.warehouse.running()
    event = world.end(statement)
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError, match="Forbidden"):
        world.deliver(event)
    assert len(two.answer("a")) == 5
    world.stage.trouble = lambda _: 0
    world.sweep()
    assert len(one.answer("a")) == 5


def test_a_result_that_cannot_be_read_for_now(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.warehouse.trouble["get_statement_result"] = [refusal(400, "ThrottlingException")]
    (statement,) = world.warehouse.running()
    with pytest.raises(CallFailed):
        world.deliver(world.end(statement))
    world.sweep()
    assert len(client.answer("a")) == 5


def test_a_result_that_can_never_be_read(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.warehouse.trouble["get_statement_result"] = [refusal(400, "AccessDeniedException")] * 100
    world.end(world.warehouse.running()[0])
    for _ in range(15):
        world.clock.now += 60
        world.deliver({"action": "sweep"})
        while world.functions.waiting:
            try:
                world.deliver(world.functions.waiting.pop())
            except CallFailed:
                continue
    assert [one["code"] for one in client.ends("a")] == ["unavailable"]


def test_an_invocation_whose_time_is_up_hands_over(world: World) -> None:
    world.warehouse.rows = lambda _: [[n, "x" * 1000] for n in range(1000)]
    world.warehouse.page = 100
    client = world.connect()
    world.ask(client)
    left = iter([200_000] * 4 + [10_000] * 100)
    (statement,) = world.warehouse.running()
    world.deliver(world.end(statement), time_left=lambda: next(left))
    had = len(client.inbox)
    assert client.ends("a") == []
    world.drain()
    assert len(client.answer("a")) == 1000
    assert client.inbox[had]["first_row"] > 0


def test_a_long_answer_goes_on_where_a_dead_deliverer_was(world: World) -> None:
    world.warehouse.rows = lambda _: [[n, "x" * 1000] for n in range(1000)]
    world.warehouse.page = 100
    client = world.connect()
    world.ask(client)

    class Killed(BaseException):
        pass

    def cut(what: str, _: Any) -> None:
        if what == "management.post_to_connection":
            world.clock.now += 6
            if len(client.inbox) == 7:
                raise Killed

    world.cut = cut
    (statement,) = world.warehouse.running()
    with pytest.raises(Killed):
        world.deliver(world.end(statement))
    world.cut = lambda *_: None
    world.sweep()
    assert client.inbox[7]["first_row"] > 0
    assert len(client.answer("a")) == 1000


def test_a_slow_client_alone_has_more_time(world: World) -> None:
    world.warehouse.rows = lambda _: [[n, "x" * 1000] for n in range(2000)]
    world.warehouse.page = 100
    client = world.connect()
    world.ask(client)
    turns = iter(range(10_000))
    world.stage.trouble = lambda _: 429 if next(turns) % 5 else 0
    world.finish()
    assert len(client.answer("a")) == 2000
    assert len(client.ends("a")) == 1


def test_the_end_of_a_token_ends_the_connection(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="CUSTOM")
    end = int(world.clock.now) + 600
    context = {"authorizer": {"principalId": "me", "expires_at": f"{end:.9e}"}}
    client = world.connect(context=context)
    world.ask(client, live=True)
    world.finish()
    assert len(client.ends("a")) == 1
    world.clock.now += 600
    world.new_data()
    world.finish()
    assert len(client.ends("a")) == 1  # no row after the end, even if the sweep has not come yet
    assert world.ask(client, "b")["code"] == "signed_out"
    world.sweep(1)
    assert not client.connected
    assert list(world.found("C#")) == list(world.found("Q#", "W#")) == []


TENANT = {"tenant": {"type": "claim"}, "month": {"type": "month"}}


def test_two_tenants(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="CUSTOM")
    world.publish("daily", "SELECT n FROM t WHERE tenant = :tenant AND m = :month", TENANT)
    world.warehouse.rows = lambda statement: [[1, statement.parameters["tenant"]]]
    one, two, three = (world.connect(context={"authorizer": {"principalId": name, "tenant": name}}) for name in "xyx")
    runs = [world.ask(client)["run"] for client in (one, two, three)]
    assert runs[0] == runs[2] != runs[1]
    world.finish()
    assert [client.answer("a") for client in (one, two, three)] == [[[1, "x"]], [[1, "y"]], [[1, "x"]]]
    answer = world.say(one, action="query", id="z", query="daily", params={"month": "2015-01", "tenant": "y"})
    assert answer["code"] == "bad_parameter"
    resumed = world.ask(one, "b", resume={"run": runs[1], "row": 0})
    assert resumed["run"] == runs[0]
    nobody = world.connect(context={"authorizer": {"principalId": "z"}})
    assert world.ask(nobody)["code"] == "forbidden"


def test_custom_without_an_authorizer_lets_nobody_in(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="CUSTOM")
    assert world.socket("CONNECT", "c")["statusCode"] == 401
    assert list(world.found("C#")) == []


def test_groups(make_world: Callable[..., World]) -> None:
    world = make_world(AUTHORIZATION="CUSTOM")
    world.publish("daily", "SELECT n WHERE m = :month", {"month": {"type": "month"}}, allowed_groups=["finance"])
    inside = world.connect(context={"authorizer": {"principalId": "me", "groups": "[staff finance]"}})
    outside = world.connect(context={"authorizer": {"principalId": "you", "groups": "[staff]"}})
    assert world.ask(inside)["type"] == "accepted"
    assert world.ask(outside)["code"] == "forbidden"
    assert [len(world.say(one, action="catalog")["queries"]) for one in (inside, outside)] == [1, 0]


@pytest.mark.parametrize("change", ["removed", "sql", "groups", "claim"])
def test_the_catalogue_changes_while_live_waiters_wait(world: World, change: str) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    if change == "removed":
        del world.dynamo.items["CATALOGUE", "daily"]
    elif change == "sql":
        world.publish("daily", "SELECT less FROM t WHERE m = :month", {"month": {"type": "month"}})
    elif change == "groups":
        world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, allowed_groups=["x"])
    else:
        parameters = {"month": {"type": "month"}, "tenant": {"type": "claim"}}
        world.publish("daily", "SELECT n FROM t WHERE m = :month", parameters)
    world.new_data()
    assert world.warehouse.running() == []
    assert [one.get("code") for one in client.ends("a")] == [None, "query_changed"]
    world.check_nothing_open()


def test_a_description_may_change(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    world.publish("daily", "SELECT n FROM t WHERE m = :month", {"month": {"type": "month"}}, description="better")
    world.new_data()
    assert len(world.warehouse.running()) == 1


def test_the_first_question_on_the_url(world: World) -> None:
    client = world.connect(queryStringParameters={"query": "daily", "month": "2015-01"})
    world.finish()
    assert [one["held"] for one in client.inbox if one["type"] == "accepted"] == [False]
    assert len(client.answer("connect")) == 5
    wrong = world.connect(queryStringParameters={"query": "daily", "month": "2015-13"})
    world.drain()
    assert [(one["id"], one["code"]) for one in wrong.inbox] == [("connect", "bad_parameter")]


def test_a_message_cannot_be_an_event(world: World) -> None:
    """A client writes `$connect` or `POST /ticket` as its action; the type of the event is API Gateway's own word."""
    client = world.connect()
    for key in ("$connect", "$disconnect", "POST /ticket"):
        answer = world.socket("MESSAGE", client.id, {"action": key}, context={"routeKey": key})
        assert json.loads(answer["body"])["code"] == "bad_request"
    assert world.ask(client)["type"] == "accepted"


def test_a_sweep_that_fails_for_one_looks_after_the_others(world: World) -> None:
    client = world.connect()
    world.ask(client, "a")
    world.ask(client, "b", "2015-02")
    for statement in world.warehouse.running():
        world.end(statement)
    world.warehouse.trouble["describe_statement"] = [refusal(400, "AccessDeniedException")]
    world.clock.now += 60
    with pytest.raises(SweepFailed):
        world.deliver({"action": "sweep"})
    world.drain()
    assert len(client.ends("a") + client.ends("b")) == 1
    world.sweep()
    assert len(client.ends("a") + client.ends("b")) == 2


def test_an_unheard_statement_is_asked_of_redshift(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.end(world.warehouse.running()[0])
    world.sweep(10)
    assert client.inbox == []  # its event may still come
    world.sweep(20)
    assert len(client.answer("a")) == 5


def test_a_new_table_meets_no_token_of_the_old(world: World) -> None:
    client = world.connect()
    world.ask(client)
    world.finish()
    catalogue = world.dynamo.items["CATALOGUE", "daily"]
    world.dynamo.items.clear()
    world.dynamo.items["CATALOGUE", "daily"] = catalogue
    world.clock.now += 5
    world.ask(world.connect())
    assert len(world.warehouse.statements) == 2


def test_foreign_origins(make_world: Callable[..., World]) -> None:
    world = make_world(ALLOWED_ORIGINS='["https://ours.example"]')
    for origin, status in (("https://ours.example", 200), ("https://theirs.example", 403), ("null", 403)):
        assert world.socket("CONNECT", "c", headers={"Origin": origin})["statusCode"] == status


def test_the_subprotocol_is_echoed_and_a_ticket_never(world: World) -> None:
    offer = {"Sec-WebSocket-Protocol": "relay.v1, relay.ticket.0123"}
    assert world.socket("CONNECT", "c", headers=offer)["headers"] == {"Sec-WebSocket-Protocol": "relay.v1"}
    assert world.socket("CONNECT", "d", headers={"Sec-WebSocket-Protocol": "relay.ticket.0123"})["headers"] == {}
