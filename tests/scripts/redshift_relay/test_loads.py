"""`redshift-relay loads`: each subcommand invokes the scheduler as its README says, and shows what it answers.

The scheduler is the real function, in the world of its unit tests.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoRegionError

from redshift_relay import scheduler_client
from redshift_relay.loads import main
from tests.unit.scheduler.world import World


class Lambda:
    """The Lambda client of boto3; the function is the scheduler of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.payloads: list[dict[str, Any]] = []

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        if FunctionName != "taxi-scheduler":
            error = {"Code": "ResourceNotFoundException", "Message": f"Function not found: {FunctionName}"}
            raise ClientError({"Error": error}, "Invoke")
        self.payloads.append(json.loads(Payload))
        try:
            answer, failed = self._world.handle(self.payloads[-1]), {}
        except Exception as error:
            answer = {"errorMessage": str(error), "errorType": type(error).__name__}
            failed = {"FunctionError": "Unhandled"}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **failed}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("RELAY_NAME_PREFIX", "taxi")
    monkeypatch.setenv("COLUMNS", "120")
    with World().installed(monkeypatch) as world:
        world.define("trips", retries=0)
        world.define("orders", uses=["scheduled_time"], overlap="queue")
        yield world


@pytest.fixture
def function(world: World, monkeypatch: pytest.MonkeyPatch) -> Lambda:
    """What boto3 makes, for any profile and region."""
    made = Lambda(world)
    session = type("Session", (), {"__init__": lambda self, **_: None, "client": lambda self, _: made})
    monkeypatch.setattr(scheduler_client, "boto3", SimpleNamespace(Session=session))
    return made


@pytest.fixture
def relay(function: Lambda, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs the command; returns status, output and errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(arguments)
        said = capsys.readouterr()
        lines = [line for line in said.out.splitlines() if not line.startswith('{"time"')]  # the function's log
        return status, "\n".join(lines), said.err

    return run


def test_it_shows_what_runs_waits_and_ran(relay: Any, world: World) -> None:
    world.run("trips", "first")
    world.end("trips/first", "FAILED", "ERROR: no trips in the files\n  Where: line 9")
    world.run("trips", "second")
    world.run("orders", "third", scheduled_time="2026-01-31T00:00:00Z")
    status, out, _ = relay()
    assert status == 0
    for words in (["trips", "second", "RUNNING", "hand run", "1"], ["orders", "third", "WAITING", "hand run", "1"]):
        assert any(all(word in line for word in words) for line in out.splitlines()), out
    assert any(all(word in line for word in ("trips", "default", "FAILED")) for line in out.splitlines())
    assert "ERROR: no trips" in out


def test_it_shows_the_runs_of_a_load(relay: Any, world: World) -> None:
    for name, state in (("1", "FINISHED"), ("2", "FAILED")):
        world.run("trips", name)
        world.end(f"trips/{name}", state, "ERROR: no trips" if state == "FAILED" else "", rows=22232)
    _, out, _ = relay("list", "trips")
    assert "trips: lane default; 1 finished runs, 1 failed since" in out
    assert "ERROR: no trips" in out
    assert "22,232" in out


def test_without_loads_it_says_so(relay: Any, world: World) -> None:
    world.remove("trips")
    world.remove("orders")
    _, out, _ = relay()
    assert out.splitlines() == ["Nothing runs or waits.", "There are no loads."]


@pytest.mark.parametrize("before", [True, False])
def test_json_is_the_scheduler_s_answer(before: bool, relay: Any, world: World) -> None:
    world.run("trips", "first")
    status, out, _ = relay(*(("--json", "list") if before else ("list", "--json")))
    answer = json.loads(out)
    assert status == 0
    assert answer["loads"][1]["open"][0]["occurrence"] == "first"


@pytest.mark.parametrize(
    ("arguments", "payload"),
    [
        (["run", "trips"], {"action": "run", "load": "trips"}),
        (
            ["run", "orders", "--scheduled-time", "2026-01-31T03:00:00Z", "--occurrence", "x"],
            {"action": "run", "load": "orders", "scheduled_time": "2026-01-31T03:00:00Z", "occurrence": "x"},
        ),
        (["run", "trips", "day=2026-01-31"], {"action": "run", "load": "trips", "parameters": {"day": "2026-01-31"}}),
        (["run", "trips", "--files", "s3://b/a/"], {"action": "run", "load": "trips", "files": "s3://b/a/"}),
        (
            ["backfill", "orders", "2026-01-01", "2026-01-03"],
            {"action": "backfill", "load": "orders", "from": "2026-01-01", "to": "2026-01-03"},
        ),
        (["cancel", "trips"], {"action": "cancel", "load": "trips"}),
        (["cancel", "trips", "first"], {"action": "cancel", "load": "trips", "occurrence": "first"}),
        (["pause", "trips"], {"action": "pause", "load": "trips"}),
        (["pause", "--lane", "default"], {"action": "pause", "lane": "default"}),
        (["resume", "trips"], {"action": "resume", "load": "trips"}),
        (["redrive", "orders"], {"action": "redrive", "load": "orders"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_subcommands_are_actions_of_the_scheduler(
    arguments: list[str], payload: dict[str, Any], relay: Any, function: Lambda
) -> None:
    relay(*arguments)
    assert function.payloads == [payload]


def test_a_run_says_what_became_of_it(relay: Any, world: World) -> None:
    assert relay("run", "trips", "--occurrence", "x") == (0, "trips/x: RUNNING", "")
    assert relay("cancel", "trips")[0] == 0
    assert world.redshift.made("CancelStatement")


def test_a_pause_is_shown(relay: Any, world: World) -> None:
    assert relay("pause", "trips")[:2] == (0, "load trips is paused")
    assert "Load trips is paused." in relay()[1]
    assert relay("resume", "trips")[:2] == (0, "load trips is resumed")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "tirps"], "load: 'tirps' is not a load. Loads are: orders, trips"),
        (["cancel", "trips"], "occurrence: nothing of load 'trips' waits or runs"),
        (["pause"], "load: set either load or lane"),
        (["backfill", "trips", "2026-01-01", "2026-01-02"], "has no :scheduled_time"),
        (["--name-prefix", "other"], "other-scheduler: An error occurred (ResourceNotFoundException)"),
    ],
)
def test_a_refusal_is_an_error(arguments: list[str], message: str, relay: Any) -> None:
    status, out, err = relay(*arguments)
    assert (status, out) == (1, "")
    assert message in err


def test_a_deployment_is_required(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("RELAY_NAME_PREFIX", raising=False)
    assert main([]) == 1
    assert "Set RELAY_NAME_PREFIX to its name_prefix, or use --name-prefix." in capsys.readouterr().err


def test_a_region_is_required(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_region(self: object, _: str) -> None:
        raise NoRegionError

    session = type("Session", (), {"__init__": lambda self, **_: None, "client": no_region})
    monkeypatch.setattr(scheduler_client, "boto3", SimpleNamespace(Session=session))
    assert main([]) == 1
    assert capsys.readouterr().err == "You must specify a region.\n"


@pytest.mark.parametrize("text", ["day", "=x", "day="])
def test_a_parameter_needs_a_name_and_a_value(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--name-prefix", "taxi", "run", "trips", text])
    assert f"{text!r} is not a parameter. Write name=value." in capsys.readouterr().err
