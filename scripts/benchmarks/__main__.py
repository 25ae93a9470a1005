"""`scripts/bench`: how fast the gateway delivers on the local cloud, beside echoes, a plain gateway and clients that
poll; how fast the local Redshift translates SQL and copies rows; and what files that start loads cost.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table

from benchmarks.cold_start import cold_starts
from benchmarks.copying import copying
from benchmarks.counted import counted
from benchmarks.deployed_gateway import DeployedGateway
from benchmarks.figure import Figure
from benchmarks.file_loads import file_loads
from benchmarks.many_clients import many_clients
from benchmarks.measurements import beside_others, cached, large_answer, latency
from benchmarks.row_cost import row_cost
from benchmarks.translation import translation

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 100
COLD_STARTS = 7
CONNECTIONS = (1, 100, 1_000)
ROWS = 200_000
FILES = 10
FILE_EVENTS = 10_000


def main() -> int:
    """Prints the figures without a verdict, since machines differ."""
    options = _options()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    with (
        tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder,
        _deployed(Path(folder), console) as deployed,
    ):
        figures = [
            *counted(),
            *row_cost(),
            *latency(deployed, options.rounds),
            *cached(deployed, options.rounds),
            *beside_others(deployed, options.statements),
            *(figure for count in options.connections for figure in asyncio.run(many_clients(deployed, count))),
            *large_answer(deployed, options.rows),
            *cold_starts(deployed, options.cold_starts),
            *translation(),
            *copying(),
        ]
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder, console.status("Files start loads ..."):
        figures += file_loads(ROOT, Path(folder) / "terraform", options.files, options.file_events)
    if options.json:
        options.json.write_text(json.dumps(_named(figures), indent=2) + "\n")
    console.print(_report(figures))
    return 0


@contextmanager
def _deployed(folder: Path, console: Console) -> Iterator[DeployedGateway]:
    with console.status("Terraform applies the gateway ..."):
        deployed = DeployedGateway.deploy(ROOT, folder)
    try:
        yield deployed
    finally:
        deployed.cloud.stop()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)  # TemporaryDirectory removes it


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, Python {platform.python_version()}, "
        f"load average {os.getloadavg()[0]:.1f}"
    )


def _named(figures: Sequence[Figure]) -> dict[str, object]:
    """The figures that have a name in the table of modules/websocket_gateway/README.md, with machine and date."""
    named = {figure.key: figure.number for figure in figures if figure.key}
    return {"date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": _machine(), **named}


def _report(figures: Sequence[Figure]) -> Table:
    table = Table(
        title=f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}",
        title_justify="left",
    )
    for heading in ("figure", "measured", "target"):
        table.add_column(heading)
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.target)
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures the gateway on the local cloud, beside echoes, a plain gateway and clients that poll.",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="queries and echoes for the medians")
    parser.add_argument("--statements", type=int, default=3, help="statements of each duration, for each way to wait")
    parser.add_argument(
        "--connections", type=int, nargs="*", default=CONNECTIONS, help="numbers of clients that wait for one answer"
    )
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the large answer")
    parser.add_argument("--files", type=int, default=FILES, help="files that land one by one")
    parser.add_argument("--file-events", type=int, default=FILE_EVENTS, help="events of the burst of files")
    parser.add_argument("--cold-starts", type=int, default=COLD_STARTS, help="fresh processes of each kind")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures of the README's table to a file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
