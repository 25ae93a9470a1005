"""`scripts/document`: writes the tables of inputs and outputs into REFERENCE.md and the README.md of each module."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from documents.tables import tables

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "<!-- scripts/document generates everything below from the Terraform files. -->"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Writes the documents that are stale, or with --check names them; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/document",
        description="Writes the tables of inputs and outputs from the declarations in the Terraform files.",
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
    wanted = {}
    for file, folder in folders.items():
        by_hand, begin, _ = file.read_text(encoding="utf-8").partition(BEGIN)
        if not begin:
            raise SystemExit(f"{file}: the line {BEGIN} is missing. Add it where the tables begin.")
        wanted[file] = f"{by_hand}{BEGIN}\n\n{tables(folder)}"
    return wanted


if __name__ == "__main__":
    sys.exit(main())
