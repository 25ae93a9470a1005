"""`.ci/release`: what the workflow publishes for a tag, from a clone in which the test makes the release."""

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clone import copy_working_tree

VERSION = "0.1.0"


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """The working tree, with a CHANGELOG as a release has it."""
    copy_working_tree(tmp_path / "clone")
    changelog = tmp_path / "clone" / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text.replace("## [Unreleased]\n", f"## [Unreleased]\n\n## [{VERSION}] - 2026-12-01\n", 1))
    return tmp_path / "clone"


def release(clone: Path, tag: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / ".ci" / "release", tag, "release"],
        cwd=clone,
        env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )


def test_zips_checksums_and_notes(clone: Path) -> None:
    done = release(clone, f"v{VERSION}")
    assert done.returncode == 0, done.stderr
    folder = clone / "release"
    zips = sorted(path.name for path in folder.glob("*.zip"))
    modules = sorted(path.parent.name for path in clone.glob("modules/*/package.zip"))
    assert zips == [f"redshift-relay-{module}-{VERSION}.zip" for module in modules]
    sums = dict(reversed(line.split(maxsplit=1)) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in zips}
    with zipfile.ZipFile(folder / zips[0]) as archive:
        assert archive.read("relay/VERSION").decode().strip() == VERSION
    notes = (folder / "notes.md").read_text(encoding="utf-8")
    assert notes.startswith("### Added\n")
    assert "## [" not in notes
    assert "scripts/demo" in notes


def test_a_tag_that_is_not_the_version_is_refused(clone: Path) -> None:
    done = release(clone, "v0.2.0")
    assert done.returncode == 1
    assert done.stderr == (
        "functions/relay/VERSION: is 0.1.0, but the tag is v0.2.0. Set VERSION to 0.2.0, or tag v0.1.0.\n"
    )


def test_a_version_without_its_section_is_refused(clone: Path) -> None:
    changelog = clone / "CHANGELOG.md"
    changelog.write_text(changelog.read_text(encoding="utf-8").replace(f"## [{VERSION}] - ", "## [9.9.9] - "))
    done = release(clone, f"v{VERSION}")
    assert done.returncode == 1
    assert 'CHANGELOG.md: has no section "## [0.1.0] - <date>" with content.' in done.stderr


def test_stale_zips_are_refused(clone: Path) -> None:
    (clone / "functions" / "relay" / "log.py").write_text("changed = True\n")
    done = release(clone, f"v{VERSION}")
    assert done.returncode == 1
    assert "stale: modules/scheduler/package.zip" in done.stderr
