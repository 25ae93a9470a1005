"""`scripts/bench`: how fast the gateway delivers on the local cloud, compared with echo functions on the same API; how
fast the local Redshift translates SQL and copies rows; and what files that start loads cost.
"""

import argparse
import asyncio
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

from benchmarks.copying import copying
from benchmarks.deployed_gateway import DeployedGateway
from benchmarks.file_loads import file_loads
from benchmarks.measurements import Figure, fan_out, large_answer, latency
from benchmarks.translation import translation

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 100
CONNECTIONS = 1_000
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
            *latency(deployed, options.rounds),
            *asyncio.run(fan_out(deployed, options.connections)),
            *large_answer(deployed, options.rows),
            *translation(),
            *copying(),
        ]
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder, console.status("Files start loads ..."):
        figures += file_loads(ROOT, Path(folder) / "terraform", options.files, options.file_events)
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


def _report(figures: Sequence[Figure]) -> Table:
    memory = psutil.virtual_memory().total / 2**30
    table = Table(
        title=f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, "
        f"Python {platform.python_version()}",
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
        description="Measures how fast the gateway delivers on the local cloud, compared with echo functions.",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="queries and echoes for the medians")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="clients that wait for one answer")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the large answer")
    parser.add_argument("--files", type=int, default=FILES, help="files that land one by one")
    parser.add_argument("--file-events", type=int, default=FILE_EVENTS, help="events of the burst of files")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
