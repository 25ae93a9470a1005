"""What several modules take is written the same way in each: only one of them is tested for every wrong value."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ("statement_role", "warehouse_objects", "scheduler", "notifier", "websocket_gateway")
COMMON = ("name_prefix", "tags", "permissions_boundary", "log_retention_days", "kms_key_arn", "alarm_actions")


def variable(folder: Path, name: str) -> str:
    """The block of a variable, without its description, which differs in what it is about."""
    text = (folder / "variables.tf").read_text()
    block = re.search(rf'^variable "{name}" \{{\n.*?^\}}$', text, re.DOTALL | re.MULTILINE)
    assert block, f"{folder.name} has no variable {name}"
    return re.sub(r'^  description = (<<-EOT\n.*?^  EOT|".*?")\n', "", block[0], flags=re.DOTALL | re.MULTILINE)


def squeezed(text: str) -> str:
    return re.sub(r"[ \t]+", " ", text)


EVERY = (*MODULES, "web_console", "lambda_function")


@pytest.mark.parametrize("folder", [ROOT, *(ROOT / "modules" / name for name in EVERY)])
@pytest.mark.parametrize("name", COMMON)
def test_common_variables_are_the_same_in_every_module(folder: Path, name: str) -> None:
    expected = variable(ROOT / "modules" / "lambda_function", name)
    assert squeezed(variable(folder, name)) == squeezed(expected)


@pytest.mark.parametrize("folder", [ROOT, *(ROOT / "modules" / name for name in MODULES)])
def test_the_warehouse_is_described_the_same_way_everywhere(folder: Path) -> None:
    found = squeezed(variable(folder, "redshift"))
    # The notifier also works without a warehouse.
    found = found.replace("default = null", "nullable = false")
    found = re.sub(
        r"condition = var\.redshift == null \? true : \((.*)\)$", r"condition = \1", found, flags=re.MULTILINE
    )
    assert found == squeezed(variable(ROOT / "modules" / "statement_role", "redshift"))
