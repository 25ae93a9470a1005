"""`redshift-relay trace`: from one id to every line of its way, in order, and to no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from redshift_relay import trace as command
from redshift_relay.command_line import main
from redshift_relay.trace import MOST_IDS, trace

NAME = "taxi/load/nightly/2026-11-26T03:00:00Z"
ID = "0a1b2c3d-0000-4000-8000-000000000000"
LINES = [
    (3, "taxi-notifier", {"level": "INFO", "message": "announced", "statement_id": ID, "load": "nightly"}),
    (1, "taxi-scheduler", {"level": "INFO", "message": "load started", "statement_name": NAME, "statement_id": ID}),
    (2, "taxi-scheduler", f"REPORT RequestId: x {ID}"),
    (4, "taxi-notifier", {"level": "INFO", "message": "announced", "statement_id": "another", "load": "nightly"}),
    (5, "other-notifier", {"level": "INFO", "message": "announced", "statement_id": ID}),
]


class Logs:
    """CloudWatch Logs with these lines; a pattern is a quoted text."""

    def __init__(self, lines: list[tuple[int, str, Any]]) -> None:
        self.lines = lines
        self.searched: list[str] = []

    def get_paginator(self, operation: str) -> Any:
        self.operation = operation
        return self

    def paginate(self, **given: Any) -> Iterator[dict[str, Any]]:
        if self.operation == "describe_log_groups":
            groups = sorted({f"/aws/lambda/{function}" for _, function, _ in self.lines})
            yield {
                "logGroups": [{"logGroupName": one} for one in groups if one.startswith(given["logGroupNamePrefix"])]
            }
            return
        wanted = json.loads(given["filterPattern"])
        self.searched.append(wanted)
        for at, function, line in self.lines:
            text = line if isinstance(line, str) else json.dumps(line)
            if (
                f"/aws/lambda/{function}" == given["logGroupName"]
                and wanted in text
                and at * 1000 >= given["startTime"]
            ):
                yield {"events": [{"timestamp": at * 1000, "message": text + "\n"}]}


@pytest.mark.parametrize("wanted", [NAME, ID])
def test_the_way_from_any_of_its_ids(wanted: str) -> None:
    lines = trace(Logs(LINES), "taxi", wanted, 0)
    assert [(line.function, line.time[-6:]) for line in lines] == [
        ("taxi-scheduler", "01.000"),
        ("taxi-scheduler", "02.000"),
        ("taxi-notifier", "03.000"),
    ]
    assert lines[0].text == f"INFO load started statement_name={NAME} statement_id={ID}"


def test_only_since_the_start() -> None:
    assert [line.time[-6:] for line in trace(Logs(LINES), "taxi", ID, 3000)] == ["03.000"]


def test_the_search_is_bounded() -> None:
    chain = [(n, "taxi-a", {"statement_id": f"statement-{n}", "run": f"statement-{n + 1}"}) for n in range(100)]
    logs = Logs(chain)
    trace(logs, "taxi", "statement-0", 0)
    assert len(set(logs.searched)) <= MOST_IDS


def test_what_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "client", lambda service, region: Logs(LINES))
    monkeypatch.setattr(command.time, "time", lambda: 3.0)
    assert main(["trace", ID, "--name-prefix", "taxi"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert (
        first == f"1970-01-01T00:00:01.000  taxi-scheduler  INFO load started statement_name={NAME} statement_id={ID}"
    )
    assert main(["trace", "no-such-id", "--name-prefix", "taxi"]) == 1
    assert capsys.readouterr().err == (
        "no-such-id: no log line has it. Check --name-prefix, or use --hours to look further back.\n"
    )


def test_without_a_deployment_it_says_how_to_name_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RELAY_NAME_PREFIX", raising=False)
    assert main(["trace", ID]) == 1
    assert "Set RELAY_NAME_PREFIX to its name_prefix, or use --name-prefix." in capsys.readouterr().err
