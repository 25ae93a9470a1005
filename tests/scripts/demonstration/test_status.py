"""The exit status of scripts/demo: a demo in which anything failed has not succeeded."""

from typing import Any

import pytest
from rich.console import Console

from demonstration.__main__ import has_failed
from deployments.output import Output


class FakeDemo:
    """A demo of one stage, which has a problem or not, and an error after it."""

    def __init__(self, output: Output, error: Exception | None, *, problem: bool) -> None:
        self.output, self.error, self.problem = output, error, problem

    def run(self) -> None:
        with self.output.stage("One") as stage:
            stage.problems += ["a figure is wrong"] if self.problem else []
        if self.error:
            raise self.error

    def log_tail(self) -> str:
        return "the cloud's last line"


@pytest.mark.parametrize("problem", [False, True])
@pytest.mark.parametrize("error", [None, RuntimeError("between two stages")])
def test_a_failure_is_never_a_success(error: Exception | None, problem: bool) -> None:
    output = Output(Console(record=True, width=100))
    demo: Any = FakeDemo(output, error, problem=problem)
    assert has_failed(demo, output, debug=False) is bool(error or problem)
    text = output.console.export_text()
    assert ("RuntimeError: between two stages" in text) is bool(error and not problem)
    assert ("the cloud's last line" in text) is bool(error)
