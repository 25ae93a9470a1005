"""What the documents show can be planned as it stands, and where they point there is something."""

import os
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud.plugin_mirror import cli_configuration

ROOT = Path(__file__).parents[2]
MODULES = sorted(ROOT.glob("modules/*/README.md"))
OTHERS = ["README.md", "REFERENCE.md", "CONTRIBUTING.md", "CHANGELOG.md", "tests/README.md", "modules/README.md"]
DOCUMENTS = [*(ROOT / name for name in OTHERS), *MODULES]
VERSION = (ROOT / "functions" / "relay" / "VERSION").read_text().strip()
PROVIDERS = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n\n'


def blocks(document: Path) -> list[str]:
    """Its examples of Terraform."""
    return re.findall(r"```hcl\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)


def examples() -> Iterator[tuple[str, str]]:
    """(name, configuration). A block that sets an input of the root module is planned within the README's module."""
    relay = blocks(ROOT / "README.md")[0]
    for document in (ROOT / "README.md", *MODULES):
        for number, block in enumerate(blocks(document), 1):
            if re.match(r" +(\w+) = \{", block):
                (name,) = re.findall(r"\A  (\w+) = ", block)
                block = re.sub(rf"^  {name} = \{{\n.*?^  \}}\n", lambda _, block=block: block, relay, flags=re.M | re.S)
                assert block != relay, f"{document}: {name} is not set in README.md"
            yield f"{document.parent.name}_{number}", block


def test_every_example_can_be_planned(tmp_path: Path) -> None:
    runs = [f'mock_provider "aws" {{\n  source = "{ROOT}/tests/modules/mocks"\n}}\n']
    for name, text in examples():
        folder = tmp_path / name
        (folder / "sql").mkdir(parents=True)
        (folder / "sql" / "R__grants.sql").write_text("GRANT SELECT ON public.trips TO ${reader}")
        (folder / "archiver.zip").write_bytes(b"")
        here, found = re.subn(
            rf"git::https://example\.com/redshift-relay\.git(?:/(/[\w/]+))?\?ref=v{re.escape(VERSION)}",
            lambda source, folder=folder: os.path.relpath(ROOT, folder) + (source[1] or ""),  # absolute ones are copied
            text,
        )
        assert found == text.count("redshift-relay.git"), f"{name}: a source of another form or version"
        (folder / "main.tf").write_text(PROVIDERS + here)
        runs.append(f'run "{name}" {{\n  command = plan\n\n  module {{\n    source = "./{name}"\n  }}\n}}\n')
    (tmp_path / "versions.tf").write_text(PROVIDERS)  # Terraform initialises no folder without a configuration
    (tmp_path / "examples.tftest.hcl").write_text("\n".join(runs))
    environment = {**os.environ, **cli_configuration(tmp_path), "TF_DATA_DIR": str(tmp_path / "data")}
    for command in (["init", "-input=false"], ["test"]):
        done = subprocess.run(
            ["terraform", f"-chdir={tmp_path}", *command, "-no-color"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def anchors(document: Path) -> set[str]:
    """What GitHub makes of its headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", heading.lower())) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    links += re.findall(r'<img src="([^"]+)"', document.read_text(encoding="utf-8"))
    for link in links:
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link
