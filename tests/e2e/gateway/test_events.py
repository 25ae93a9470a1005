"""Events that come too early, twice, never, or by the thousand; runs that failed, were cancelled or took too long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.gateway.gateway_bed import CHANGED, GATE, GatewayBed
from tests.e2e.gateway.listening import Listener, at_once, crowd, listening, unasked
from tests.e2e.testbed import PATIENCE, until

BURST = 1000


def question(run: str) -> str:
    return run.split(".")[0]


@pytest.fixture
def changing(bed: GatewayBed) -> Iterator[None]:
    """What a test puts into the table leaves with it."""
    yield
    bed.cloud.query(f"DELETE FROM {GATE}")


def ended(bed: GatewayBed, run: str) -> str:
    """How the statement of a run ended, once it has."""

    def status() -> str | None:
        (statement,) = bed.open.statements(run)
        return statement["Status"] if statement["Status"] in ("FINISHED", "FAILED", "ABORTED") else None

    return until(status, f"the end of {run}")


# --- too early


def test_a_completion_before_the_askers_call_has_returned(bed: GatewayBed) -> None:
    """The socket function never gets to note that it has started the statement, which ends and is delivered."""
    n, socket = unasked(), bed.open.outputs["function_names"]["socket"]
    with listening(bed.open) as client:
        with bed.cloud.kill("redshift-data:ExecuteStatement", when="after", function=socket) as killed:
            said = client.ask("one", n)
            assert killed()
        assert said["message"] == "Internal server error"
        assert client.ended()["rows"] == 1
        (answer,) = client.answers()
        assert answer.rows == [[n]]
        # Who asks now gets what is there.
        assert client.ask("one", n, id_="b")["run"] == answer.run
        assert client.ended("b")["cached"]
    assert len(bed.open.statements(question(answer.run))) == 1


def test_an_answer_before_the_client_is_connected(bed: GatewayBed) -> None:
    """The first question rides on the URL, and its answer is cached already: it is ready before $connect returns."""
    n = unasked()
    with listening(bed.open) as first:
        first.ask("one", n)
        first.ended()
    for _ in range(5):
        with listening(bed.open, f"query=one&n={n}") as client:
            assert client.ended("connect")["cached"]
            client.wait(lambda said: said.get("type") == "accepted")
            assert client.answers("connect")[0].rows == [[n]]


# --- twice


def test_every_event_twice(bed: GatewayBed) -> None:
    n = unasked()
    with crowd(bed.open, 12) as clients, bed.cloud.events("duplicate"):
        with bed.held_up():
            run = at_once(lambda client: client.ask("gated", n, live=clients.index(client) % 2 == 0), clients)[0]["run"]
            before = bed.open.invocations("deliver")
        at_once(Listener.ended, clients)
        until(lambda: bed.open.invocations("deliver") >= before + 2, "the end of both deliveries")
        for client in clients:
            assert [said["type"] for said in client.up_to_now()] == ["accepted", "rows", "complete", "pong"]
            assert client.answers()[0].rows[0][0] == n
    assert len(bed.open.statements(question(run))) == 1


def test_every_event_twice_when_the_data_changes(bed: GatewayBed, changing: None) -> None:
    n = unasked()
    with crowd(bed.open, 6) as clients, bed.cloud.events("duplicate"):
        run = at_once(lambda client: client.ask("gated", n, live=True), clients)[0]["run"]
        at_once(Listener.ended, clients)
        before = bed.open.invocations("deliver")
        bed.cloud.query(f"INSERT INTO {GATE} VALUES (1)")
        version = bed.open.data_changed()
        at_once(lambda client: client.version(version), clients)
        # Of the change and, twice, of the end of the run.
        until(lambda: bed.open.invocations("deliver") >= before + 3, "the end of both deliveries")
        for client in clients:
            # Rows may overtake what says that the question was accepted.
            said = [one["type"] for one in client.up_to_now() if one["type"] != "accepted"]
            assert said == [*2 * ["rows", "complete"], "pong"]
            assert [answer.rows for answer in client.answers()] == [[[n, 0]], [[n, 1]]]
    assert len(bed.open.statements(question(run))) == 2


# --- never


@pytest.mark.parametrize("swept", ["by hand", "on schedule"])
def test_no_event_at_all(bed: GatewayBed, changing: None, swept: str) -> None:
    n = unasked()

    def sweep() -> None:
        bed.open.let_time_pass()
        if swept == "by hand":
            bed.open.sweep()
        else:
            bed.open.sweep_on_schedule()

    with listening(bed.open) as once, listening(bed.open) as live, bed.cloud.events("drop"):
        run = once.ask("gated", n)["run"]
        live.ask("gated", n, live=True)
        failing = once.ask("failing", 0, id_="failing")["run"]
        assert (ended(bed, run), ended(bed, failing)) == ("FINISHED", "FAILED")
        assert [said["type"] for said in once.up_to_now()] == ["accepted", "accepted", "pong"]
        sweep()
        assert once.ended()["rows"] == 1
        assert live.ended()["rows"] == 1
        assert once.ended("failing")["code"] == "query_failed"
        bed.cloud.query(f"INSERT INTO {GATE} VALUES (1)")
        version = bed.open.data_changed()
        second = until(lambda: [one for one in bed.open.statements(question(run)) if run not in one["StatementName"]])
        assert ended(bed, second[0]["StatementName"].rpartition("/")[2]) == "FINISHED"
        sweep()
        live.version(version)
        assert [answer.rows for answer in live.answers()] == [[[n, 0]], [[n, 1]]]
        assert [answer.rows for answer in once.answers()] == [[[n, 0]]]


def test_no_event_that_the_data_changed_reached_its_questions(bed: GatewayBed, changing: None) -> None:
    """The function that heard of it was killed, for good: the sweep starts the run."""
    n, deliver = unasked(), bed.open.outputs["function_names"]["deliver"]
    with listening(bed.open) as client:
        client.ask("gated", n, live=True)
        client.ended()
        bed.cloud.query(f"INSERT INTO {GATE} VALUES (1)")
        with bed.cloud.kill("dynamodb:UpdateItem", when="after", function=deliver) as killed:
            answer = bed.open.invoke("deliver", {"source": CHANGED["Source"], "time": "2026-01-01T00:00:00Z"})
            assert "errorMessage" in answer
            assert killed()
        bed.open.sweep()
        client.version(bed.open.version())
        assert [answer.rows for answer in client.answers()] == [[[n, 0]], [[n, 1]]]


# --- by the thousand


def test_a_thousand_changes_make_two_runs(bed: GatewayBed, changing: None) -> None:
    n, events = unasked(), bed.cloud.client("events")
    with crowd(bed.open, 3) as clients:
        run = at_once(lambda client: client.ask("gated", n, live=True), clients)[0]["run"]
        at_once(Listener.ended, clients)
        before, last = bed.open.invocations("deliver"), bed.open.version() + BURST
        with bed.held_up():
            at_once(lambda _: events.put_events(Entries=[CHANGED] * 10), list(range(BURST // 10)))
            until(lambda: bed.open.version() == last, "the last of the versions", seconds=5 * PATIENCE)
        at_once(lambda client: client.version(last), clients)
        until(lambda: bed.open.invocations("deliver") >= before + BURST + 2, "the end of all deliveries")
        for client in clients:
            client.up_to_now()
            versions = [answer.complete["version"] for answer in client.answers()]
            assert versions == sorted(set(versions))
            assert versions[-1] == last
    assert len(bed.open.statements(question(run))) <= 3


# --- new data


def test_a_live_client_gets_what_is_new(bed: GatewayBed, changing: None) -> None:
    n = unasked()
    with listening(bed.open) as live, listening(bed.open) as once:
        live.ask("gated", n, live=True)
        once.ask("gated", n)
        at_once(Listener.ended, [live, once])
        for rows in (1, 2):
            bed.cloud.query(f"INSERT INTO {GATE} VALUES ({rows})")
            version = bed.open.data_changed()
            assert live.version(version)["version"] == version
        live.up_to_now()
        assert [answer.rows for answer in live.answers()] == [[[n, rows]] for rows in (0, 1, 2)]
        once.up_to_now()
        assert [answer.rows for answer in once.answers()] == [[[n, 0]]]
        # Whoever asks now gets the answer that the live client has.
        assert once.ask("gated", n, id_="again")["cached"]
        once.ended("again")
        assert once.answers("again")[0].rows == [[n, 2]]


def test_a_change_while_a_run_is_in_flight_makes_another(bed: GatewayBed, changing: None) -> None:
    n = unasked()
    with listening(bed.open) as early, listening(bed.open) as late:
        with bed.held_up():
            run = early.ask("gated", n)["run"]
            version = bed.open.data_changed()
            assert late.ask("gated", n)["run"] == run
        assert early.ended()["version"] < version
        # Asked after the change, so an answer from before it will not do.
        assert late.ended()["version"] == version
        assert [len(client.answers()) for client in (early, late)] == [1, 1]
    assert len(bed.open.statements(question(run))) == 2


# --- asked again


def test_a_failed_run_asked_again_runs_again(bed: GatewayBed) -> None:
    with listening(bed.open) as client:
        runs = []
        for id_ in ("a", "b"):
            runs.append(client.ask("failing", 0, id_=id_)["run"])
            failed = client.ended(id_)
            assert (failed["type"], failed["code"], failed["run"]) == ("error", "query_failed", runs[-1])
            assert "division" not in failed["message"]
    assert runs[0] != runs[1]
    assert [ended(bed, run) for run in runs] == ["FAILED", "FAILED"]


def test_a_cancelled_run_asked_again_runs_again(bed: GatewayBed) -> None:
    n = unasked()
    with listening(bed.open) as client:
        with bed.held_up():
            first = client.ask("gated", n)["run"]
            assert client.cancel()["type"] == "cancelled"
            assert ended(bed, first) == "ABORTED"
            until(lambda: bed.open.meta(first)["state"]["S"] == "ABORTED", "the end of the run")
            second = client.ask("gated", n)["run"]
        assert client.ended()["run"] == second != first
        assert client.answers()[0].rows[0][0] == n
    assert ended(bed, second) == "FINISHED"


def test_who_asks_while_a_run_is_being_cancelled_gets_an_answer(bed: GatewayBed) -> None:
    """The end of the cancelled run is not known yet: its next asker joins it, and gets a run of their own then."""
    n = unasked()
    with listening(bed.open) as client:
        with bed.held_up(), bed.cloud.events("drop"):
            first = client.ask("gated", n)["run"]
            client.cancel()
            assert ended(bed, first) == "ABORTED"
            assert client.ask("gated", n, id_="again")["run"] == first
        bed.open.let_time_pass()
        bed.open.sweep()
        assert client.ended("again")["rows"] == 1
        assert client.answers("again")[0].run != first


def test_the_statement_goes_on_while_somebody_waits(bed: GatewayBed) -> None:
    n = unasked()
    with listening(bed.open) as leaves, listening(bed.open) as stays:
        with bed.held_up():
            run = leaves.ask("gated", n)["run"]
            stays.ask("gated", n)
            assert leaves.cancel()["type"] == "cancelled"
        assert stays.ended()["run"] == run
        assert ended(bed, run) == "FINISHED"
        assert [said["type"] for said in leaves.up_to_now()] == ["accepted", "cancelled", "pong"]


def test_a_run_that_takes_too_long_is_cancelled(bed: GatewayBed) -> None:
    n = unasked()
    with listening(bed.open) as client:
        with bed.held_up():
            run = client.ask("brief", n)["run"]

            def cancelled() -> bool:
                bed.open.let_time_pass()
                bed.open.sweep()
                return bed.open.statements(run)[0]["Status"] == "ABORTED"

            until(cancelled, "the end of the run")
        assert client.ended()["code"] == "timeout"
        assert client.ask("brief", n, id_="again")["run"] != run
        assert client.ended("again")["rows"] == 1
