"""Answers reach all who wait for them: complete, in order, once, and in messages that fit."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from tests.e2e.cloud import until
from tests.e2e.gateway.client import Client, at_once, connect_client, connect_clients, unasked
from tests.e2e.gateway.gateways import Gateways
from tests.e2e.gateway.queries import FEW, WIDE

MESSAGE_BYTES = 128 * 1024


def titles(count: int) -> list[list[object]]:
    return [[i, f"row number {i}"] for i in range(1, count + 1)]


def test_many_clients_one_statement(gateways: Gateways) -> None:
    n = unasked()
    with connect_clients(gateways.open, 200) as clients:
        with gateways.held_up():
            accepted = at_once(lambda client: client.ask("gated", n), clients)
        at_once(Client.ended, clients)
        assert {said["run"] for said in accepted} == {accepted[0]["run"]}
        answers = [client.answers() for client in clients]
    assert all(len(got) == 1 and got[0].rows == answers[0][0].rows for got in answers)
    assert answers[0][0].rows[0][0] == n
    assert len(gateways.open.statements(accepted[0]["run"].split(".")[0])) == 1


def test_a_second_tab_joins_the_run_and_a_third_gets_the_held_answer(gateways: Gateways) -> None:
    n = unasked()
    with (
        connect_client(gateways.open) as first,
        connect_client(gateways.open) as second,
        connect_client(gateways.open) as third,
    ):
        with gateways.held_up():
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
    assert len(gateways.open.statements(run.split(".")[0])) == 1


@pytest.mark.parametrize("count", [0, 1, 100_000])
def test_results_of_any_length(gateways: Gateways, count: int) -> None:
    with connect_client(gateways.open) as client:
        client.ask("many", count)
        done = client.ended()
        (answer,) = client.answers()
    assert answer.rows == titles(count)
    assert (done["rows"], done["truncated"]) == (count, False)
    columns = [said["columns"] for said in client.messages if "columns" in said]
    assert columns == [[{"name": "id", "type": "int4"}, {"name": "title", "type": "varchar"}]]
    assert client.largest < MESSAGE_BYTES


def test_messages_are_filled_and_fit(gateways: Gateways) -> None:
    count = 300
    with connect_client(gateways.open) as client:
        client.ask("bulky", count)
        client.ended()
        assert client.answers()[0].rows == [[i, "x" * 5000] for i in range(1, count + 1)]
    assert 100_000 < client.largest < MESSAGE_BYTES


@pytest.mark.parametrize(("count", "rows"), [(FEW - 1, FEW - 1), (FEW, FEW), (FEW + 1, FEW), (5 * FEW, FEW)])
def test_no_more_rows_than_max_rows(gateways: Gateways, count: int, rows: int) -> None:
    with connect_client(gateways.open) as client:
        client.ask("few", count)
        done = client.ended()
        (answer,) = client.answers()
    assert answer.rows == [[i] for i in range(1, rows + 1)]
    assert (done["rows"], done["truncated"]) == (rows, count > rows)


@pytest.mark.parametrize("within", [0, 7], ids=["between messages", "within a message"])
def test_who_left_in_the_middle_gets_the_rest(gateways: Gateways, within: int) -> None:
    count = 20_000 + unasked() % 10_000
    with connect_client(gateways.open) as client:
        run = client.ask("many", count)["run"]
        client.wait(lambda said: said.get("first_row", 0) > 0)
        had = [row for said in client.messages if said["type"] == "rows" for row in said["rows"]]
        had = had[: len(had) - within]
    assert had == titles(count)[: len(had)]
    assert 0 < len(had) < count
    with connect_client(gateways.open) as again:
        accepted = again.ask("many", count, resume={"run": run, "row": len(had)})
        again.ended()
        first = min(said["first_row"] for said in again.messages if said["type"] == "rows")
        (rest,) = again.answers(first_row=first)
    assert accepted["run"] == run
    assert first == len(had)
    assert had + rest.rows == titles(count)
    assert len(gateways.open.statements(run)) == 1


def test_a_resumed_run_that_is_not_kept_starts_over(gateways: Gateways) -> None:
    with connect_client(gateways.open) as client:
        accepted = client.ask("many", 5, resume={"run": "0" * 32 + ".0.1", "row": 3})
        assert client.ended()["run"] == accepted["run"]
        assert client.answers()[0].rows == titles(5)


def test_who_reads_nothing_holds_up_nobody(gateways: Gateways) -> None:
    """More than what lies between the gateway and a client takes in: 24 MB."""
    count = 4800 + unasked() % 100
    with connect_clients(gateways.open, 3) as clients:
        sleepy, *others = clients
        run = at_once(lambda client: client.ask("bulky", count), others)[0]["run"]
        at_once(Client.ended, others)
        sleepy.send(action="query", id="a", query="bulky", params={"n": count})
        at_once(lambda client: client.ask("bulky", count, id_="b"), others)
        at_once(lambda client: client.ended("b"), others)
        for client in others:
            assert [row[0] for row in client.answers("b")[0].rows] == list(range(1, count + 1))

        def put_aside() -> bool:
            rows = [int(item["resume_row"]["N"]) for item in waiters(gateways, run)]
            return bool(rows and rows[0] > 0)

        until(put_aside, "the moment in which the one that does not read is put aside")

        # When it wakes up, it gets what is still missing, at the latest by the sweep.
        def swept() -> bool:
            gateways.open.sweep()
            sleepy.up_to_now()
            return bool(sleepy.answers(repeated=True))

        until(swept, "the answer of the one that did not read")
        assert [row[0] for row in sleepy.answers(repeated=True)[0].rows] == list(range(1, count + 1))
    assert len(gateways.open.statements(run)) == 1


def waiters(gateways: Gateways, run: str) -> list[dict[str, Any]]:
    return [item for item in gateways.open.items(f"Q#{run.split('.')[0]}") if item["sk"]["S"].startswith("W#")]


def test_who_is_gone_without_a_word_holds_up_nobody(gateways: Gateways) -> None:
    n, socket = unasked(), gateways.open.outputs["function_names"]["socket"]
    with connect_client(gateways.open) as stays:
        with gateways.held_up():
            with ExitStack() as stack, connect_client(gateways.open) as gone:
                run = gone.ask("gated", n)["run"]
                # Its $disconnect is never heard.
                killed = stack.enter_context(gateways.cloud.kill("dynamodb:UpdateItem", function=socket))
                gone.socket.close()
                until(killed, "the end of $disconnect")
            stays.ask("gated", n)
        stays.ended()
        assert stays.answers()[0].rows[0][0] == n
        until(lambda: len(waiters(gateways, run)) == 1, "the end of the waiter that has its answer")

        def forgotten() -> bool:
            gateways.open.let_time_pass()
            gateways.open.sweep()
            return not waiters(gateways, run)

        until(forgotten, "the end of the waiter")


def test_a_row_that_fits_into_no_message_fails_its_request_only(gateways: Gateways) -> None:
    with connect_client(gateways.open) as client:
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
