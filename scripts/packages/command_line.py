#!/usr/bin/env python3
"""Builds modules/<module>/package.zip from functions/<module>/ and functions/relay/.

The bytes depend on nothing but the sources: entries are sorted and stored as they are (deflate differs between zlib
versions), time, mode and creator are fixed, line ends are LF. So the zips can be committed, and anybody can check them.

  scripts/package              build what changed
  scripts/package --check      build in memory; exit 1 if a committed zip is not what its sources make

Needs Python 3.11+ and nothing else.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import io
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

if sys.version_info < (3, 11):  # noqa: UP036 - the script is run with whatever `python3` is
    sys.exit(f"scripts/package needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable})")

SHARED = "relay"
"""The library that goes into every package. It has no handler and imports none."""

LAMBDA_HAS = frozenset({"boto3", "botocore"})
"""What Lambda's Python runtimes bring along, see
https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html (its own dependencies are not promised)."""

LEFT_PYTHON = frozenset({
    "aifc", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk", "crypt", "distutils", "imghdr", "imp",
    "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau",
    "telnetlib", "uu", "xdrlib",
})  # fmt: skip
"""Still in Python 3.11, gone by 3.13 (PEP 594, PEP 632): the runtime may be newer than the Python that builds."""

TEXT_SUFFIXES = frozenset({".py", ".pyi", ".json", ".sql", ".txt", ".graphql"})
TEXT_NAMES = frozenset({"VERSION", "py.typed"})

ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
ZIP_MODE = 0o100644  # a file that every user may read: Lambda does not run as its owner
ZIP_UNIX = 3


class PackageError(Exception):
    """The sources cannot become a package; the message says which file and why."""


def sources(functions: Path, package: str) -> dict[str, bytes]:
    """The files of one package, by their name in the zip. Leftovers of Python and hidden files do not count."""
    found: dict[str, bytes] = {}
    folder = functions / package
    for path in sorted(folder.rglob("*")):
        name = PurePosixPath(*path.relative_to(functions).parts)
        if any(part.startswith(".") or part == "__pycache__" for part in name.parts) or name.suffix in {".pyc", ".pyo"}:
            continue
        if path.is_symlink():
            raise PackageError(f"{path}: a symbolic link is not the same file on every machine; copy the file instead")
        if path.is_dir():
            continue
        if name.suffix not in TEXT_SUFFIXES and name.name not in TEXT_NAMES:
            allowed = " ".join(sorted(TEXT_SUFFIXES | TEXT_NAMES))
            raise PackageError(f"{path}: this kind of file does not go into a package; allowed: {allowed}")
        if not str(name).isascii():
            raise PackageError(f"{path}: a name with other than ASCII characters is stored differently by each system")
        # A checkout with CRLF must give the same bytes.
        found[str(name)] = path.read_bytes().replace(b"\r\n", b"\n")
    return found


def imported(tree: ast.AST) -> Iterator[tuple[int, int, str]]:
    """(line, dots, module) of every import that runs. What stands under `if TYPE_CHECKING:` does not run."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING":
            for other in node.orelse:
                yield from imported(ast.Module(body=[other], type_ignores=[]))
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, 0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.level, node.module or ""
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            target = ast.unparse(node.func).rpartition(".")[2]
            if target in {"import_module", "__import__"} and isinstance(node.args[0].value, str):
                name = node.args[0].value
                yield node.lineno, len(name) - len(name.lstrip(".")), name.lstrip(".")
        yield from imported(node)


