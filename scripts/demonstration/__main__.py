"""`scripts/demo`: the whole pipeline on this machine, from terraform apply to the message."""

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from demonstration.output import Show
from demonstration.stages import Walkthrough
from demonstration.workspace import AlreadyRunning, demo_folder

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Runs the stages; 0 only if every one did what it should."""
    options = _options()
    show = Show()
    # A terminated demo stops what it started, just as Ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with demo_folder(ROOT) as folder, Walkthrough(ROOT, folder, show, options.data) as walkthrough:
            failed = _failed(walkthrough, show, debug=options.debug)
            show.summary()
            if options.check or failed:
                return 1 if failed else 0
            walkthrough.tell_page()
            show.console.print("Everything is up until Ctrl-C. In another terminal: [bold]. .demo/env[/bold]")
            threading.Event().wait()
    except AlreadyRunning as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        show.console.print("Stopped; nothing is left behind.")
        return 130 if options.check else 0
    return 0


def _failed(walkthrough: Walkthrough, show: Show, *, debug: bool) -> bool:
    """Runs the stages; whether anything went wrong, in one of them or in between."""
    try:
        walkthrough.run()
    except Exception as error:
        if debug:
            show.console.print_exception()
        if not show.failed:
            show.console.print(f"{type(error).__name__}: {error}", markup=False)
        if log := walkthrough.log_tail():
            show.console.print(f"The log of the local cloud:\n{log}", markup=False)
        return True
    return show.failed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Runs the pipeline of Redshift Relay on this machine: no AWS account, no cluster.",
    )
    parser.add_argument("--check", action="store_true", help="exit at the end; 0 only if every stage succeeded")
    parser.add_argument(
        "--data",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="load these trips: .psv, .psv.gz, or TLC's yellow taxi CSV or Parquet of any year (default: made up)",
    )
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    return parser.parse_args()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
