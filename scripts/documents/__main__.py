"""`scripts/document`: writes the tables of inputs and outputs into REFERENCE.md and the README.md of each module."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from documents.redshift_sql import redshift_sql
from documents.tables import tables

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = Path("tests", "local_cloud", "redshift", "reference")
BEGIN_SQL = "<!-- scripts/document generates everything below from tests/local_cloud/redshift/reference. -->"
BEGIN = "<!-- scripts/document generates everything below from the Terraform files. -->"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Writes the documents that are stale, or with --check names them; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/document",
        description="Writes the tables of inputs and outputs, and the list of the SQL that the local Redshift knows.",
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name the files that are stale")
    options = parser.parse_args(arguments)
    wanted = documents(root)
    stale = {file: text for file, text in wanted.items() if file.read_text(encoding="utf-8") != text}
    for file, text in stale.items():
        if not options.check:
            file.write_text(text, encoding="utf-8")
        print(f"{'stale' if options.check else 'written'}: {file.relative_to(root)}", file=sys.stderr)
    if options.check and stale:
        print("Run scripts/document and commit the result.", file=sys.stderr)
        return 1
    print(f"{len(wanted)} documents are up to date.")
    return 0


def documents(root: Path) -> dict[Path, str]:
    """Returns {document: its text with current tables}. What precedes the line BEGIN is written by hand and stays."""
    folders = {root / "REFERENCE.md": root}
    folders |= {folder / "README.md": folder for folder in sorted((root / "modules").iterdir()) if folder.is_dir()}
    wanted = {file: f"{_by_hand(file, BEGIN)}{BEGIN}\n\n{tables(folder)}" for file, folder in folders.items()}
    local_cloud = root / "scripts" / "local_cloud" / "README.md"
    wanted[local_cloud] = f"{_by_hand(local_cloud, BEGIN_SQL)}{BEGIN_SQL}\n\n{redshift_sql(root / REFERENCE)}"
    return wanted


def _by_hand(file: Path, begin: str) -> str:
    by_hand, found, _ = file.read_text(encoding="utf-8").partition(begin)
    if not found:
        raise SystemExit(f"{file}: the line {begin} is missing. Add it where the tables begin.")
    return by_hand


if __name__ == "__main__":
    sys.exit(main())
