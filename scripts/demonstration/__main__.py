"""`scripts/demo`: runs the whole pipeline on this machine, from `terraform apply` to the notification and the page."""

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from demonstration.demo import Demo
from demonstration.workspace import AlreadyRunning, workspace
from deployments.output import Output

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Runs the stages and returns the exit status: 0 only if every stage succeeded."""
    options = _options()
    output = Output()
    # SIGTERM ends the demo as Ctrl-C does: what it started is stopped.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with workspace(ROOT) as folder, Demo(ROOT, folder, output, options.data) as demo:
            failed = has_failed(demo, output, debug=options.debug)
            output.summary()
            if options.check or failed:
                return 1 if failed else 0
            demo.show_sign_in()
            output.console.print("The demo runs until Ctrl-C. In another terminal: [bold]. .demo/env[/bold]")
            threading.Event().wait()
    except AlreadyRunning as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        output.console.print("Stopped. Nothing is left behind.")
        return 130 if options.check else 0
    return 0


def has_failed(demo: Demo, output: Output, *, debug: bool) -> bool:
    """Runs the demo; whether a stage failed, or an error occurred between two stages."""
    try:
        demo.run()
    except Exception as error:
        if debug:
            output.console.print_exception()
        if not output.failed:
            output.console.print(f"{type(error).__name__}: {error}", markup=False)
        if log := demo.log_tail():
            output.console.print(f"The end of the local cloud's log:\n{log}", markup=False)
        return True
    return output.failed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Runs the pipeline of Redshift Relay on this machine, without an AWS account or a cluster.",
    )
    parser.add_argument("--check", action="store_true", help="exit after the last stage; 0 only if all succeeded")
    parser.add_argument(
        "--data",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="load these trips: .psv, .psv.gz, or TLC's yellow taxi CSV or Parquet of any year (default: generated)",
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser.parse_args()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
