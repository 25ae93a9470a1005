"""What scripts/demo makes of an error: a demo of which anything went wrong did not succeed."""

from typing import Any

import pytest
from rich.console import Console

from demonstration.__main__ import _failed
from demonstration.output import Show


class Played:
    """A walkthrough that does as it is told."""

    def __init__(self, show: Show, error: Exception | None, *, problem: bool) -> None:
        self.show, self.error, self.problem = show, error, problem

    def run(self) -> None:
        with self.show.stage("One") as stage:
            stage.problems += ["it was not so"] if self.problem else []
        if self.error:
            raise self.error

    def log_tail(self) -> str:
        return "the cloud said"


@pytest.mark.parametrize("problem", [False, True])
@pytest.mark.parametrize("error", [None, RuntimeError("between two stages")])
def test_nothing_that_went_wrong_is_a_success(error: Exception | None, problem: bool) -> None:
    show = Show(Console(record=True, width=100))
    played: Any = Played(show, error, problem=problem)
    assert _failed(played, show, debug=False) is bool(error or problem)
    said = show.console.export_text()
    assert ("RuntimeError: between two stages" in said) is bool(error and not problem)
    assert ("the cloud said" in said) is bool(error)
