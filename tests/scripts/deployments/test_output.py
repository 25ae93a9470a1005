"""The table that goes into an issue."""

import io

import pytest
from rich.console import Console

from deployments.output import Output


def test_the_markdown_table_has_verdicts_results_and_times() -> None:
    output = Output(Console(file=io.StringIO()))
    with output.stage("It works") as stage:
        stage.result = "a|b in\n1 s"
    with output.stage("It is wrong") as stage:
        stage.problems.append("found: 2")
    for stage in output.stages:
        stage.seconds = 1.25
    assert output.markdown().splitlines() == [
        "| stage | verdict | measured | time |",
        "|---|---|---|---|",
        "| It works | held | a\\|b in 1 s | 1.2 s |",
        "| It is wrong | failed | found: 2 | 1.2 s |",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "User: arn:aws:iam::1:user/x is not authorized to perform: sqs:CreateQueue on resource: y",
        "AccessDenied: x is not authorized to perform: sqs:CreateQueue because no identity-based policy allows it",
    ],
)
def test_a_missing_permission_comes_first(text: str) -> None:
    output = Output(Console(file=io.StringIO()))
    with pytest.raises(RuntimeError), output.stage("Apply"):
        raise RuntimeError(text)
    assert output.stages[0].problems == [f"missing permission sqs:CreateQueue: {text}"]
