"""What is announced: how a statement or a load ended."""

from dataclasses import dataclass, field
from datetime import datetime

NOT_STARTED = "NOT_STARTED"
_OF_LOADS = {
    "FINISHED": "the data is ready",
    "FAILED": "the load failed",
    "ABORTED": "the load was cancelled",
    NOT_STARTED: "the load was not started",
}
_OF_STATEMENTS = {"FINISHED": "finished", "FAILED": "failed", "ABORTED": "was cancelled"}


@dataclass(frozen=True)
class LoadError:
    """A row of `sys_load_error_detail`: what was wrong in which file, line and column."""

    file: str
    line: int
    column: str
    reason: str
    code: int

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{column}: {self.reason} (error {self.code})"


@dataclass(frozen=True)
class StartedBy:
    """What requested a load: `schedule`, `event`, `files`, `after` or `hand`, and the name of the trigger or load."""

    kind: str
    name: str | None

    def __str__(self) -> str:
        match self.kind:
            case "files":
                return "new files"
            case "after":
                return f"the end of {self.name}" if self.name else "the end of another load"
            case "hand":
                return "hand" + (f" ({self.name})" if self.name else "")
            case _:
                return f"{self.kind} {self.name}" if self.name else self.kind


@dataclass(frozen=True)
class Files:
    """The files of a load: how many, their bytes, the address of their manifest, and those that were set aside."""

    count: int
    bytes: int
    manifest: str
    set_aside: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadRun:
    """What a load event says about the load beyond its statement; the README of modules/scheduler describes it."""

    load: str
    occurrence: str
    started_by: StartedBy
    attempt: int = 1
    attempts: int = 1
    scheduled_time: datetime | None = None
    requested_at: datetime | None = None
    waited_seconds: float | None = None
    field: str | None = None
    recovered: bool = False
    failures: int = 0
    files: Files | None = None
    follows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Announcement:
    """What happened to a statement, or with `run` to a load.

    `title` is its name for people; `state` is Redshift's, or NOT_STARTED.
    """

    name_prefix: str
    title: str
    state: str
    statement_name: str
    run: LoadRun | None = None
    statement_id: str = ""
    sql: str = ""
    error: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: float | None = None
    rows: int | None = None
    load_errors: tuple[LoadError, ...] = field(default=())

    @property
    def key(self) -> str:
        """What is announced only once: a statement, or an end of one attempt of a load."""
        if self.run is None:
            return self.statement_id
        return f"load/{self.name_prefix}/{self.run.load}/{self.run.occurrence}/{self.run.attempt}/{self.state}"

    @property
    def headline(self) -> str:
        """One clause: who, and what happened."""
        words = (_OF_STATEMENTS if self.run is None else _OF_LOADS)[self.state]
        again = " again" if self.run and self.run.recovered and self.state == "FINISHED" else ""
        return f"{self.title}: {words}{again}"

    @property
    def reason(self) -> str:
        """Why it failed: the rows of sys_load_error_detail if there are any, else the error text."""
        return "\n".join(map(str, self.load_errors)) or self.error

    @property
    def history(self) -> str:
        """A sentence about the runs before this one, empty where there is nothing to say."""
        if self.run is None or not self.run.failures:
            return ""
        if self.state == "FINISHED":
            return f"Before that, it failed {_times(self.run.failures)}." if self.run.recovered else ""
        if self.state == "FAILED":
            return f"It has now failed {_times(self.run.failures + 1)} in a row."
        return ""


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")
