"""What holds for all tests: which run side by side, the browser before the first one, and what only `--all` runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.browser.chromium import NoBrowser, ensure_browser

# Hypothesis draws the same examples in every run, and keeps none.
settings.register_profile(
    "tests",
    deadline=None,  # machines that run this are slow and shared
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    database=None,
)
settings.load_profile("tests")

# Tests of a group share a worker process, and with it a local cloud. The longest come first, so that all end together.
GROUPS = {
    "gateway-kills": ["tests/e2e/gateway/test_kills.py"],
    "interrupted": ["tests/e2e/interrupted/"],
    "hardened": ["tests/e2e/hardened/"],
    "pipeline-kills": ["tests/e2e/test_kills.py"],
    "demo": ["tests/e2e/test_demo.py"],
    "acceptance": ["tests/e2e/test_acceptance.py"],
    "cloud-command": ["tests/e2e/test_cloud_command.py"],
    "console": ["tests/console/"],
    "gateway": ["tests/e2e/gateway/"],
    "files": ["tests/e2e/files/", "tests/consumers/test_incremental.py"],
    "pipeline": ["tests/e2e/"],
    "browser": ["tests/browser/"],
    "modules": ["tests/modules/"],
    "local-cloud": ["tests/local_cloud/"],
}
"""group: the beginnings of its tests' ids; the first group that fits takes a test. All other files are their own."""
NEED_A_BROWSER = ("tests/browser/", "tests/console/")
_BROWSER = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run the tests marked long, too: more of the same")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: more of what another test covers; only scripts/test --all runs it")
    config.stash[_BROWSER] = False


def pytest_xdist_auto_num_workers() -> int:
    """-n auto: two workers for each core, as tests mostly wait for Terraform, statements and events."""
    return 2 * (os.cpu_count() or 1)


class GroupScheduling(LoadScopeScheduling):
    """Gives all tests of a group to the same worker. (--dist loadgroup does nothing with pytest 9.2.)"""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    return GroupScheduling(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    if not config.getoption("all"):
        long = {item for item in items if item.get_closest_marker("long")}
        config.hook.pytest_deselected(items=list(long))
        items[:] = [item for item in items if item not in long]
    rank = {name: number for number, name in enumerate(GROUPS)}
    yield  # pytest-random-order shuffles
    items.sort(key=lambda item: rank.get(_group(item.nodeid), len(rank)))


def pytest_collection_finish(session: pytest.Session) -> None:
    is_worker = hasattr(session.config, "workerinput")
    if not is_worker and not session.config.getoption("collectonly"):
        _ensure_browser(session.config, (item.nodeid for item in session.items))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: object, ids: list[str]) -> None:
    """The same for pytest-xdist, whose workers collect: before the first of them gets a test."""
    _ensure_browser(node.config, ids)  # type: ignore[attr-defined]


def _ensure_browser(config: pytest.Config, ids: Iterable[str]) -> None:
    if config.stash[_BROWSER] or not any(name.startswith(NEED_A_BROWSER) for name in ids):
        return
    terminal = config.pluginmanager.getplugin("terminalreporter")
    try:
        ensure_browser(lambda line: terminal.write_line(line) if terminal else None)
    except NoBrowser as missing:
        pytest.exit(str(missing), returncode=1)
    config.stash[_BROWSER] = True


def _group(test: str) -> str:
    fits = (name for name, beginnings in GROUPS.items() if test.startswith(tuple(beginnings)))
    return next(fits, test.partition("::")[0])
