"""A fresh copy of the working tree, for tests that run the commands of scripts/ as a person does."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]


@contextmanager
def fresh_clone() -> Iterator[Path]:
    """A copy in a folder of its own, which also has room for temporary files beside it (`../tmp`)."""
    # Not pytest's own folder: as root, PostgreSQL runs as a user that may not read there.
    folder = Path(tempfile.mkdtemp(prefix="clone-"))
    folder.chmod(0o711)
    try:
        (folder / "tmp").mkdir(mode=0o711)
        (folder / "clone").mkdir()
        copy_working_tree(folder / "clone")
        lend_environment(folder / "clone")
        yield folder / "clone"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def processes_in(folder: Path) -> list[str]:
    """The processes that work in a folder or were started from it."""
    return [
        f"process {process.info['pid']}: {process.info['cmdline']}"
        for process in psutil.process_iter(["pid", "cmdline", "cwd"])
        if any(str(folder) in text for text in [*(process.info["cmdline"] or []), process.info["cwd"] or ""])
    ]


def copy_working_tree(target: Path) -> None:
    """Copies what git lists, with changes that are not committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def lend_environment(target: Path) -> None:
    """The Python environment of these tests, with the mark of a finished installation: it saves minutes."""
    (target / ".venv").mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (target / ".venv" / part).symlink_to(Path(sys.prefix) / part)
    with (target / "requirements" / "demo.txt").open() as listed:
        mark = subprocess.run(["cksum"], stdin=listed, capture_output=True, check=True).stdout
    (target / ".venv" / ".installed-demo").write_bytes(mark)
