"""scripts/package: the same bytes from everywhere, stale zips named, nothing in them that Lambda does not have."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[3]
PACKAGE = CLONE / "scripts" / "package"

SOURCES = {
    "functions/relay/__init__.py": (
        "from importlib.resources import files\n\n"
        '__version__ = files(__name__).joinpath("VERSION").read_text("utf-8").strip()\n'
    ),
    "functions/relay/VERSION": "0.1.0\n",
    "functions/relay/py.typed": "",
    "functions/relay/names.py": "import json\nimport boto3\nfrom botocore.config import Config\n",
    "functions/scheduler/__init__.py": "",
    "functions/scheduler/handler.py": (
        "from __future__ import annotations\n"
        "import typing\n"
        "from typing import TYPE_CHECKING\n"
        "from relay import __version__\n"
        "from scheduler.deep.answer import ANSWER\n"
        "if TYPE_CHECKING:\n    import mypy_boto3_sns\n"
        "if typing.TYPE_CHECKING:\n    from mypy_boto3_sqs import Client\n"
        "def handle(event, context):\n    return [__version__, ANSWER]\n"
    ),
    "functions/scheduler/deep/__init__.py": "",
    "functions/scheduler/deep/answer.py": "from .. import __name__ as parent\nANSWER = parent\n",
    "functions/notifier/__init__.py": "",
    "functions/notifier/handler.py": "import relay\n",
    "modules/scheduler/main.tf": "",
    "modules/notifier/main.tf": "",
}


def make_tree(root: Path) -> Path:
    for name, text in SOURCES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "clone")


def run(
    root: Path, *options: str, umask: int = -1, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the script with the standard library alone (-S), as on a machine without this project's packages."""
    return subprocess.run(
        [sys.executable, "-S", str(PACKAGE), "--root", str(root), *options],
        capture_output=True,
        text=True,
        check=False,
        umask=umask,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **(env or {})},
    )


def built(root: Path, *options: str, umask: int = -1, env: Mapping[str, str] | None = None) -> bytes:
    done = run(root, *options, umask=umask, env=env)
    assert done.returncode == 0, done.stderr
    return (root / "modules" / "scheduler" / "package.zip").read_bytes()


