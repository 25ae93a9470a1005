"""Reads the files of a package from functions/, and refuses what does not belong into one."""

from pathlib import Path, PurePosixPath

SHARED = "relay"
"""The library in every package. It has no handler and imports none."""

TEXT_SUFFIXES = frozenset({".py", ".pyi", ".json", ".sql", ".txt", ".graphql"})
TEXT_NAMES = frozenset({"VERSION", "py.typed"})


class PackageError(Exception):
    """The sources cannot become a package. The message names the file and the reason."""


def read_sources(functions: Path, package: str) -> dict[str, bytes]:
    """Returns {name in the zip: content} without hidden files and Python's bytecode; raises PackageError."""
    found: dict[str, bytes] = {}
    folder = functions / package
    for path in sorted(folder.rglob("*")):
        name = PurePosixPath(*path.relative_to(functions).parts)
        if any(part.startswith(".") or part == "__pycache__" for part in name.parts) or name.suffix in {".pyc", ".pyo"}:
            continue
        if path.is_symlink():
            raise PackageError(f"{path}: is a symbolic link, which differs between machines. Copy the file instead.")
        if path.is_dir():
            continue
        if name.suffix not in TEXT_SUFFIXES and name.name not in TEXT_NAMES:
            allowed = " ".join(sorted(TEXT_SUFFIXES | TEXT_NAMES))
            raise PackageError(f"{path}: this type of file is not allowed in a package. Allowed: {allowed}")
        if not str(name).isascii():
            raise PackageError(f"{path}: the name has characters other than ASCII, which systems store differently")
        # A checkout with CRLF gives the same bytes.
        found[str(name)] = path.read_bytes().replace(b"\r\n", b"\n")
    return found
