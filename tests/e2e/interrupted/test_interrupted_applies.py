"""Ctrl-C and SIGKILL at every tenth resource of the whole root: the next apply succeeds, or as the README says."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

import pytest

from deployments.terraform import TerraformError
from local_cloud.plugin_mirror import cli_configuration
from tests.e2e.hardened.account import Configuration
from tests.e2e.interrupted.recovery import Recovery

PLAIN = {(signal.SIGKILL, 40)}
"""In the plain suite: while roles, tables and queues are created."""
MOMENTS = range(10, 160, 10)


def moment(sign: signal.Signals, created: int) -> Any:
    marks = [] if (sign, created) in PLAIN else [pytest.mark.long]
    return pytest.param(sign, created, marks=marks, id=f"{sign.name}-{created}")


def interrupt(root: Configuration, sign: signal.Signals, created: int) -> None:
    """Applies, and sends the signal when so many resources have been created."""
    root.write()
    root.terraform.init()
    environment = {**os.environ, **root.terraform.environment, **cli_configuration(root.folder)}
    with subprocess.Popen(
        ["terraform", "apply", "-input=false", "-auto-approve", "-no-color"],
        cwd=root.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # Whoever runs the tests in the background ignores Ctrl-C, and so would Terraform.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as apply:
        assert apply.stdout
        said, seen = "", 0
        for line in apply.stdout:
            said += line
            seen += "Creation complete" in line
            if seen == created:
                # Ctrl-C reaches Terraform and its provider, as the terminal's process group; so does this.
                os.killpg(apply.pid, sign)
                break
        said += apply.stdout.read()
    assert seen == created, said[-3000:]
    assert apply.returncode != 0


@pytest.mark.parametrize(
    ("sign", "created"),
    [moment(sign, created) for sign in (signal.SIGINT, signal.SIGKILL) for created in MOMENTS],
)
def test_the_next_apply(root: Configuration, sign: signal.Signals, created: int) -> None:
    try:
        interrupt(root, sign, created)
        Recovery(root.terraform).apply("-parallelism=20")
    except TerraformError as error:
        raise AssertionError(str(error)) from error
    assert root.terraform.planned_changes() == []
