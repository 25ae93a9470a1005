"""`scripts/cloud`: the local cloud for your own Terraform, without the taxi example."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from local_cloud.copy_role import DEFAULT_COPY_ROLE, create_default_copy_role
from local_cloud.env_file import without_profile
from local_cloud.process import CloudError, LocalCloud
from local_cloud.workspace import Workspace, environment_of

ROOT = Path(__file__).resolve().parents[2]
PORT = 4599
"""Fixed, so that an endpoint and the addresses in a Terraform state stay valid."""
CLUSTER = WORKGROUP = "local"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "run":
        options.run = options.run[1:] if options.run[:1] == ["--"] else options.run
        if not options.run:
            parser.error("run: write the command, for example scripts/cloud run -- pytest tests")
    workspace = Workspace(ROOT)
    try:
        if options.command == "start":
            return _start(workspace, options)
        if options.command == "stop":
            return _stop(workspace)
        if options.command == "status":
            return _status(workspace)
        return _run(options)
    except CloudError as error:
        print(error, file=sys.stderr)
        return 1


def _start(workspace: Workspace, options: argparse.Namespace) -> int:
    wanted = _server_options(options)
    with workspace.locked():
        if running := workspace.running():
            if running.options == wanted:
                print(f"The local cloud already runs at {running.endpoint}. In your shell: . {_env(workspace)}")
                return 0
            print(
                f"A local cloud of this clone already runs at {running.endpoint}, with {' '.join(running.options)}. "
                "Stop it first: scripts/cloud stop",
                file=sys.stderr,
            )
            return 1
        workspace.remove()  # what a killed one left
        started = time.monotonic()
        cloud = LocalCloud.start(*wanted, outlives_caller=True)
        try:
            create_default_copy_role(cloud)
            workspace.remember(cloud, wanted)
        except BaseException:
            cloud.stop()
            raise
    print(f"The local cloud is ready at {cloud.ready['endpoint']} after {time.monotonic() - started:.1f} s.")
    _describe(cloud)
    print(f"In your shell:  . {_env(workspace)}")
    return 0


def _stop(workspace: Workspace) -> int:
    with workspace.locked():
        print("The local cloud has stopped." if workspace.remove() else "No local cloud of this clone runs.")
    return 0


def _status(workspace: Workspace) -> int:
    """0 if it runs, 3 if not, as `systemctl status` answers."""
    running = workspace.running()
    if running is None:
        print("No local cloud of this clone runs.")
        return 3
    print(f"The local cloud runs at {running.endpoint} (process {running.process_id}).")
    print(f"Options:        {' '.join(running.options)}")
    print(f"In your shell:  . {_env(workspace)}")
    print(f"Log:            {running.folder}/log")
    return 0


def _run(options: argparse.Namespace) -> int:
    """Runs the command with a cloud of its own, which ends with it; returns the command's exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    cloud = LocalCloud.start(*_server_options(options))
    try:
        create_default_copy_role(cloud)
        environment = {**without_profile(os.environ), **environment_of(cloud, cloud.folder)}
        try:
            return subprocess.run(options.run, env=environment, check=False).returncode
        except OSError as error:
            print(f"{options.run[0]}: {error.strerror}", file=sys.stderr)
            return 127
    except KeyboardInterrupt:
        return 130
    finally:
        cloud.stop()


def _describe(cloud: LocalCloud) -> None:
    ready = cloud.ready
    print(f"Clusters:       {', '.join(ready['clusters'])}  (admin user {ready['admin']})")
    print(f"Workgroups:     {', '.join(ready['workgroups'])}")
    print(f"Databases:      {', '.join(ready['databases'])}")


def _server_options(options: argparse.Namespace) -> tuple[str, ...]:
    given = [("--port", str(options.port)), ("--default-copy-role", DEFAULT_COPY_ROLE)]
    given += [("--cluster", name) for name in options.cluster or [CLUSTER]]
    given += [("--workgroup", name) for name in options.workgroup or [WORKGROUP]]
    given += [("--database", name) for name in options.database or ["dev"]]
    if options.data_dir:
        given.append(("--data-dir", str(options.data_dir.resolve())))
    return tuple(part for pair in given for part in pair)


def _env(workspace: Workspace) -> str:
    return os.path.relpath(workspace.folder / "env")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/cloud",
        description="An AWS API and an Amazon Redshift on this machine, for your own Terraform and tests.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    start = commands.add_parser("start", help="start it, wait until it is ready, and write .cloud/env")
    commands.add_parser("stop", help="stop it")
    commands.add_parser("status", help="tell whether it runs; the exit status is 0 if it does")
    run = commands.add_parser("run", help="start one, run a command with its environment, stop it")
    start.add_argument("--port", type=int, default=PORT, help="default: %(default)s")
    run.add_argument("--port", type=int, default=0, help="default: a free one")
    for command in (start, run):
        command.add_argument("--cluster", action="append", metavar="NAME", help=f"repeatable; default: {CLUSTER}")
        command.add_argument("--workgroup", action="append", metavar="NAME", help=f"repeatable; default: {WORKGROUP}")
        command.add_argument("--database", action="append", metavar="NAME", help="repeatable; default: dev")
        command.add_argument(
            "--data-dir", type=Path, help="keep everything there between starts (default: nothing is kept)"
        )
    run.add_argument("run", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="the command and its arguments")
    return parser


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
