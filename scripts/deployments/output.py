"""What the demo prints: a line for each stage with its duration, and messages and tables in between."""

import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

WARNINGS_SHOWN = 5
FILE_WIDTH = 120
"""Columns of the output where it goes to a file; a terminal knows its width."""
_NOT_AUTHORIZED = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)")
"""IAM's words: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""


@dataclass
class Stage:
    """One stage. `result` is the text beside its title; a stage with `problems` has failed."""

    title: str
    result: str = ""
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Output:
    """Prints the same words to a terminal and to a file; on a terminal a spinner moves while a stage runs."""

    console: Console = field(default_factory=lambda: Console(highlight=False, width=_width()))
    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, title: str) -> Iterator[Stage]:
        """Runs a stage and prints its line. An error becomes one of its problems, and is raised again."""
        stage = Stage(title)
        self.stages.append(stage)
        started = time.monotonic()
        try:
            with self.console.status(title):
                yield stage
        except BaseException as error:
            stage.problems.append(_described(error))
            raise
        finally:
            stage.seconds = time.monotonic() - started
            mark = "[red]✗[/red]" if stage.problems else "[green]✓[/green]"
            result = Text(stage.result, style="dim")
            self.console.print(f"{mark} {stage.seconds:5.1f} s  {title}", result, soft_wrap=True)
            for problem in stage.problems:
                self.console.print(Text(f"          {problem}", style="red"), soft_wrap=True)

    def warn(self, warnings: Sequence[str], count: int) -> None:
        """Prints the first few of `count` warnings."""
        shown = warnings[:WARNINGS_SHOWN]
        more = [f"and {count - len(shown):,} more"] if count > len(shown) else []
        for line in [*shown, *more]:
            self.console.print(Text(f"          {line}", style="yellow"), soft_wrap=True)

    def email(self, subject: str, body: str) -> None:
        """Prints a notification as its reader sees it."""
        self.console.print(Panel(Text(body.strip()), title=Text(subject), title_align="left", expand=False))

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Prints rows of the warehouse."""
        table = Table(title=title, title_justify="left")
        for column in columns:
            table.add_column(column, justify="right")
        for row in rows:
            table.add_row(*map(_cell, row))
        self.console.print(table)

    def page(self, address: str, user: str, password: str) -> None:
        """Prints how to open the page, in lines that can be copied."""
        for label, text in (("The page", address), ("Sign in as", user), ("Password", password)):
            self.console.print(f"{label:<11}", Text(text, style="bold"), soft_wrap=True)

    def summary(self) -> None:
        """Prints all stages as a table."""
        table = Table("stage", "result", title="Summary", title_justify="left")
        table.add_column("seconds", justify="right")
        for stage in self.stages:
            result = Text("; ".join(stage.problems), style="red") if stage.problems else Text(stage.result)
            table.add_row(stage.title, result, f"{stage.seconds:.1f}")
        table.add_row("", "", f"{sum(stage.seconds for stage in self.stages):.1f}")
        self.console.print(table)

    def markdown(self) -> str:
        """All stages as a table that can be pasted into an issue."""
        rows = []
        for stage in self.stages:
            result = "; ".join(stage.problems) or stage.result
            cell = " ".join(result.split()).replace("|", "\\|")
            rows.append(
                f"| {stage.title} | {'failed' if stage.problems else 'held'} | {cell} | {stage.seconds:.1f} s |"
            )
        return "\n".join(["| stage | verdict | measured | time |", "|---|---|---|---|", *rows])

    @property
    def failed(self) -> bool:
        """Whether any stage has a problem."""
        return any(stage.problems for stage in self.stages)


def _described(error: BaseException) -> str:
    """The error's text, after the permission that it lacks if that is the reason."""
    text = str(error) or type(error).__name__
    missing = _NOT_AUTHORIZED.search(text)
    return f"missing permission {missing[1]}: {text}" if missing else text


def _cell(value: object) -> str:
    if value is None:
        return "null"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _width() -> int | None:
    return None if sys.stdout.isatty() else FILE_WIDTH
