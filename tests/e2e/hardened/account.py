"""An account in which little is allowed, and what a person applies there."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployments.terraform import Terraform, TerraformError
from tests.e2e.cloud import ROOT, Cloud

_README = ROOT / "modules" / "README.md"


@dataclass
class Configuration:
    """A configuration with one module `relay`, in a folder of its own."""

    cloud: Cloud
    folder: Path
    source: str
    variables: dict[str, Any]
    credentials: Mapping[str, str] = field(default_factory=dict)
    """Environment variables in place of the administrator's."""

    def apply(self, *options: str) -> dict[str, Any]:
        """Applies and returns the module's outputs; raises TerraformError."""
        if self.write():
            self.terraform.init()
        self.terraform.apply(*options)
        relay: dict[str, Any] = self.terraform.outputs()["relay"]
        return relay

    def write(self) -> bool:
        """Writes the configuration; returns whether there was none."""
        fresh = not self.folder.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        module = {"source": os.path.relpath(ROOT / self.source, self.folder), **self.variables}
        outputs = {"relay": {"value": "${module.relay}"}, "grants": {"value": "${module.relay.grants_sql}"}}
        (self.folder / "main.tf.json").write_text(json.dumps({"module": {"relay": module}, "output": outputs}))
        return fresh

    def failure(self) -> str:
        """The error of an apply that must fail, as Terraform prints it."""
        try:
            self.apply()
        except TerraformError as error:
            return str(error)
        raise AssertionError("the apply succeeded")

    @property
    def terraform(self) -> Terraform:
        """Terraform in this folder."""
        return Terraform(self.folder, {**self.cloud.local.environment, **self.credentials})


def grants_in(error: str) -> list[str]:
    """The statements that an error tells an administrator to run."""
    return re.findall(r"GRANT [^;]+;", error.replace('\\"', '"'))


def remedy(error: str) -> str:
    """What the README's section on the first apply says about an error; fails if it says nothing."""
    section = _README.read_text(encoding="utf-8").partition("## The first apply in a hardened account")[2]
    for row in re.findall(r"^\| `(.+?)` \| (.+) \|$", section.partition("\n## ")[0], re.MULTILINE):
        pattern = ".*".join(re.escape(part.strip()) for part in row[0].split("..."))
        if re.search(pattern, error, re.DOTALL):
            return str(row[1])
    raise AssertionError(f"modules/README.md does not mention: {error}")


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action: str | Sequence[str], **more: Any) -> dict[str, Any]:
    """A statement that allows actions on everything."""
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def deny(action: str | Sequence[str]) -> dict[str, Any]:
    """A statement that denies actions."""
    return {"Effect": "Deny", "Action": action, "Resource": "*"}
