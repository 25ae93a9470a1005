"""`.cloud/`: where scripts/cloud notes what runs, so that another call finds it, and what a shell needs."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from local_cloud.env_file import write_env
from local_cloud.plugin_mirror import can_reach_registry, cli_configuration, mirrors
from local_cloud.process import LocalCloud, is_cloud, stop_cloud

_FILES = ("env", "env.draft", "cloud.json", "terraform.rc")


@dataclass(frozen=True)
class Running:
    """The cloud that a folder notes, with the options that it was started with."""

    process_id: int
    folder: str
    endpoint: str
    options: tuple[str, ...]


class Workspace:
    """The folder `.cloud` of a clone."""

    def __init__(self, root: Path) -> None:
        self.folder = root / ".cloud"
        self._note = self.folder / "cloud.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Waits until no other call starts or stops a cloud here."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def running(self) -> Running | None:
        """The cloud that runs; None if there is none, or if it was killed."""
        noted = self._noted()
        return noted if noted and is_cloud(noted.process_id) else None

    def remember(self, cloud: LocalCloud, options: Sequence[str]) -> None:
        """Notes the cloud, so that `stop` and `status` find it, and writes `env`."""
        note = Running(cloud.process.pid, str(cloud.folder), cloud.ready["endpoint"], tuple(options))
        self._note.write_text(json.dumps(asdict(note), indent=2) + "\n")
        write_env(self.folder, environment_of(cloud, self.folder))

    def remove(self) -> bool:
        """Stops the noted cloud, however it was left, and removes the files; whether there was one."""
        noted = self._noted()
        if noted:
            stop_cloud(noted.process_id, Path(noted.folder))
        for name in _FILES:
            (self.folder / name).unlink(missing_ok=True)
        return noted is not None

    def _noted(self) -> Running | None:
        with suppress(FileNotFoundError, ValueError, TypeError):
            noted = Running(**json.loads(self._note.read_text()))
            return Running(noted.process_id, noted.folder, noted.endpoint, tuple(noted.options))
        return None


def environment_of(cloud: LocalCloud, folder: Path) -> dict[str, str]:
    """The variables for Terraform, the AWS CLI and SDKs.

    Where Terraform's registry cannot be reached, they name a CLI configuration in `folder` that names a mirror.
    """
    ready = cloud.ready
    warehouse = {
        "REDSHIFT_CLUSTER": ready["cluster"],
        "REDSHIFT_WORKGROUP": ready["workgroup"],
        "REDSHIFT_WORKGROUP_ARN": ready["workgroup_arn"],
        "REDSHIFT_DATABASE": ready["databases"][0],
        "REDSHIFT_USER": ready["admin"],
    }
    own = Path(os.environ.get("TF_CLI_CONFIG_FILE") or Path.home() / ".terraformrc").is_file()
    mirror = not own and next(mirrors(), None) is not None and not can_reach_registry()
    terraform = cli_configuration(folder) if mirror else {}
    return {**cloud.environment, **warehouse, **terraform}
