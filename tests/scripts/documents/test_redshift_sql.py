"""The list of Amazon Redshift's SQL counts the cases and tells what each function and command does."""

from pathlib import Path

from documents.__main__ import REFERENCE
from documents.redshift_sql import redshift_sql
from tests.scripts.documents.redshift_reference import write_redshift_reference


def test_list(tmp_path: Path) -> None:
    write_redshift_reference(tmp_path)
    lines = redshift_sql(tmp_path / REFERENCE).splitlines()
    assert "| text | 3 | 1 | 1 | 1 |" in lines
    assert "| **all** | 4 | 1 | 2 | 1 |" in lines
    assert "| **A benchmark**: its makers | 5 queries | 3 | 1 | 1 | Ties. |" in lines
    assert "- The guide is silent." in lines
    told = {line.split("[")[1].split("]")[0]: line.split(" | ")[1].rstrip(" |") for line in lines if "](https:" in line}
    assert told == {
        "LEN": "1 of 3 right, 1 refused by name",
        "ST_Area": "refused by name",
        "VACUUM": "refused by name",
        "LOCK": "not checked",
    }