def foreign_imports(files: Mapping[str, bytes], package: str, shown_as: Path) -> list[str]:
    """Every import that would fail in Lambda, or that goes against the direction handlers -> relay -> boto3."""
    allowed = (sys.stdlib_module_names - LEFT_PYTHON) | LAMBDA_HAS | {SHARED, package}
    wrong: list[str] = []
    for name, text in files.items():
        if not name.endswith(".py"):
            continue
        where = shown_as / name
        try:
            tree = ast.parse(text, filename=str(where))
        except (SyntaxError, ValueError) as error:
            raise PackageError(f"{where}: not Python: {error}") from error
        for line, dots, module in imported(tree):
            top = module.partition(".")[0]
            if dots >= len(PurePosixPath(name).parts):
                wrong.append(f"{where}:{line}: imports {'.' * dots}{module}, which is above the package")
            elif not dots and top not in allowed:
                wrong.append(f"{where}:{line}: imports {module}")
    return wrong


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The zip, byte for byte the same for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.create_system = ZIP_UNIX
            entry.external_attr = ZIP_MODE << 16
            entry.compress_type = zipfile.ZIP_STORED
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def packages(root: Path, only: str | None) -> dict[str, dict[str, bytes]]:
    """module -> its files, for every folder under functions/ that holds any, or for `only`."""
    functions = root / "functions"
    if not functions.is_dir():
        raise PackageError(f"{functions}: no such folder; --root takes the folder that holds functions/ and modules/")
    shared = sources(functions, SHARED)
    version = shared.get(f"{SHARED}/VERSION", b"").decode("ascii", "replace")
    if not re.fullmatch(r"\d+\.\d+\.\d+[0-9A-Za-z.+-]*\n?", version):
        raise PackageError(f"{functions / SHARED / 'VERSION'}: has to hold one line like 0.1.0, holds {version!r}")
    wrong = foreign_imports(shared, SHARED, functions)

    found: dict[str, dict[str, bytes]] = {}
    for folder in sorted(functions.iterdir()):
        # A folder with nothing but __pycache__ is what git leaves of a branch that is not checked out.
        if folder.is_dir() and folder.name != SHARED and (own := sources(functions, folder.name)):
            wrong += foreign_imports(own, folder.name, functions)
            found[folder.name] = own | shared
    if only is not None:
        if only not in found:
            raise PackageError(f"--module {only}: no such package; there are: {', '.join(found) or 'none'}")
        found = {only: found[only]}
    for module in found:
        if not (root / "modules" / module).is_dir():
            raise PackageError(f"functions/{module}: there is no modules/{module}/ to put its package.zip into")
    if wrong:
        allowed_text = "the standard library of every Python from 3.11 on, boto3, botocore, relay and the own package"
        raise PackageError("\n".join([*wrong, f"A package may import {allowed_text}."]))
    return found


def difference(committed: bytes | None, files: Mapping[str, bytes]) -> list[str]:
    """What makes a zip stale, entry by entry."""
    if committed is None:
        return ["not built"]
    try:
        with zipfile.ZipFile(io.BytesIO(committed)) as archive:
            old = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        return [f"not a readable zip: {error}"]
    told = [f"removed  {name}" for name in sorted(old.keys() - files.keys())]
    told += [f"added    {name}" for name in sorted(files.keys() - old.keys())]
    told += [
        f"changed  {name} (from line {first_changed_line(old[name], files[name])})"
        for name in sorted(old.keys() & files.keys())
        if old[name] != files[name]
    ]
    return told or ["the same files, but not as scripts/package stores them"]


def first_changed_line(old: bytes, new: bytes) -> int:
    before, after = old.split(b"\n"), new.split(b"\n")
    same = (number for number, (a, b) in enumerate(zip(before, after, strict=False), 1) if a != b)
    return next(same, min(len(before), len(after)) + 1)


def check(root: Path, wanted: Mapping[str, Mapping[str, bytes]], only: str | None) -> int:
    """Compares with what is committed, writes nothing."""
    stale = 0
    for module, files in wanted.items():
        path = root / "modules" / module / "package.zip"
        committed = path.read_bytes() if path.exists() else None
        if committed != zipped(files):
            stale += 1
            print(f"stale: modules/{module}/package.zip", file=sys.stderr)
            for line in difference(committed, files):
                print(f"  {line}", file=sys.stderr)
    for path in sorted(root.glob("modules/*/package.zip")) if only is None else []:
        if path.parent.name not in wanted:
            stale += 1
            print(f"stale: modules/{path.parent.name}/package.zip\n  has no sources any more", file=sys.stderr)
    if stale:
        print("Run scripts/package and commit the result.", file=sys.stderr)
        return 1
    print(f"{len(wanted)} packages are what their sources make.")
    return 0


def build(root: Path, wanted: Mapping[str, Mapping[str, bytes]]) -> None:
    """Writes what differs, each zip at once or not at all."""
    for module, files in wanted.items():
        data = zipped(files)
        path = root / "modules" / module / "package.zip"
        same = path.exists() and path.read_bytes() == data
        if not same:
            part = path.with_name("package.zip.partial")
            part.write_bytes(data)
            part.replace(path)
        state = "unchanged" if same else "built"
        digest = hashlib.sha256(data).hexdigest()
        print(f"{state:9}  modules/{module}/package.zip  {len(files)} files  {len(data):,} bytes  sha256 {digest}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/package", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name the zips that are stale")
    parser.add_argument("--module", help="only this one, e.g. scheduler")
    parser.add_argument(
        "--root",
        type=Path,
        default=Path(__file__).resolve().parents[2],
        help="the folder that holds functions/ and modules/ (default: this clone)",
    )
    options = parser.parse_args(arguments)
    try:
        wanted = packages(options.root, options.module)
        if options.check:
            return check(options.root, wanted, options.module)
        build(options.root, wanted)
    except (PackageError, OSError) as error:
        print(f"scripts/package: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
