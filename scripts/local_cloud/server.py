"""`python -m local_cloud.server`: the local cloud on one port of 127.0.0.1, until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import Framework

from local_cloud import command_line
from local_cloud.data_directory import DataDirectory, UnusableDataDirectory
from local_cloud.front import Front
from local_cloud.redshift.warehouse import Warehouse
from local_cloud.redshift_data.data_api import DataApi
from local_cloud.services.apigateway.websockets.frames import bound_frames
from local_cloud.services.emulator import Emulator
from local_cloud.services.s3.role_files import RoleFiles
from local_cloud.settings import Settings

logger = logging.getLogger("local_cloud")

_BACKLOG = 1024  # simultaneous new connections


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM, SIGINT or (with --with-parent) the end of standard input."""
    options = command_line.build_parser().parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.log_file:
        options.log_file.parent.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", options.port))
    except OSError as error:
        print(
            f"127.0.0.1:{options.port} cannot be opened: {error.strerror}. Choose another port with --port",
            file=sys.stderr,
        )
        return 1
    listener.listen(_BACKLOG)
    try:
        with _data_directory(options, listener) as data:
            settings = command_line.settings(options, data, port=listener.getsockname()[1])
            bound_frames()
            emulator = Emulator(settings)
            _log_to(options.log_file, options.log_level)
            asyncio.run(_run(emulator, settings, listener, options.ready_file, with_parent=options.with_parent))
        status = 0
    except UnusableDataDirectory as error:
        print(error, file=sys.stderr)
        status = 1
    except Exception as error:
        logger.exception("the local cloud ended")
        print(f"the local cloud ended: {error}", file=sys.stderr)
        status = 1
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # ministack's daemon threads and pools must not delay the exit


@contextlib.contextmanager
def _data_directory(options: argparse.Namespace, listener: socket.socket) -> Iterator[DataDirectory | None]:
    """The directory of --data-dir, held by this process; None without the option."""
    if options.data_dir is None:
        yield None
        return
    data = DataDirectory(options.data_dir)
    with data.locked(account_id=options.account_id, region=options.region, port=listener.getsockname()[1]):
        yield data


async def _run(
    emulator: Emulator, settings: Settings, listener: socket.socket, ready_file: Path | None, *, with_parent: bool
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_report)
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(name, stop.set)
    if with_parent:
        threading.Thread(target=_wait_for_end_of_input, args=(loop, stop), daemon=True).start()
    config = settings.config
    reader = RoleFiles(
        emulator.roles,
        emulator.bucket_region,
        settings.endpoint,
        region=config.region,
        cluster_user_arn=f"arn:aws:redshift:{config.region}:{config.account_id}:dbuser:{config.clusters[0]}/{config.admin}",
        default_role=config.default_copy_role,
    )
    started = time.monotonic()
    warehouse = await asyncio.to_thread(
        Warehouse.start,
        settings.folder / "warehouse",
        read_s3=reader,
        cluster_user=config.admin,
        databases=config.databases,
        kept=settings.data.warehouse if settings.data else None,
    )
    try:
        api = DataApi(warehouse, config, emulator.data_api.announce)
        emulator.data_api.serve(api)
        hypercorn = Config()
        hypercorn.bind = [f"fd://{listener.fileno()}"]
        # Longer than any client keeps an idle connection: if the server closed first, a request could be lost.
        hypercorn.keep_alive_timeout = 3600
        hypercorn.graceful_timeout = 1
        hypercorn.backlog = _BACKLOG
        hypercorn.loglevel = "WARNING"
        serving = asyncio.create_task(
            serve(cast("Framework", Front(emulator)), hypercorn, shutdown_trigger=cast("Any", stop.wait))
        )
        ready = asyncio.create_task(_tell_when_ready(settings, ready_file, started))
        done, _ = await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        if serving not in done:
            await serving
        ready.cancel()
    finally:
        with contextlib.suppress(Exception):
            api.stop()
        await asyncio.to_thread(emulator.stop)
        await asyncio.to_thread(warehouse.stop)
        shutil.rmtree(settings.folder / "tmp", ignore_errors=True)
        if ready_file:
            ready_file.unlink(missing_ok=True)
        logger.info("stopped")


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Python 3.11 reports each connection that is still open at the end as an error."""
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


async def _tell_when_ready(settings: Settings, ready_file: Path | None, started: float) -> None:
    while not await asyncio.to_thread(_answers, settings.endpoint):
        await asyncio.sleep(0.05)
    config = settings.config
    facts = {
        "endpoint": settings.endpoint,
        "port": settings.port,
        "pid": os.getpid(),
        "access_key_id": settings.access_key,
        "secret_access_key": settings.secret_key,
        "account_id": config.account_id,
        "region": config.region,
        "cluster": config.clusters[0],
        "cluster_arn": config.cluster_arn(config.clusters[0]),
        "workgroup": config.workgroups[0],
        "workgroup_arn": config.workgroup_arn(config.workgroups[0]),
        "clusters": list(config.clusters),
        "workgroups": {name: config.workgroup_arn(name) for name in config.workgroups},
        "databases": list(config.databases),
        "admin": config.admin,
        "seconds": round(time.monotonic() - started, 2),
    }
    if ready_file:
        ready_file.parent.mkdir(parents=True, exist_ok=True)
        draft = ready_file.with_name(ready_file.name + ".part")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(facts, indent=2) + "\n")
        draft.replace(ready_file)
    else:
        print(json.dumps(facts), flush=True)
    logger.info("ready on %s after %s s", settings.endpoint, facts["seconds"])


def _answers(endpoint: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint}/_relay/events", timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _wait_for_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """The parent owns the other end of standard input: when it dies, reading ends."""
    while sys.stdin.buffer.read(4096):
        pass
    loop.call_soon_threadsafe(stop.set)


def _log_to(file: Path | None, level: str) -> None:
    handler = logging.FileHandler(file) if file else logging.StreamHandler(sys.stderr)
    logging.basicConfig(
        level=level.upper(), handlers=[handler], format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    for chatty in ("botocore", "boto3", "urllib3", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
