"""Makes a zip whose bytes depend on nothing but its files, and says how another zip differs from it.

Entries are sorted and stored as they are (deflate differs between versions of zlib). Time, mode and creator are fixed.
So the zips can be committed, and anybody can check them.
"""

import io
import zipfile
from collections.abc import Mapping

ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
ZIP_MODE = 0o100644  # readable by every user: Lambda does not run as the owner
ZIP_UNIX = 3


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Returns the zip of {name: content}."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.create_system = ZIP_UNIX
            entry.external_attr = ZIP_MODE << 16
            entry.compress_type = zipfile.ZIP_STORED
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def differences(committed: bytes | None, files: Mapping[str, bytes]) -> list[str]:
    """Returns what makes a committed zip stale, one line an entry."""
    if committed is None:
        return ["not built"]
    try:
        with zipfile.ZipFile(io.BytesIO(committed)) as archive:
            old = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        return [f"not a readable zip: {error}"]
    lines = [f"removed  {name}" for name in sorted(old.keys() - files.keys())]
    lines += [f"added    {name}" for name in sorted(files.keys() - old.keys())]
    lines += [
        f"changed  {name} (from line {_first_changed_line(old[name], files[name])})"
        for name in sorted(old.keys() & files.keys())
        if old[name] != files[name]
    ]
    return lines or ["same files, but not stored as scripts/package does"]


def _first_changed_line(old: bytes, new: bytes) -> int:
    before, after = old.split(b"\n"), new.split(b"\n")
    same = (number for number, (a, b) in enumerate(zip(before, after, strict=False), 1) if a != b)
    return next(same, min(len(before), len(after)) + 1)
