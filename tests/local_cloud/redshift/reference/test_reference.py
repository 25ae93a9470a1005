"""Every documented case has the verdict that status.yaml states: right, refused by name, or wrong."""

from __future__ import annotations

import pytest

from local_cloud.redshift.warehouse import Warehouse
from tests.local_cloud.redshift.conftest import Objects
from tests.local_cloud.redshift.reference.pages import Page, pages
from tests.local_cloud.redshift.reference.status import Status, read_status, verdict_of
from tests.local_cloud.redshift.reference.verdicts import judge

STATUS = read_status()
PAGES = pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.group}/{page.name}")
def test_page(page: Page, empty: Warehouse, s3: Objects, found: Status | None) -> None:
    differences = []
    for entry in page.entries:
        session = empty.session("dev", "awsuser")
        try:
            for case, verdict, reason in judge(entry, session, s3):
                if found is not None:
                    found.setdefault(page.group, {}).setdefault(page.name, {})[case.key] = verdict
                elif verdict != (before := verdict_of(STATUS, page, case.key)):
                    differences.append(f"{case.key}\n  is {verdict}, was {before}. {reason}")
        finally:
            session.close()
    assert not differences, "\n".join(differences)


def test_the_status_names_only_cases() -> None:
    known = {(page.group, page.name, key) for page in PAGES for key in page.keys}
    listed = {(group, name, key) for group, by_page in STATUS.items() for name, keys in by_page.items() for key in keys}
    assert listed - known == set()
