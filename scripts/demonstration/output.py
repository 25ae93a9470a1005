"""How the walkthrough speaks: a line for each stage with its time, letters and tables in between."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text


@dataclass
class Stage:
    """One stage; `said` is the line that stays on the screen."""

    title: str
    said: str = ""
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Show:
    """Speaks to a person or to a file in the same words; on a terminal a spinner moves while a stage runs."""

    console: Console = field(default_factory=lambda: Console(highlight=False, width=_width()))
    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, title: str) -> Iterator[Stage]:
        """Runs a stage; what it did not do as it should is added to its `problems`."""
        stage = Stage(title)
        self.stages.append(stage)
        started = time.monotonic()
        try:
            with self.console.status(title):
                yield stage
        except BaseException as error:
            stage.problems.append(str(error) or type(error).__name__)
            raise
        finally:
            stage.seconds = time.monotonic() - started
            mark = "[red]✗[/red]" if stage.problems else "[green]✓[/green]"
            self.console.print(f"{mark} {stage.seconds:5.1f} s  {title}", Text(stage.said, style="dim"), soft_wrap=True)
            for problem in stage.problems:
                self.console.print(Text(f"          {problem}", style="red"), soft_wrap=True)

    def warn(self, warnings: Sequence[str], count: int) -> None:
        """What looks wrong, the first few of `count`."""
        shown = warnings[:5]
        more = [f"and {count - len(shown):,} more"] if count > len(shown) else []
        for line in [*shown, *more]:
            self.console.print(Text(f"          {line}", style="yellow"), soft_wrap=True)

    def letter(self, subject: str, body: str) -> None:
        """A notification as the person reads it."""
        self.console.print(Panel(Text(body.strip()), title=Text(subject), title_align="left", expand=False))

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Rows of the warehouse."""
        table = Table(title=title, title_justify="left")
        for column in columns:
            table.add_column(column, justify="right")
        for row in rows:
            table.add_row(*map(_cell, row))
        self.console.print(table)

    def page(self, address: str, user: str, password: str) -> None:
        """Where to look, in lines that can be copied."""
        for what, text in (("The page", address), ("Sign in as", user), ("Password", password)):
            self.console.print(f"{what:<11}", Text(text, style="bold"), soft_wrap=True)

    def summary(self) -> None:
        """The stages once more, as a table."""
        table = Table("stage", "what happened", title="What happened", title_justify="left")
        table.add_column("seconds", justify="right")
        for stage in self.stages:
            what = Text("; ".join(stage.problems), style="red") if stage.problems else Text(stage.said)
            table.add_row(stage.title, what, f"{stage.seconds:.1f}")
        table.add_row("", "", f"{sum(stage.seconds for stage in self.stages):.1f}")
        self.console.print(table)

    @property
    def failed(self) -> bool:
        """Whether any stage did not do what it should."""
        return any(stage.problems for stage in self.stages)


def _cell(value: object) -> str:
    if value is None:
        return "null"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _width() -> int | None:
    """A file has no width of its own; a terminal knows its own."""
    return None if sys.stdout.isatty() else 120
