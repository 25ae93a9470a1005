"""Runs Terraform on a folder, with the AWS provider from a mirror when there is one."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROVIDER = Path("registry.terraform.io/hashicorp/aws")


class TerraformError(Exception):
    """Terraform failed; the message is what it said."""


@dataclass(frozen=True)
class Terraform:
    """Terraform in one folder; `environment` says which cloud."""

    folder: Path
    environment: Mapping[str, str]

    def init(self) -> None:
        """Installs provider and modules into the folder."""
        self._run("init", "-input=false")

    def apply(self, *options: str) -> int:
        """Applies and returns how many resources were added, changed or destroyed."""
        said = self._run("apply", "-input=false", "-auto-approve", *options)
        counts = re.search(r"Resources: (\d+) added, (\d+) changed, (\d+) destroyed", said)
        return sum(map(int, counts.groups())) if counts else 0

    def destroy(self) -> None:
        """Destroys everything that the folder's state holds."""
        self._run("destroy", "-input=false", "-auto-approve")

    def planned_changes(self) -> list[str]:
        """What a plan would do now: `update module.relay.x`, one line a resource."""
        plan = self.folder / "plan.out"
        self._run("plan", "-input=false", f"-out={plan}")
        shown = json.loads(self._run("show", "-json", str(plan)))
        return [
            f"{'/'.join(change['change']['actions'])} {change['address']}"
            for change in shown.get("resource_changes", [])
            if change["change"]["actions"] not in (["no-op"], ["read"])
        ]

    def outputs(self) -> dict[str, Any]:
        """The outputs of the folder's configuration."""
        return {name: output["value"] for name, output in json.loads(self._run("output", "-json")).items()}

    def _run(self, *arguments: str) -> str:
        command = ["terraform", f"-chdir={self.folder}", *arguments]
        if arguments[0] not in ("output", "show"):
            command.append("-no-color")
        with subprocess.Popen(
            command,
            env={**os.environ, **self.environment, **cli_configuration(self.folder), "TF_IN_AUTOMATION": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a second Ctrl-C would make Terraform leave its provider behind
        ) as process:
            try:
                said, complained = process.communicate()
            except BaseException:  # Ctrl-C
                _stop(process)
                raise
        if process.returncode:
            raise TerraformError(f"terraform {arguments[0]} failed:\n{readable(complained or said)}")
        return said


def _stop(process: "subprocess.Popen[str]") -> None:
    """Lets Terraform end what it is doing, and with it its provider."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
    except BaseException:  # Ctrl-C again
        process.kill()
        raise


def readable(said: str) -> str:
    """Terraform's message without its frame."""
    lines = (line.strip("╷╵│ ").rstrip() for line in said.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("Warning: Unable to open CLI"))


def cli_configuration(folder: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that lead Terraform to its providers: the caller's own configuration, else a mirror, else none."""
    own = environment.get("TF_CLI_CONFIG_FILE")
    if own and Path(own).is_file():
        return {"TF_CLI_CONFIG_FILE": own}
    empty_or_mirror = folder / "terraform.rc"
    mirror = next(mirrors(environment), None)
    if mirror is None:
        # Without this a TF_CLI_CONFIG_FILE that names no file would warn at each command.
        empty_or_mirror.write_text("")
    else:
        address = "registry.terraform.io/hashicorp/aws"
        empty_or_mirror.write_text(
            "provider_installation {\n"
            f'  filesystem_mirror {{\n    path    = "{mirror}"\n    include = ["{address}"]\n  }}\n'
            f'  direct {{\n    exclude = ["{address}"]\n  }}\n}}\n'
        )
    return {"TF_CLI_CONFIG_FILE": str(empty_or_mirror)}


def mirrors(environment: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """Folders of the usual places that hold hashicorp/aws."""
    places = [Path(environment["TF_PLUGIN_MIRROR"])] if environment.get("TF_PLUGIN_MIRROR") else []
    places += [Path.home() / ".terraform.d" / "plugins"]
    places += [share / part for share in (Path("/usr/share"), Path("/usr/local/share")) for part in _SHARED]
    places += sorted(path for path in Path("/opt").glob("*") if path.is_dir())
    yield from (place for place in places if (place / PROVIDER).is_dir())


_SHARED = ("terraform/plugins", "terraform/providers", "terraform", ".")
