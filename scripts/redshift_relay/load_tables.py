"""Shows what the scheduler answers: what runs, what waits, and how the last runs ended."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

_STYLES = {
    "FINISHED": "green",
    "RUNNING": "cyan",
    "CLAIMED": "cyan",
    "WAITING": "yellow",
    "FAILED": "red",
    "ABORTED": "red",
    "NOT_STARTED": "red",
}
Row = Mapping[str, Any]


def show(console: Console, overview: Row) -> None:
    """Prints the answer of the action `list`: a table of what runs and waits, and one of all loads."""
    open_ = [(load["load"], run) for load in overview["loads"] for run in load["open"]]
    console.print(_open_table(open_) if open_ else "Nothing runs or waits.")
    console.print(_loads_table(overview["loads"]) if overview["loads"] else "There are no loads.")
    _print_errors(console, [(load["load"], load["ended"][0]) for load in overview["loads"] if load["ended"]])
    paused = [f"Lane {lane['name']} is paused." for lane in overview["lanes"] if lane["paused"]]
    for line in [*paused, *(f"Load {load['load']} is paused." for load in overview["loads"] if load["paused"])]:
        console.print(line)


def show_load(console: Console, load: Row) -> None:
    """Prints the runs of one load, newest first, with the errors of those that failed."""
    state = f"lane {load['lane'] or '-'}" + (", paused" if load["paused"] else "")
    console.print(f"{load['load']}: {state}; {load['finishes']:,} finished runs, {load['failures']:,} failed since")
    runs = [*load["open"], *load["ended"]]
    console.print(_runs_table(runs) if runs else "It has never run.")
    _print_errors(console, [(load["load"], run) for run in runs])


def _print_errors(console: Console, runs: list[tuple[str, Row]]) -> None:
    """Below a table, whose cells are too narrow."""
    for load, run in runs:
        if run["error"]:
            first = next(iter(run["error"].strip().splitlines()), "")
            console.print(Text(f"{load}/{run['occurrence']}: {first}", style="red"), soft_wrap=True)


def _open_table(runs: list[tuple[str, Row]]) -> Table:
    table = _table("load", "occurrence", "state", "started by", "attempt", "for")
    for load, run in runs:
        since = run["started_at"] or run["requested_at"]
        table.add_row(load, run["occurrence"], _state(run), _started_by(run), str(run["attempt"]), _age(since))
    return table


def _loads_table(loads: list[Row]) -> Table:
    table = _table("load", "lane", "last run", "ended", "waited", "ran", "rows", "failed in a row")
    for load in loads:
        last = load["ended"][0] if load["ended"] else None
        cells = _run_cells(last) if last else ["-", "", "", "", ""]
        table.add_row(load["load"], load["lane"] or "-", *cells, f"{load['failures']:,}")
    return table


def _runs_table(runs: list[Row]) -> Table:
    table = _table("occurrence", "started by", "attempt", "state", "ended", "waited", "ran", "rows")
    for run in runs:
        state, *cells = _run_cells(run)
        table.add_row(run["occurrence"], _started_by(run), str(run["attempt"]), state, *cells)
    return table


def _run_cells(run: Row) -> list[RenderableType]:
    rows = "" if run["rows"] is None else f"{run['rows']:,}"
    ended = "" if run["ended_at"] is None else f"{_moment(run['ended_at']):%Y-%m-%d %H:%M:%S}"
    return [_state(run), ended, _duration(run["waited_seconds"]), _duration(run["duration_seconds"]), rows]


def _table(*columns: str) -> Table:
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _state(run: Row) -> Text:
    return Text(run["state"], style=_STYLES.get(run["state"], ""))


def _started_by(run: Row) -> str:
    by = run["started_by"]
    return f"{by['kind']} {by['name']}" if by["name"] else str(by["kind"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


def _age(text: str) -> str:
    return _duration((datetime.now(UTC) - _moment(text)).total_seconds())


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 59.95:
        return f"{max(seconds, 0):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
