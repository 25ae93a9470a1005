"""`redshift-relay COMMAND`: every command is listed and reached, and another is refused."""

from collections.abc import Sequence

import pytest

from redshift_relay import command_line
from redshift_relay.command_line import COMMANDS, Command, main


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    listed = capsys.readouterr().out.partition("commands:\n")[2].splitlines()
    assert [line.split(maxsplit=1) for line in listed[: len(COMMANDS)]] == [
        [name, command.summary] for name, command in COMMANDS.items()
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_of_its_own(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    assert f"usage: redshift-relay {name} " in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "message"), [([], "required: COMMAND"), (["no-such"], "choose from")])
def test_without_a_command_nothing_runs(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert message in capsys.readouterr().err


def test_a_command_gets_the_rest_and_returns_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(arguments: Sequence[str]) -> int:
        if "--interrupt" in arguments:
            raise KeyboardInterrupt
        return len(arguments)

    monkeypatch.setitem(command_line.COMMANDS, "count", Command("Counts its arguments.", run))
    assert main(["count", "one", "--help", "three"]) == 3
    assert main(["count", "--interrupt"]) == 130
