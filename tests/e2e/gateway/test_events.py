"""Events that come too early, twice, never, or by the thousand; runs that failed, were cancelled or took too long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.cloud import TIMEOUT_SECONDS, until
from tests.e2e.gateway.client import Client, at_once, connect_client, connect_clients, unasked
from tests.e2e.gateway.gateways import CHANGED, Gateways
from tests.e2e.gateway.queries import GATE

BURST = 1000


def question(run: str) -> str:
    return run.split(".")[0]


@pytest.fixture
def changing(gateways: Gateways) -> Iterator[None]:
    """What a test puts into the table leaves with it."""
    yield
    gateways.cloud.query(f"DELETE FROM {GATE}")


def ended(gateways: Gateways, run: str) -> str:
    """How the statement of a run ended, once it has."""

    def status() -> str | None:
        (statement,) = gateways.open.statements(run)
        return statement["Status"] if statement["Status"] in ("FINISHED", "FAILED", "ABORTED") else None

    return until(status, f"the end of {run}")


# --- too early


def test_a_completion_before_the_askers_call_has_returned(gateways: Gateways) -> None:
    """The socket function never gets to note that it has started the statement, which ends and is delivered."""
    n, socket = unasked(), gateways.open.outputs["function_names"]["socket"]
    with connect_client(gateways.open) as client:
        with gateways.cloud.kill("redshift-data:ExecuteStatement", when="after", function=socket) as killed:
            said = client.ask("one", n)
            assert killed()
        assert said["message"] == "Internal server error"
        assert client.ended()["rows"] == 1
        (answer,) = client.answers()
        assert answer.rows == [[n]]
        # Who asks now gets what is there.
        assert client.ask("one", n, id_="b")["run"] == answer.run
        assert client.ended("b")["cached"]
    assert len(gateways.open.statements(question(answer.run))) == 1


def test_an_answer_before_the_client_is_connected(gateways: Gateways) -> None:
    """The first question rides on the URL, and its answer is cached already: it is ready before $connect returns."""
    n = unasked()
    with connect_client(gateways.open) as first:
        first.ask("one", n)
        first.ended()
    for _ in range(5):
        with connect_client(gateways.open, f"query=one&n={n}") as client:
            assert client.ended("connect")["cached"]
            client.wait(lambda said: said.get("type") == "accepted")
            assert client.answers("connect")[0].rows == [[n]]


# --- twice


def test_every_event_twice(gateways: Gateways) -> None:
    n = unasked()
    with connect_clients(gateways.open, 12) as clients, gateways.cloud.events("duplicate"):
        with gateways.held_up():
            run = at_once(lambda client: client.ask("gated", n, live=clients.index(client) % 2 == 0), clients)[0]["run"]
            before = gateways.open.invocations("deliver")
        at_once(Client.ended, clients)
        until(lambda: gateways.open.invocations("deliver") >= before + 2, "the end of both deliveries")
        for client in clients:
            assert [said["type"] for said in client.up_to_now()] == ["accepted", "rows", "complete", "pong"]
            assert client.answers()[0].rows[0][0] == n
    assert len(gateways.open.statements(question(run))) == 1


def test_every_event_twice_when_the_data_changes(gateways: Gateways, changing: None) -> None:
    n = unasked()
    with connect_clients(gateways.open, 6) as clients, gateways.cloud.events("duplicate"):
        with gateways.held_up():  # who asks while a run ends may get its answer twice
            run = at_once(lambda client: client.ask("gated", n, live=True), clients)[0]["run"]
        at_once(Client.ended, clients)
        before = gateways.open.invocations("deliver")
        gateways.cloud.query(f"INSERT INTO {GATE} VALUES (1)")
        version = gateways.open.data_changed()
        at_once(lambda client: client.version(version), clients)
        # Of the change and, twice, of the end of the run.
        until(lambda: gateways.open.invocations("deliver") >= before + 3, "the end of both deliveries")
        for client in clients:
            # Rows may overtake what says that the question was accepted.
            said = [one["type"] for one in client.up_to_now() if one["type"] != "accepted"]
            assert said == [*2 * ["rows", "complete"], "pong"]
            assert [answer.rows for answer in client.answers()] == [[[n, 0]], [[n, 1]]]
    assert len(gateways.open.statements(question(run))) == 2


# --- never


@pytest.mark.parametrize("swept", ["by hand", "on schedule"])
def test_no_event_at_all(gateways: Gateways, changing: None, swept: str) -> None:
    n = unasked()

    def sweep() -> None:
        gateways.open.let_time_pass()
        if swept == "by hand":
            gateways.open.sweep()
        else:
            gateways.open.sweep_on_schedule()

    with connect_client(gateways.open) as once, connect_client(gateways.open) as live, gateways.cloud.events("drop"):
        run = once.ask("gated", n)["run"]
        live.ask("gated", n, live=True)
        failing = once.ask("failing", 0, id_="failing")["run"]
        assert (ended(gateways, run), ended(gateways, failing)) == ("FINISHED", "FAILED")
        assert [said["type"] for said in once.up_to_now()] == ["accepted", "accepted", "pong"]
        sweep()
        assert once.ended()["rows"] == 1
        assert live.ended()["rows"] == 1
        assert once.ended("failing")["code"] == "query_failed"
        gateways.cloud.query(f"INSERT INTO {GATE} VALUES (1)")
        version = gateways.open.data_changed()
        second = until(
            lambda: [one for one in gateways.open.statements(question(run)) if run not in one["StatementName"]]
        )
        assert ended(gateways, second[0]["StatementName"].rpartition("/")[2]) == "FINISHED"
        sweep()
        live.version(version)
        assert [answer.rows for answer in live.answers()] == [[[n, 0]], [[n, 1]]]
        assert [answer.rows for answer in once.answers()] == [[[n, 0]]]


def test_no_event_that_the_data_changed_reached_its_questions(gateways: Gateways, changing: None) -> None:
    """The function that heard of it was killed, for good: the sweep starts the run."""
    n, deliver = unasked(), gateways.open.outputs["function_names"]["deliver"]
    with connect_client(gateways.open) as client:
        client.ask("gated", n, live=True)
        client.ended()
        gateways.cloud.query(f"INSERT INTO {GATE} VALUES (1)")
        with gateways.cloud.kill("dynamodb:UpdateItem", when="after", function=deliver) as killed:
            answer = gateways.open.invoke(
                "deliver", {"source": CHANGED["Source"], "detail-type": "Changed", "time": "2026-01-01T00:00:00Z"}
            )
            assert "errorMessage" in answer
            assert killed()
        gateways.open.sweep()
        client.version(gateways.open.version())
        assert [answer.rows for answer in client.answers()] == [[[n, 0]], [[n, 1]]]


# --- by the thousand


def test_a_thousand_changes_make_two_runs(gateways: Gateways, changing: None) -> None:
    n, events = unasked(), gateways.cloud.client("events")
    with connect_clients(gateways.open, 3) as clients:
        with gateways.held_up():  # all join the run before it ends
            run = at_once(lambda client: client.ask("gated", n, live=True), clients)[0]["run"]
        at_once(Client.ended, clients)
        before, last = gateways.open.invocations("deliver"), gateways.open.version() + BURST
        with gateways.held_up():
            at_once(lambda _: events.put_events(Entries=[CHANGED] * 10), list(range(BURST // 10)))
            until(lambda: gateways.open.version() == last, "the last of the versions", seconds=5 * TIMEOUT_SECONDS)
        at_once(lambda client: client.version(last), clients)
        until(lambda: gateways.open.invocations("deliver") >= before + BURST + 2, "the end of all deliveries")
        for client in clients:
            client.up_to_now()
            versions = [answer.complete["version"] for answer in client.answers()]
            assert versions == sorted(set(versions))
            assert versions[-1] == last
    assert len(gateways.open.statements(question(run))) <= 3


# --- new data


def test_a_live_client_gets_what_is_new(gateways: Gateways, changing: None) -> None:
    n = unasked()
    with connect_client(gateways.open) as live, connect_client(gateways.open) as once:
        live.ask("gated", n, live=True)
        once.ask("gated", n)
        at_once(Client.ended, [live, once])
        for rows in (1, 2):
            gateways.cloud.query(f"INSERT INTO {GATE} VALUES ({rows})")
            version = gateways.open.data_changed()
            assert live.version(version)["version"] == version
        live.up_to_now()
        assert [answer.rows for answer in live.answers()] == [[[n, rows]] for rows in (0, 1, 2)]
        once.up_to_now()
        assert [answer.rows for answer in once.answers()] == [[[n, 0]]]
        # Whoever asks now gets the answer that the live client has.
        assert once.ask("gated", n, id_="again")["cached"]
        once.ended("again")
        assert once.answers("again")[0].rows == [[n, 2]]


def test_a_change_while_a_run_is_in_flight_makes_another(gateways: Gateways, changing: None) -> None:
    n = unasked()
    with connect_client(gateways.open) as early, connect_client(gateways.open) as late:
        with gateways.held_up():
            run = early.ask("gated", n)["run"]
            version = gateways.open.data_changed()
            assert late.ask("gated", n)["run"] == run
        assert early.ended()["version"] < version
        # Asked after the change, so an answer from before it will not do.
        assert late.ended()["version"] == version
        assert [len(client.answers()) for client in (early, late)] == [1, 1]
    assert len(gateways.open.statements(question(run))) == 2


# --- asked again


def test_a_failed_run_asked_again_runs_again(gateways: Gateways) -> None:
    with connect_client(gateways.open) as client:
        runs = []
        for id_ in ("a", "b"):
            runs.append(client.ask("failing", 0, id_=id_)["run"])
            failed = client.ended(id_)
            assert (failed["type"], failed["code"], failed["run"]) == ("error", "query_failed", runs[-1])
            assert "division" not in failed["message"]
    assert runs[0] != runs[1]
    assert [ended(gateways, run) for run in runs] == ["FAILED", "FAILED"]


def test_a_cancelled_run_asked_again_runs_again(gateways: Gateways) -> None:
    n = unasked()
    with connect_client(gateways.open) as client:
        with gateways.held_up():
            first = client.ask("gated", n)["run"]
            assert client.cancel()["type"] == "cancelled"
            assert ended(gateways, first) == "ABORTED"
            until(lambda: gateways.open.meta(first)["state"]["S"] == "ABORTED", "the end of the run")
            second = client.ask("gated", n)["run"]
        assert client.ended()["run"] == second != first
        assert client.answers()[0].rows[0][0] == n
    assert ended(gateways, second) == "FINISHED"


def test_who_asks_while_a_run_is_being_cancelled_gets_an_answer(gateways: Gateways) -> None:
    """The end of the cancelled run is not known yet: its next asker joins it, and gets a run of their own then."""
    n = unasked()
    with connect_client(gateways.open) as client:
        with gateways.held_up(), gateways.cloud.events("drop"):
            first = client.ask("gated", n)["run"]
            client.cancel()
            assert ended(gateways, first) == "ABORTED"
            assert client.ask("gated", n, id_="again")["run"] == first
        gateways.open.let_time_pass()
        gateways.open.sweep()
        assert client.ended("again")["rows"] == 1
        assert client.answers("again")[0].run != first


def test_the_statement_goes_on_while_somebody_waits(gateways: Gateways) -> None:
    n = unasked()
    with connect_client(gateways.open) as leaves, connect_client(gateways.open) as stays:
        with gateways.held_up():
            run = leaves.ask("gated", n)["run"]
            stays.ask("gated", n)
            assert leaves.cancel()["type"] == "cancelled"
        assert stays.ended()["run"] == run
        assert ended(gateways, run) == "FINISHED"
        assert [said["type"] for said in leaves.up_to_now()] == ["accepted", "cancelled", "pong"]


def test_a_run_that_takes_too_long_is_cancelled(gateways: Gateways) -> None:
    n = unasked()
    with connect_client(gateways.open) as client:
        with gateways.held_up():
            run = client.ask("brief", n)["run"]

            def cancelled() -> bool:
                gateways.open.let_time_pass()
                gateways.open.sweep()
                return gateways.open.statements(run)[0]["Status"] == "ABORTED"

            until(cancelled, "the end of the run")
        assert client.ended()["code"] == "timeout"
        assert client.ask("brief", n, id_="again")["run"] != run
        assert client.ended("again")["rows"] == 1
