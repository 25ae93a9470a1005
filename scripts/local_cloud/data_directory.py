"""`--data-dir`: what a local cloud keeps between starts, and the checks that it can be used."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from local_cloud.redshift.schema import schema_version

_FORMAT = "format.json"
_CREDENTIALS = "credentials.json"


class UnusableDataDirectory(Exception):
    """The message names the directory, the reason, and what to do."""


class DataDirectory:
    """The warehouse, the state of the emulated AWS, S3's objects, emails and root's credentials in one directory."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.warehouse = self.path / "warehouse"
        self.state = self.path / "state"
        self.objects = self.path / "s3"
        self.mail = self.path / "mail"

    @contextmanager
    def locked(self, *, account_id: str, region: str, port: int) -> Iterator[None]:
        """Creates the directory and holds it for this process; raises UnusableDataDirectory.

        ARNs and addresses that are kept carry account, region and port, and the warehouse carries Redshift's functions.
        """
        self._create()
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UnusableDataDirectory(f"{self.path}: another local cloud uses this directory. Stop it") from None
            self._check({"account_id": account_id, "region": region, "port": port, "schema": schema_version()})
            yield

    def credentials(self) -> Sequence[str]:
        """Root's access key id and secret access key, the same at every start."""
        file = self.path / _CREDENTIALS
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(json.dumps(new_credentials()))
        pair: list[str] = json.loads(file.read_text())
        return pair

    def _create(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        # Under root, PostgreSQL runs as another user.
        closed = [parent for parent in self.path.parents if parent.stat().st_mode & 0o001 == 0]
        if os.geteuid() == 0 and closed:
            raise UnusableDataDirectory(
                f"{self.path}: PostgreSQL does not run as root, and its user cannot pass {closed[-1]}. "
                "Choose a directory elsewhere, for example /var/lib/redshift-relay"
            )
        self.path.chmod(0o711)

    def _check(self, wanted: dict[str, str | int]) -> None:
        file = self.path / _FORMAT
        if not file.exists():
            file.write_text(json.dumps(wanted, indent=2) + "\n")
            return
        found = json.loads(file.read_text())
        for name, value in wanted.items():
            if found.get(name) != value and name == "schema":
                raise UnusableDataDirectory(
                    f"{self.path}: another version of the local cloud made this directory. Remove it to start anew"
                )
            if found.get(name) != value:
                raise UnusableDataDirectory(
                    f"{self.path}: its {name} is {found.get(name)}, not {value}. Start with --{name.replace('_', '-')} "
                    f"{found.get(name)}, or choose another directory"
                )


def new_credentials() -> tuple[str, str]:
    """A random access key id and secret access key."""
    return f"AKIA{secrets.token_hex(8).upper()}", secrets.token_hex(20)
