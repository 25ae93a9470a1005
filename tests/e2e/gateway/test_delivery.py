"""Answers reach all who wait for them: complete, in order, once, and in messages that fit."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from tests.e2e.gateway.gateway_bed import FEW, WIDE, GatewayBed
from tests.e2e.gateway.listening import Listener, at_once, crowd, listening, unasked
from tests.e2e.testbed import until

MESSAGE_BYTES = 128 * 1024


def titles(count: int) -> list[list[object]]:
    return [[i, f"row number {i}"] for i in range(1, count + 1)]


def test_many_clients_one_statement(bed: GatewayBed) -> None:
    n = unasked()
    with crowd(bed.open, 200) as clients:
        with bed.held_up():
            accepted = at_once(lambda client: client.ask("gated", n), clients)
        at_once(Listener.ended, clients)
        assert {said["run"] for said in accepted} == {accepted[0]["run"]}
        answers = [client.answers() for client in clients]
    assert all(len(got) == 1 and got[0].rows == answers[0][0].rows for got in answers)
    assert answers[0][0].rows[0][0] == n
    assert len(bed.open.statements(accepted[0]["run"].split(".")[0])) == 1


def test_a_second_tab_joins_the_run_and_a_third_gets_the_held_answer(bed: GatewayBed) -> None:
    n = unasked()
    with listening(bed.open) as first, listening(bed.open) as second, listening(bed.open) as third:
        with bed.held_up():
            run = first.ask("gated", n)["run"]
            joined = second.ask("gated", n)
        assert (joined["run"], joined["cached"]) == (run, False)
        assert not first.ended()["cached"]
        assert not second.ended()["cached"]
        cached = third.ask("gated", n)
        assert (cached["run"], cached["cached"]) == (run, True)
        assert third.ended()["cached"]
        (one,), (two,), (three,) = first.answers(), second.answers(), third.answers()
    assert one.rows == two.rows == three.rows
    assert len(bed.open.statements(run.split(".")[0])) == 1


@pytest.mark.parametrize("count", [0, 1, 100_000])
def test_results_of_any_length(bed: GatewayBed, count: int) -> None:
    with listening(bed.open) as client:
        client.ask("many", count)
        done = client.ended()
        (answer,) = client.answers()
    assert answer.rows == titles(count)
    assert (done["rows"], done["truncated"]) == (count, False)
    columns = [said["columns"] for said in client.messages if "columns" in said]
    assert columns == [[{"name": "id", "type": "int4"}, {"name": "title", "type": "varchar"}]]
    assert client.largest < MESSAGE_BYTES


def test_messages_are_filled_and_fit(bed: GatewayBed) -> None:
    count = 300
    with listening(bed.open) as client:
        client.ask("bulky", count)
        client.ended()
        assert client.answers()[0].rows == [[i, "x" * 5000] for i in range(1, count + 1)]
    assert 100_000 < client.largest < MESSAGE_BYTES


@pytest.mark.parametrize(("count", "rows"), [(FEW - 1, FEW - 1), (FEW, FEW), (FEW + 1, FEW), (5 * FEW, FEW)])
def test_no_more_rows_than_max_rows(bed: GatewayBed, count: int, rows: int) -> None:
    with listening(bed.open) as client:
        client.ask("few", count)
        done = client.ended()
        (answer,) = client.answers()
    assert answer.rows == [[i] for i in range(1, rows + 1)]
    assert (done["rows"], done["truncated"]) == (rows, count > rows)


@pytest.mark.parametrize("within", [0, 7], ids=["between messages", "within a message"])
def test_who_left_in_the_middle_gets_the_rest(bed: GatewayBed, within: int) -> None:
    count = 20_000 + unasked() % 10_000
    with listening(bed.open) as client:
        run = client.ask("many", count)["run"]
        client.wait(lambda said: said.get("first_row", 0) > 0)
        had = [row for said in client.messages if said["type"] == "rows" for row in said["rows"]]
        had = had[: len(had) - within]
    assert had == titles(count)[: len(had)]
    assert 0 < len(had) < count
    with listening(bed.open) as again:
        accepted = again.ask("many", count, resume={"run": run, "row": len(had)})
        again.ended()
        first = min(said["first_row"] for said in again.messages if said["type"] == "rows")
        (rest,) = again.answers(first_row=first)
    assert accepted["run"] == run
    # A message is sent whole: what the client has of it, it knows by the numbers.
    assert first == len(had) if within == 0 else first < len(had)
    assert had + rest.rows[len(had) - first :] == titles(count)
    assert len(bed.open.statements(run)) == 1


def test_a_resumed_run_that_is_not_kept_starts_over(bed: GatewayBed) -> None:
    with listening(bed.open) as client:
        accepted = client.ask("many", 5, resume={"run": "0" * 32 + ".0.1", "row": 3})
        assert client.ended()["run"] == accepted["run"]
        assert client.answers()[0].rows == titles(5)


def test_who_reads_nothing_holds_up_nobody(bed: GatewayBed) -> None:
    """More than what lies between the gateway and a client takes in: 24 MB."""
    count = 4800 + unasked() % 100
    with crowd(bed.open, 3) as clients:
        sleepy, *others = clients
        run = at_once(lambda client: client.ask("bulky", count), others)[0]["run"]
        at_once(Listener.ended, others)
        sleepy.send(action="query", id="a", query="bulky", params={"n": count})
        at_once(lambda client: client.ask("bulky", count, id_="b"), others)
        at_once(lambda client: client.ended("b"), others)
        for client in others:
            assert [row[0] for row in client.answers("b")[0].rows] == list(range(1, count + 1))

        def put_aside() -> bool:
            rows = [int(item["resume_row"]["N"]) for item in waiters(bed, run)]
            return bool(rows and rows[0] > 0)

        until(put_aside, "the moment in which the one that does not read is put aside")

        # When it wakes up, it gets what is still missing, at the latest by the sweep.
        def swept() -> bool:
            bed.open.sweep()
            sleepy.up_to_now()
            return bool(sleepy.answers(repeated=True))

        until(swept, "the answer of the one that did not read")
        assert [row[0] for row in sleepy.answers(repeated=True)[0].rows] == list(range(1, count + 1))
    assert len(bed.open.statements(run)) == 1


def waiters(bed: GatewayBed, run: str) -> list[dict[str, Any]]:
    return [item for item in bed.open.items(f"Q#{run.split('.')[0]}") if item["sk"]["S"].startswith("W#")]


def test_who_is_gone_without_a_word_holds_up_nobody(bed: GatewayBed) -> None:
    n, socket = unasked(), bed.open.outputs["function_names"]["socket"]
    with listening(bed.open) as stays:
        with bed.held_up():
            with ExitStack() as stack, listening(bed.open) as gone:
                run = gone.ask("gated", n)["run"]
                # Its $disconnect is never heard.
                killed = stack.enter_context(bed.cloud.kill("dynamodb:UpdateItem", function=socket))
                gone.socket.close()
                until(killed, "the end of $disconnect")
            stays.ask("gated", n)
        stays.ended()
        assert stays.answers()[0].rows[0][0] == n
        until(lambda: len(waiters(bed, run)) == 1, "the end of the waiter that has its answer")

        def forgotten() -> bool:
            bed.open.let_time_pass()
            bed.open.sweep()
            return not waiters(bed, run)

        until(forgotten, "the end of the waiter")


def test_a_row_that_fits_into_no_message_fails_its_request_only(bed: GatewayBed) -> None:
    with listening(bed.open) as client:
        client.ask("wide", WIDE, id_="wide")
        client.ask("wide", WIDE - 1, id_="narrow")
        failed = client.ended("wide")
        assert (failed["type"], failed["code"]) == ("error", "row_too_wide")
        assert client.ended("narrow")["rows"] == WIDE - 1
        before = [said["rows"] for said in client.messages if said["type"] == "rows" and said["id"] == "wide"]
        assert sum(map(len, before)) == WIDE - 1
        client.ask("one", 1, id_="after")
        assert client.ended("after")["rows"] == 1
        assert client.largest < MESSAGE_BYTES
