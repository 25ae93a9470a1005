"""status.yaml: the documented cases that are not right yet, by group, page and statement."""

from __future__ import annotations

import yaml

from tests.local_cloud.redshift.reference.pages import HERE, Page, read_yaml
from tests.local_cloud.redshift.reference.verdicts import RIGHT

FILE = HERE / "status.yaml"
_HEAD = (
    "# The cases that are not right yet. scripts/test tests/local_cloud/redshift/reference --update-status writes it.\n"
)

Status = dict[str, dict[str, dict[str, str]]]
"""By group, page and key of the case: the verdict, unless it is RIGHT."""


def read_status() -> Status:
    """The committed verdicts."""
    return read_yaml(FILE) or {}


def verdict_of(status: Status, page: Page, key: str) -> str:
    """The committed verdict of a case."""
    return status.get(page.group, {}).get(page.name, {}).get(key, RIGHT)


def write_status(pages: list[Page], found: Status) -> None:
    """Writes the verdicts of the pages in `found`, and keeps those of the other pages."""
    kept = read_status()
    lines = [_HEAD]
    for group in dict.fromkeys(page.group for page in pages):
        of_group = {}
        for page in pages:
            if page.group == group:
                source = found if page.name in found.get(group, {}) else kept
                verdicts = source.get(group, {}).get(page.name, {})
                of_page = {key: verdicts[key] for key in page.keys if verdicts.get(key, RIGHT) != RIGHT}
                of_group |= {page.name: of_page} if of_page else {}
        if of_group:
            lines.append(yaml.safe_dump({group: of_group}, sort_keys=False, width=10_000, allow_unicode=True))
    FILE.write_text("".join(lines), encoding="utf-8")