def test_the_bytes_depend_on_nothing_but_the_sources(tmp_path: Path) -> None:
    one = make_tree(tmp_path / "one")
    data = built(one, umask=0o022, env={"TZ": "UTC", "PYTHONHASHSEED": "1"})

    other = tmp_path / "a" / "very much" / "ängstlich folder"
    for name in reversed(SOURCES):  # made in another order
        path = other / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SOURCES[name].encode())
        path.chmod(0o700)
        os.utime(path, (86400 * 365 * 20, 86400 * 365 * 20))
    leftovers = ["scheduler/__pycache__/handler.cpython-311.pyc", "scheduler/.DS_Store", "relay/old.pyc", ".idea/x.xml"]
    for name in leftovers:
        path = other / "functions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left over")
    done = run(other, umask=0o077, cwd=tmp_path, env={"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "2", "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr

    assert (other / "modules" / "scheduler" / "package.zip").read_bytes() == data
    assert run(other, "--check").returncode == 0


def pythons() -> dict[str, str]:
    """Version -> executable of every Python from 3.11 on that this machine has."""
    candidates = [sys.executable, *(f"python3.{minor}" for minor in range(11, 16))]
    candidates += map(str, sorted(Path.home().glob(".pyenv/versions/3.*/bin/python")))
    found: dict[str, str] = {}
    for candidate in candidates:
        show = "import sys; print('%d.%d' % sys.version_info[:2]) if sys.version_info >= (3, 11) else exit(1)"
        if path := shutil.which(candidate):
            done = subprocess.run([path, "-c", show], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                found.setdefault(done.stdout.strip(), path)
    return found


@pytest.mark.parametrize("version", sorted(pythons()))
def test_every_python_builds_the_committed_zips(version: str) -> None:
    """Each Python that this machine has. zlib plays no role: nothing is deflated."""
    done = subprocess.run(
        [pythons()[version], "-S", str(PACKAGE), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_line_ends_of_a_windows_checkout_change_nothing(tree: Path) -> None:
    data = built(tree)
    for path in (tree / "functions").rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert run(tree, "--check").returncode == 0
    assert built(tree) == data


def test_what_a_zip_holds(tree: Path) -> None:
    data = built(tree)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
    names = [entry.filename for entry in entries]
    wanted = [name.removeprefix("functions/") for name in SOURCES if name.startswith("functions/")]
    assert names == sorted(name for name in wanted if not name.startswith("notifier/"))
    for entry in entries:
        assert entry.compress_type == zipfile.ZIP_STORED
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.create_system == 3
        mode = entry.external_attr >> 16
        assert stat.S_ISREG(mode)
        assert stat.S_IMODE(mode) == 0o644
        assert not entry.extra
        assert not entry.comment


IMPORT = (
    "import sys, json, types; sys.dont_write_bytecode = True; sys.path[:0] = [sys.argv[1]]\n"
    "from scheduler import handler\n"
    "import relay\n"
    "print(json.dumps([handler.handle({}, None), handler.__file__, relay.__version__]))\n"
)


def test_the_handler_comes_out_of_the_zip(tree: Path) -> None:
    built(tree)
    path = tree / "modules" / "scheduler" / "package.zip"
    shutil.rmtree(tree / "functions")
    done = subprocess.run([sys.executable, "-c", IMPORT, str(path)], capture_output=True, text=True, check=True)
    answer, file, version = json.loads(done.stdout)
    assert answer == ["0.1.0", "scheduler"]
    assert Path(file).is_relative_to(path)
    assert version == "0.1.0"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "functions/scheduler/handler.py",
            SOURCES["functions/scheduler/handler.py"].replace("ANSWER]", "ANSWER, 2]"),
            "changed  scheduler/handler.py (from line 11)",
        ),
        ("functions/relay/VERSION", "0.1.1\n", "changed  relay/VERSION (from line 1)"),
        ("functions/scheduler/more.py", "", "added    scheduler/more.py"),
        ("functions/scheduler/deep/answer.py", None, "removed  scheduler/deep/answer.py"),
    ],
)
def test_check_names_the_stale_zip_and_what_changed(tree: Path, name: str, text: str | None, told: str) -> None:
    before = built(tree)
    path = tree / name
    if text is None:
        path.unlink()
    else:
        path.write_text(text, "utf-8")
    done = run(tree, "--check")
    assert done.returncode == 1
    assert "stale: modules/scheduler/package.zip" in done.stderr
    assert told in done.stderr
    assert ("stale: modules/notifier/package.zip" in done.stderr) == name.startswith("functions/relay/")
    assert (tree / "modules" / "scheduler" / "package.zip").read_bytes() == before  # --check writes nothing
    assert run(tree).returncode == 0
    assert run(tree, "--check").returncode == 0


def test_check_names_zips_that_are_missing_broken_repacked_or_left(tree: Path) -> None:
    done = run(tree, "--check")
    assert done.returncode == 1
    assert "stale: modules/scheduler/package.zip\n  not built" in done.stderr

    data = built(tree)
    path = tree / "modules" / "scheduler" / "package.zip"
    path.write_bytes(b"PK no zip")
    assert "not a readable zip" in run(tree, "--check").stderr

    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as again:
        for entry in archive.infolist():
            again.writestr(entry.filename, archive.read(entry))
    assert "same files, but not stored as scripts/package does" in run(tree, "--check").stderr

    path.write_bytes(data)
    (tree / "modules" / "gone").mkdir()
    (tree / "modules" / "gone" / "package.zip").write_bytes(data)
    assert "stale: modules/gone/package.zip" in run(tree, "--check").stderr


def test_one_module(tree: Path) -> None:
    built(tree, "--module", "scheduler")
    assert not (tree / "modules" / "notifier" / "package.zip").exists()
    assert run(tree, "--check", "--module", "scheduler").returncode == 0
    assert run(tree, "--check").returncode == 1
    done = run(tree, "--module", "nobody")
    assert done.returncode == 1
    assert "Packages: notifier, scheduler" in done.stderr


@pytest.mark.parametrize(
    ("file", "source", "told"),
    [
        ("scheduler/handler.py", "import requests\n", "scheduler/handler.py:1: imports requests"),
        ("scheduler/handler.py", "def f():\n    from urllib3.util import x\n", "handler.py:2: imports urllib3.util"),
        (
            "scheduler/deep/answer.py",
            "try:\n  import orjson\nexcept ImportError: pass\n",
            "answer.py:2: imports orjson",
        ),
        ("scheduler/handler.py", "import importlib\nimportlib.import_module('numpy')\n", "handler.py:2: imports numpy"),
        ("scheduler/handler.py", "from notifier import handler\n", "handler.py:1: imports notifier"),
        ("relay/names.py", "import scheduler.handler\n", "relay/names.py:1: imports scheduler.handler"),
        ("scheduler/handler.py", "from .. import relay\n", "handler.py:1: imports .., which is above the package"),
        ("scheduler/handler.py", "import cgi\n", "handler.py:1: imports cgi"),
        (
            "scheduler/handler.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import a1\nelse:\n  import a2\n",
            "handler.py:5: imports a2",
        ),
        ("scheduler/handler.py", "def\n", "handler.py: not Python"),
        ("scheduler/logo.png", "x", "logo.png: this type of file is not allowed in a package"),
        ("scheduler/größe.py", "", "the name has characters other than ASCII"),
        ("relay/VERSION", "soon\n", "VERSION: 'soon\\n' is not one line such as 0.1.0"),
        ("websocket_gateway/handler.py", "", "there is no folder modules/websocket_gateway/"),
    ],
)
def test_what_is_refused(tree: Path, file: str, source: str, told: str) -> None:
    path = tree / "functions" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(source, "utf-8")
    done = run(tree, env={"PYTHONUTF8": "1"})
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "a1" not in done.stderr
    assert not list(tree.rglob("package.zip*"))


def test_links_are_refused_and_leftover_folders_are_not(tree: Path) -> None:
    (tree / "functions" / "moved" / "__pycache__").mkdir(parents=True)
    (tree / "functions" / "moved" / "__pycache__" / "handler.cpython-311.pyc").write_bytes(b"")
    built(tree)
    (tree / "functions" / "scheduler" / "link.py").symlink_to(tree / "functions" / "relay" / "names.py")
    assert "is a symbolic link" in run(tree).stderr


def test_the_packages_of_this_clone_import_as_lambda_unpacks_them(tmp_path: Path) -> None:
    """Builds from this clone's functions/, unpacks, and imports each handler with nothing else on the path."""
    handlers = sorted((path.parent.name, path.stem) for path in (CLONE / "functions").glob("*/*handler.py"))
    assert len(handlers) == 6
    shutil.copytree(CLONE / "functions", tmp_path / "functions")
    for name in {name for name, _ in handlers}:
        (tmp_path / "modules" / name).mkdir(parents=True)
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    for name, handler in handlers:
        task = tmp_path / "task" / handler
        with zipfile.ZipFile(tmp_path / "modules" / name / "package.zip") as archive:
            archive.extractall(task)
        code = f"from {name}.{handler} import handle; import relay; print(relay.__version__)"
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(task), "AWS_DEFAULT_REGION": "eu-central-1"}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == (CLONE / "functions" / "relay" / "VERSION").read_text("utf-8").strip()
