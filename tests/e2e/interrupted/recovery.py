"""Does what the README says about the errors of an apply after an interrupted one."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deployments.terraform import Terraform, TerraformError
from local_cloud.plugin_mirror import cli_configuration
from tests.e2e.cloud import ROOT

_ROW = re.compile(r"^\| `(creating .+?)`(?: \([^|]*\))? \| `(.+?)`(?:;.*)? \|$", re.MULTILINE)
_ROUNDS = 8
"""Terraform shows all errors of one apply; what waited for these resources may have more."""


@dataclass(frozen=True)
class Recovery:
    """Applies with recoveries in a folder."""

    terraform: Terraform

    def apply(self, *options: str) -> list[str]:
        """Applies until it succeeds, and returns the README's errors that were mended; fails for any other."""
        mended: list[str] = []
        for _ in range(_ROUNDS):
            try:
                self.terraform.apply(*options)
            except TerraformError as error:
                mended += [self._mend(one) for one in str(error).split("Error: ")[1:]]
            else:
                return mended
        raise AssertionError(f"the apply still fails after {mended}")

    def _mend(self, error: str) -> str:
        for pattern, command in rows():
            parts = [re.escape(part.strip()).replace("<name>", "(?P<name>[^)]+)") for part in pattern.split("...")]
            if found := re.search(".*".join(parts), error, re.DOTALL):
                self.run(self._filled(command, error, found.groupdict().get("name", "")))
                return pattern
        raise AssertionError(f"modules/README.md does not mention: {error}")

    def _filled(self, command: str, error: str, name: str) -> str:
        address = re.search(r"^with (\S+),$", error, re.MULTILINE)
        assert address, error
        key = re.search(r'\["(.+)"\]$', address[1])
        values = {"name": name, "address": address[1], "key": key[1] if key else ""}
        module = address[1].rsplit(".aws_", 1)[0]
        if "<group>" in command:
            values["group"] = self._id_in_state(f"{module}.aws_scheduler_schedule_group.")
        if "<api>" in command:
            own = "tickets" if "ticket" in address[1].rsplit(".", 1)[1] else "websocket"
            values["api"] = self._id_in_state(f"{module}.aws_apigatewayv2_api.{own}")
            routes = f"aws apigatewayv2 get-routes --api-id {values['api']} --output text"
            wanted = f"""--query "Items[?ends_with(RouteKey, '{values["key"] or "ticket"}')].RouteId" """
            values["route"] = self.run(f"{routes} {wanted}").strip() if "<route>" in command else ""
        return re.sub(r"<(\w+)>", lambda found: values[found[1]], command)

    def _id_in_state(self, beginning: str) -> str:
        """The id of the only resource in the state whose address begins so."""
        (found,) = [one for one in self.run("terraform state list").splitlines() if one.startswith(beginning)]
        shown = re.search(r'^\s+id\s+= "(.+)"', self.run(f"terraform state show -no-color '{found}'"), re.MULTILINE)
        assert shown
        return shown[1]

    def run(self, command: str) -> str:
        """Runs a shell command in the folder, as the README has it."""
        folder = self.terraform.folder
        environment = {**os.environ, **self.terraform.environment, **cli_configuration(folder)}
        environment["PATH"] = f"{Path(ROOT, '.venv', 'bin')}{os.pathsep}{environment['PATH']}"
        ran = subprocess.run(
            ["/bin/sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
        return ran.stdout


def rows() -> list[tuple[str, str]]:
    """(error, command) of the README's table."""
    section = (ROOT / "modules" / "README.md").read_text(encoding="utf-8").partition("## After an interrupted apply")[2]
    found = _ROW.findall(section.partition("\n## ")[0])
    assert len(found) > 10
    return found
