"""`python -m local_cloud.server`: the whole local cloud on one port of 127.0.0.1, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any, cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import Framework

from local_cloud.redshift.warehouse import Warehouse
from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.data_api import DataApi
from local_cloud.replays import Replays
from local_cloud.services.apigateway.websocket_frames import bound_frames
from local_cloud.services.cloudfront.pages import Pages
from local_cloud.services.emulator import Emulator
from local_cloud.services.s3.copy_role import RoleReader
from local_cloud.settings import Settings

logger = logging.getLogger("local_cloud")

_BACKLOG = 1024  # connections that may come at once

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Front:
    """The ASGI application: the switches for tests, and everything else to ministack."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._pages = Pages(emulator.settings.port)
        self._replays = Replays()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        scope, send = self._pages.as_on_aws(scope, send)
        if scope["type"] != "http":
            await self._emulator.app(scope, receive, send)
        elif scope["path"].startswith("/_relay/"):
            await self._switch(scope, receive, send)
        elif self._emulator.switches.armed():
            await self._maybe_killing(scope, receive, send)
        elif answer := self._replays.earlier(scope):
            for message in answer:
                await send(message)
        else:
            await self._emulator.app(scope, receive, self._replays.keeping(scope, send))

    async def _switch(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        try:
            given = json.loads(body or b"{}")
        except ValueError:
            given = None
        if isinstance(given, dict):
            status, answer = self._emulator.switches.handle(scope["method"], scope["path"], given)
        else:
            status, answer = 400, {"message": "the body must be a JSON object"}
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    async def _maybe_killing(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve a request, killing the worker that sent it before or after as an armed kill says."""
        body = await _body(receive)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope.get("query_string", b"").decode()
        kill = self._emulator.kills.due(scope["method"], scope["path"], headers, body, query)
        if kill is not None and kill.when == "before":
            self._emulator.kills.kill_worker(headers, scope.get("client"))
            return
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def drop(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._emulator.kills.kill_worker(headers, scope.get("client"))

        await self._emulator.app(scope, replay, send if kill is None else drop)


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM, SIGINT or (with --with-parent) the end of standard input."""
    options = _parser().parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.log_file:
        options.log_file.parent.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", options.port))
    except OSError as error:
        print(f"127.0.0.1:{options.port} cannot be opened: {error.strerror}", file=sys.stderr)
        return 1
    listener.listen(_BACKLOG)
    settings = Settings(
        config=CloudConfig(
            account_id=options.account_id,
            region=options.region,
            cluster=options.cluster,
            workgroup=options.workgroup,
            databases=tuple(options.database or ["dev"]),
            admin=options.admin,
            default_copy_role=options.default_copy_role,
        ),
        port=listener.getsockname()[1],
        access_key=options.access_key or f"AKIA{secrets.token_hex(8).upper()}",
        secret_key=options.secret_key or secrets.token_hex(20),
        folder=options.folder.resolve(),
        retry_seconds=options.retry_seconds,
        log_level=options.log_level,
        websocket_idle_seconds=options.websocket_idle_seconds,
        websocket_seconds=options.websocket_seconds,
    )
    bound_frames()
    emulator = Emulator(settings)
    _log_to(options.log_file, options.log_level)
    try:
        asyncio.run(_run(emulator, settings, listener, options.ready_file, with_parent=options.with_parent))
        status = 0
    except Exception as error:
        logger.exception("the local cloud ended")
        print(f"the local cloud ended: {error}", file=sys.stderr)
        status = 1
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # ministack's daemon threads and pools need no farewell, and must not hold up the end


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
    reader = RoleReader(
        emulator.roles,
        emulator.bucket_region,
        settings.endpoint,
        region=config.region,
        cluster_user_arn=f"arn:aws:redshift:{config.region}:{config.account_id}:dbuser:{config.cluster}/{config.admin}",
        default_role=config.default_copy_role,
    )
    begun = time.monotonic()
    warehouse = await asyncio.to_thread(
        Warehouse.start,
        settings.folder / "warehouse",
        read_s3=reader,
        cluster_user=config.admin,
        databases=config.databases,
    )
    try:
        api = DataApi(warehouse, config, emulator.data_api.announce)
        emulator.data_api.serve(api)
        hypercorn = Config()
        hypercorn.bind = [f"fd://{listener.fileno()}"]
        # Longer than any client keeps an idle connection: who closes first loses no request that was just being sent.
        hypercorn.keep_alive_timeout = 3600
        hypercorn.graceful_timeout = 1
        hypercorn.backlog = _BACKLOG
        hypercorn.loglevel = "WARNING"
        serving = asyncio.create_task(
            serve(cast("Framework", Front(emulator)), hypercorn, shutdown_trigger=cast("Any", stop.wait))
        )
        ready = asyncio.create_task(_tell_when_ready(settings, ready_file, begun))
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
    """Python 3.11 reports each connection that is still open at the end, and therefore cancelled, as an error."""
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


async def _tell_when_ready(settings: Settings, ready_file: Path | None, begun: float) -> None:
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
        "cluster": config.cluster,
        "cluster_arn": config.cluster_arn,
        "workgroup": config.workgroup,
        "workgroup_arn": config.workgroup_arn,
        "databases": list(config.databases),
        "admin": config.admin,
        "seconds": round(time.monotonic() - begun, 2),
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
    """The parent holds the other end of standard input; when it dies, however it dies, reading ends."""
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local_cloud.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--folder", type=Path, required=True, help="where PostgreSQL and unpacked functions live")
    parser.add_argument(
        "--ready-file", type=Path, help="JSON, written when everything is up (default: standard output)"
    )
    parser.add_argument("--log-file", type=Path, help="default: standard error")
    parser.add_argument("--log-level", default="INFO")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input ends")
    parser.add_argument("--account-id", default=CloudConfig.account_id)
    parser.add_argument("--region", default=CloudConfig.region)
    parser.add_argument("--access-key", help="root's access key id (default: a random one)")
    parser.add_argument("--secret-key", help="root's secret access key (default: a random one)")
    parser.add_argument("--cluster", default=CloudConfig.cluster, help="identifier of the provisioned cluster")
    parser.add_argument("--workgroup", default=CloudConfig.workgroup, help="name of the Serverless workgroup")
    parser.add_argument("--database", action="append", help="a database to have (repeatable; default: dev)")
    parser.add_argument("--admin", default=CloudConfig.admin, help="the cluster's admin user")
    parser.add_argument("--default-copy-role", help="ARN of the cluster's default IAM role, for IAM_ROLE default")
    parser.add_argument("--retry-seconds", type=float, default=1.0, help="wait before an asynchronous retry (doubles)")
    parser.add_argument("--websocket-idle-seconds", type=float, default=Settings.websocket_idle_seconds)
    parser.add_argument("--websocket-seconds", type=float, default=Settings.websocket_seconds)
    return parser


if __name__ == "__main__":
    sys.exit(main())
