"""Where the tests look for a browser, and how they get one; the commands that would install it are fakes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser.chromium import candidates, ensure_browser, install

DOWNLOAD, LIBRARIES, DEBIAN, SUDO = (
    "playwright install ",
    "playwright install-deps",
    "install --yes chromium",
    "sudo -n",
)


class Machine:
    """Which commands succeed on it, which ran, and after which of them a browser starts."""

    def __init__(self, *succeed: str, starts_after: str = "") -> None:
        self.succeed, self.starts_after = succeed, starts_after
        self.ran: list[str] = []
        self.said: list[str] = []

    def run(self, *command: str) -> bool:
        self.ran.append(" ".join(command))
        return any(part in self.ran[-1] for part in self.succeed)

    def find(self) -> str | None:
        return "/found" if self.starts_after and any(self.starts_after in command for command in self.ran) else None

    def install(self) -> None:
        install(self.said.append, self.find, self.run)

    def did(self, part: str) -> bool:
        return any(part in command for command in self.ran)


@pytest.fixture(autouse=True)
def _nothing_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No $CHROMIUM, and a PATH with nothing on it but apt-get and sudo."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    command(tmp_path / "bin" / "apt-get")
    command(tmp_path / "bin" / "sudo")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.fixture
def is_root(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    return lambda yes: monkeypatch.setattr(os, "geteuid", lambda: 0 if yes else 1000)


def command(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 1\n")
    path.chmod(0o755)
    return path


def test_playwrights_own_comes_first_then_the_path_then_the_usual_places(tmp_path: Path) -> None:
    assert candidates(tmp_path) == [None]
    edge = command(tmp_path / "bin" / "microsoft-edge")
    chrome = command(tmp_path / "Applications" / "Google Chrome.app" / "Contents" / "MacOS" / "Google Chrome")
    snap = command(tmp_path / "snap" / "bin" / "chromium")
    assert candidates(tmp_path) == [None, edge, snap, chrome]


def test_a_browser_that_is_named_excludes_all_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(tmp_path / "bin" / "chromium")
    monkeypatch.setenv("CHROMIUM", "/here/it/is")
    assert candidates(tmp_path) == [Path("/here/it/is")]


def test_a_download_is_enough() -> None:
    machine = Machine(DOWNLOAD, starts_after=DOWNLOAD)
    machine.install()
    assert len(machine.ran) == len(machine.said) == 1


def test_a_download_that_lacks_libraries_gets_them(is_root: Callable[[bool], None]) -> None:
    is_root(True)
    machine = Machine(DOWNLOAD, LIBRARIES, starts_after=LIBRARIES)
    machine.install()
    assert machine.did(LIBRARIES)
    assert not machine.did(DEBIAN)


def test_without_a_download_the_package_is_installed(is_root: Callable[[bool], None]) -> None:
    is_root(True)
    machine = Machine(DEBIAN, starts_after=DEBIAN)
    machine.install()
    assert machine.did(DEBIAN)
    assert not machine.did(LIBRARIES)
    assert not machine.did(SUDO)
    assert len(machine.said) == 2


def test_sudo_serves_where_it_asks_for_no_password(is_root: Callable[[bool], None]) -> None:
    is_root(False)
    machine = Machine("sudo -n true", DEBIAN, starts_after=DEBIAN)
    machine.install()
    assert f"{SUDO} env DEBIAN_FRONTEND=noninteractive apt-get -qq {DEBIAN}" in machine.ran


@pytest.mark.parametrize("lacks", ["sudo", "apt-get"])
def test_who_may_not_install_is_not_asked(is_root: Callable[[bool], None], tmp_path: Path, lacks: str) -> None:
    is_root(False)
    (tmp_path / "bin" / lacks).unlink()
    machine = Machine("sudo -n true")
    machine.install()
    assert not machine.did("apt-get")


def test_nothing_to_be_had_is_one_sentence_of_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find", lambda: None)
    monkeypatch.setattr(chromium, "install", lambda say, find: None)
    with pytest.raises(chromium.NoBrowser, match=r"none could be installed\. Install Chromium, Chrome or Edge"):
        ensure_browser(print)


def test_a_named_browser_that_does_not_start_is_not_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM", str(command(tmp_path / "broken")))
    with pytest.raises(chromium.NoBrowser, match=r"CHROMIUM=.*/broken does not start"):
        ensure_browser(print)


def test_the_browser_that_starts_is_named() -> None:
    said: list[str] = []
    ensure_browser(said.append)
    (line,) = said
    assert line.startswith("The page's tests use ")
