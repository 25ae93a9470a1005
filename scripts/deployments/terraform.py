"""Runs Terraform in a folder, with the AWS provider from a local mirror if there is one."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from local_cloud.plugin_mirror import cli_configuration


class TerraformError(Exception):
    """Terraform failed. The message is Terraform's."""


@dataclass(frozen=True)
class Terraform:
    """Terraform in one folder. `environment` holds the variables that name the cloud."""

    folder: Path
    environment: Mapping[str, str]

    def init(self) -> None:
        """Installs the provider and the modules into the folder."""
        self._run("init", "-input=false")

    def apply(self, *options: str) -> int:
        """Applies the configuration and returns how many resources were added, changed or destroyed."""
        stdout = self._run("apply", "-input=false", "-auto-approve", *options)
        counts = re.search(r"Resources: (\d+) added, (\d+) changed, (\d+) destroyed", stdout)
        return sum(map(int, counts.groups())) if counts else 0

    def destroy(self, *options: str) -> None:
        """Destroys everything in the folder's state, once a Terraform that still runs there has ended."""
        self._run("destroy", "-input=false", "-auto-approve", "-lock-timeout=10m", *options)

    def end_orphans(self) -> None:
        """Ends what a killed run left behind: its Terraform, or a provider, may still create resources."""
        orphans = [process for process in psutil.process_iter(["name"]) if _works_in(process, self.folder)]
        terraform = [process for process in orphans if process.info["name"] == "terraform"]
        with suppress(psutil.NoSuchProcess):
            for process in terraform:
                process.send_signal(signal.SIGINT)  # it ends its providers and writes its state
        psutil.wait_procs(terraform, timeout=60)
        for process in orphans:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(orphans, timeout=60)

    def plan(self) -> list[dict[str, Any]]:
        """Plans, and returns what an apply would do to each resource, as `terraform show -json` has it."""
        plan = self.folder / "plan.out"
        self._run("plan", "-input=false", f"-out={plan}")
        changes: list[dict[str, Any]] = json.loads(self._run("show", "-json", str(plan))).get("resource_changes", [])
        return changes

    def planned_changes(self) -> list[str]:
        """Plans, and returns a line such as `update module.relay.x` for each resource that an apply would change."""
        return [
            f"{'/'.join(change['change']['actions'])} {change['address']}"
            for change in self.plan()
            if change["change"]["actions"] not in (["no-op"], ["read"])
        ]

    def state(self) -> list[dict[str, Any]]:
        """Returns every resource in the state, also those of modules, with its `values`."""
        found: list[dict[str, Any]] = []
        modules = [json.loads(self._run("show", "-json")).get("values", {}).get("root_module", {})]
        while modules:
            module = modules.pop()
            found += module.get("resources", [])
            modules += module.get("child_modules", [])
        return found

    def resources(self) -> list[str]:
        """Returns the addresses in the state."""
        return self._run("state", "list").split()

    def test(self) -> None:
        """Runs the folder's tests (*.tftest.hcl)."""
        self._run("test")

    def outputs(self) -> dict[str, Any]:
        """Returns the outputs of the folder's configuration."""
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
                stdout, stderr = process.communicate()
            except BaseException:  # Ctrl-C
                _stop(process)
                raise
        if process.returncode:
            raise TerraformError(f"terraform {arguments[0]} failed:\n{readable(stderr or stdout)}")
        return stdout


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()) == folder.resolve()
    except (psutil.Error, OSError):  # it has ended, or is somebody else's
        return False


def _stop(process: "subprocess.Popen[str]") -> None:
    """Lets Terraform finish the current operation and stop its provider."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
    except BaseException:  # Ctrl-C again
        process.kill()
        raise


def readable(message: str) -> str:
    """Returns Terraform's message without its frame."""
    lines = (line.strip("╷╵│ ").rstrip() for line in message.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("Warning: Unable to open CLI"))
