"""Assembles the files of every package: those of functions/<module>/ and those of functions/relay/."""

import re
from pathlib import Path

from packages.imports import forbidden_imports
from packages.sources import SHARED, PackageError, read_sources


def assemble(root: Path, only: str | None = None) -> dict[str, dict[str, bytes]]:
    """Returns {module: its files} for every folder of functions/ with files, or for `only`; raises PackageError."""
    functions = root / "functions"
    if not functions.is_dir():
        raise PackageError(f"{functions}: no such folder. --root names the folder that holds functions/ and modules/.")
    shared = read_sources(functions, SHARED)
    version = shared.get(f"{SHARED}/VERSION", b"").decode("ascii", "replace")
    if not re.fullmatch(r"\d+\.\d+\.\d+[0-9A-Za-z.+-]*\n?", version):
        raise PackageError(f"{functions / SHARED / 'VERSION'}: {version!r} is not one line such as 0.1.0")
    forbidden = forbidden_imports(shared, SHARED, functions)

    packages: dict[str, dict[str, bytes]] = {}
    for folder in sorted(functions.iterdir()):
        # Git leaves a folder with nothing but __pycache__ after a branch that had files there.
        if folder.is_dir() and folder.name != SHARED and (own := read_sources(functions, folder.name)):
            forbidden += forbidden_imports(own, folder.name, functions)
            packages[folder.name] = own | shared
    if only is not None:
        if only not in packages:
            raise PackageError(f"--module {only}: no such package. Packages: {', '.join(packages) or 'none'}")
        packages = {only: packages[only]}
    for module in packages:
        if not (root / "modules" / module).is_dir():
            raise PackageError(f"functions/{module}: there is no folder modules/{module}/ for its package.zip")
    if forbidden:
        allowed = "the standard library of every Python from 3.11 on, boto3, botocore, relay and itself"
        raise PackageError("\n".join([*forbidden, f"A package may import {allowed}."]))
    return packages
