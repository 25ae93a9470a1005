"""The browser of the page's tests: found on this machine, or installed before the first test, and started from here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

# A closed network, no sandbox inside a container, no first-run questions.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
)
USUAL_PLACES = (
    "usr/bin/chromium",
    "usr/lib/chromium/chromium",
    "snap/bin/chromium",
    "opt/google/chrome/chrome",
    "opt/microsoft/msedge/msedge",
    "Applications/Chromium.app/Contents/MacOS/Chromium",
    "Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
"""Below the root: browsers that are not on the PATH."""
OWN = "Playwright's own Chromium"
Run = Callable[..., bool]


class NoBrowser(Exception):
    """No browser starts, and none could be installed; the message says what to do."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser. While Playwright runs, no other event loop of this thread can."""
    with sync_playwright() as playwright:
        for path in candidates():
            if browser := _launch(playwright, path):
                yield browser
                browser.close()
                return
    raise NoBrowser(_advice())


def ensure_browser(say: Callable[[str], None]) -> None:
    """Finds a browser that starts, or installs one, and says which in one line; raises NoBrowser."""
    found = find()
    if not found and not os.environ.get("CHROMIUM"):
        install(say, find)
        found = find()
    if not found:
        raise NoBrowser(_advice())
    say(f"The page's tests use {found}.")


def find() -> str | None:
    """The first candidate that starts."""
    with sync_playwright() as playwright:
        for path in candidates():
            if browser := _launch(playwright, path):
                browser.close()
                return str(path or OWN)
    return None


def candidates(root: Path = Path("/")) -> list[Path | None]:
    """Where a browser may be, best first; None is Playwright's own. $CHROMIUM excludes all others."""
    if given := os.environ.get("CHROMIUM"):
        return [Path(given)]
    on_path = [Path(found) for name in COMMANDS if (found := shutil.which(name))]
    installed = [path for place in USUAL_PLACES if (path := root / place).exists()]
    return [None, *dict.fromkeys([*on_path, *installed])]


def install(say: Callable[[str], None], find: Callable[[], str | None], run: Run | None = None) -> None:
    """Playwright's own download, or Debian's package where that is not to be had; each only if the one before fails.

    `run` runs a command and tells whether it succeeded.
    """
    run = run or _run
    say("No browser starts here: downloading Playwright's Chromium (once; about 110 MB) ...")
    downloaded = run(sys.executable, "-m", "playwright", "install", "chromium-headless-shell")
    if downloaded and find():
        return
    as_root = _as_root(run)
    if as_root is None or not shutil.which("apt-get"):
        return
    apt_get = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    if downloaded:
        say("The downloaded Chromium lacks system libraries: installing them with apt-get ...")
        if run(*as_root, sys.executable, "-m", "playwright", "install-deps", "chromium-headless-shell") and find():
            return
    say("Installing Debian's package chromium with apt-get (once; about a minute) ...")
    run(*apt_get, "update")
    run(*apt_get, "install", "--yes", "chromium")


def _as_root(run: Run) -> list[str] | None:
    """What stands before a command that only root may run; None if that needs a password."""
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if shutil.which("sudo") and run("sudo", "-n", "true") else None


def _run(*command: str) -> bool:
    # A slow network is not an absent one, but nobody waits for ever.
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=900).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _launch(playwright: Playwright, path: Path | None) -> Browser | None:
    try:
        return playwright.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=60_000)
    except Error:
        return None


def _advice() -> str:
    if given := os.environ.get("CHROMIUM"):
        return f"CHROMIUM={given} does not start. Set CHROMIUM to the path of Chromium, Chrome or Edge, or unset it."
    return (
        "The page's tests need a browser, and none could be installed. Install Chromium, Chrome or Edge, or set"
        " CHROMIUM to the path of one."
    )
