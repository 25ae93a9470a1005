"""`redshift-relay check-sql`: what it says about files, and that it is as quick as a linter."""

import tomllib
from pathlib import Path

import pytest
import yaml
from pre_commit.clientlib import load_manifest

from redshift_relay.check_sql import command
from redshift_relay.check_sql.syntax import syntax_mistake
from redshift_relay.command_line import COMMANDS, main

ROOT = Path(__file__).parents[4]
GUIDE = sorted((ROOT / "tests" / "local_cloud" / "redshift" / "reference" / "pages").glob("*.yaml"))
"""The statements of the Database Developer Guide that this project knows."""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Writes {path: text} below the folder."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def mistakes(capsys: pytest.CaptureFixture[str], folder: Path, *options: str) -> list[str]:
    """The lines of mistakes, with paths below the folder."""
    status = main(["check-sql", str(folder), *options])
    said = capsys.readouterr()
    lines = said.err.replace(f"{folder.as_posix()}/", "").splitlines()
    assert (status == 1) == bool(lines), said
    return lines


def test_the_example_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-sql", str(ROOT / "sql")]) == 0
    assert capsys.readouterr().out == "5 objects and 2 queries are valid.\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"V1__a.sql": "SELECT 1; SELECT 2"}, "V1__a.sql: a file holds one statement. Split it into two files."),
        (
            {"V1__a.sql": "SELECT 1", "V1.1__b.sql": "SELECT 2", "V1_1__c.sql": "SELECT 3"},
            "V1.1__b.sql and V1_1__c.sql have the same version or name. Rename one.",
        ),
        (
            {"first.sql": "SELECT 1"},
            "first.sql: cannot be ordered by name. "
            "Rename it to V<n>__<name>.sql or R__<name>.sql with letters, digits and _.",
        ),
        ({"V1__a.SQL": "SELECT 1"}, "V1__a.SQL: cannot be ordered by name."),
        ({"R__a.sql": "  \n"}, "R__a.sql: the file is empty. Write one SQL statement."),
        ({"R__a.sql": "COMMIT"}, "R__a.sql: COMMIT is not supported"),
        ({"R__a.sql": "VACUUM t"}, "R__a.sql: VACUUM cannot run inside a transaction block"),
        ({"R__a.sql": "SELECT '" + "x" * 100_000 + "'"}, "R__a.sql: at most 100,000 bytes"),
        (
            {"V1__a.sql": "SELECT 1", "more/V2__b.sql": "SELECT 1"},
            "more/V2__b.sql: would not run, because subfolders are not read. Move it into the folder itself.",
        ),
        (
            {"V1__a.sql": "SELECT a\nFROM t WHERE AND b"},
            "V1__a.sql:2:18: not Redshift SQL near 'b': an operand is missing.",
        ),
        ({"V1__a.sql": "SELEC 1"}, "V1__a.sql:1:7: not Redshift SQL near '1': "),
        ({"V1__a.sql": "SELEC"}, "V1__a.sql:1:1: not Redshift SQL near 'SELEC': no statement begins so."),
        ({"V1__a.sql": "SELECT 'a"}, "V1__a.sql:1:1: not Redshift SQL: a string, name or comment may not be closed"),
        (
            {"V1__a.sql": "SELECT\n${a"},
            "V1__a.sql: line 2: ${ is not closed. Close it with }, or write $${ for the text ${.",
        ),
        ({"V1__a.sql": "%{ if a }SELECT 1"}, "V1__a.sql: a %{ if } or %{ for } is not closed."),
        ({"V1__a.sql": "SELECT 1%{ endif }"}, "V1__a.sql: %{ endif } is not expected here."),
    ],
)
def test_a_mistake_in_objects(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, files: dict[str, str], said: str
) -> None:
    [line] = mistakes(capsys, write(tmp_path, files))
    assert line.removeprefix(f"{tmp_path.as_posix()}: ").startswith(said)


def test_bytes_that_are_not_utf_8_are_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "V1__a.sql").write_bytes(b"SELECT '\xff'")
    assert mistakes(capsys, tmp_path) == ["V1__a.sql: is not UTF-8 at byte 9. Save it as UTF-8."]


@pytest.mark.parametrize(
    "sql",
    [
        "%{ if owner != null ~}\nGRANT SELECT ON t TO ${owner}\n%{ endif ~}",
        "%{ if a ~}\nSELECT 1;\n%{ else ~}\nSELECT 2;\n%{ endif ~}",
        "COPY t FROM '${uri}' IAM_ROLE ${role} ${more}",
        "SELECT '$${not_a_variable} %%{nor_this}'",
        'SELECT \'${replace(uri, "}", "{")}\'',
    ],
)
def test_a_template_without_its_values_is_no_mistake(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, sql: str
) -> None:
    assert mistakes(capsys, write(tmp_path, {"R__a.sql": sql})) == []


def test_with_its_values_the_syntax_is_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = write(tmp_path, {"R__a.sql": "SELECT * FROM ${table} WHERE AND b"})
    assert mistakes(capsys, folder) == []
    assert "near 'b'" in mistakes(capsys, folder, "--var", "table=trips")[0]
    assert mistakes(capsys, folder, "--var", "table=trips", "--no-syntax") == []


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: page.stem)
def test_no_statement_of_the_guide_is_refused(page: Path) -> None:
    cases = [case for topic in yaml.safe_load(page.read_text(encoding="utf-8")) for case in topic.get("cases", [])]
    refused = {case["sql"]: syntax_mistake(case["sql"]) for case in cases if not case.get("error")}
    assert {sql: mistake for sql, mistake in refused.items() if mistake} == {}


def test_a_default_that_the_gateway_would_refuse(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    settings = "parameters: {x: {type: number, default: '0." + "0" * 36 + "1', maximum: '1'}}"
    folder = write(tmp_path, {"q.sql": "SELECT :x", "q.yaml": settings})
    assert mistakes(capsys, folder) == []
    folder = write(tmp_path, {"q.yaml": 'parameters: {x: {type: text, default: "\\ud800"}}'})
    assert mistakes(capsys, folder)


@pytest.mark.parametrize("folder", ["no-such", "file.sql"])
def test_what_is_no_folder_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path, folder: str) -> None:
    (tmp_path / "file.sql").touch()
    assert main(["check-sql", str(tmp_path / folder)]) == 1
    assert "is not a folder. Name a folder of SQL files, e.g. sql/objects." in capsys.readouterr().err


def test_without_a_parser_it_says_what_was_not_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "AVAILABLE", False)
    assert main(["check-sql", str(ROOT / "sql")]) == 0
    assert capsys.readouterr().out.endswith("Install redshift-relay[syntax] to check it, too.\n")


def test_the_hook_for_pre_commit_runs_a_command_that_exists() -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    load_manifest(ROOT / ".pre-commit-hooks.yaml")  # raises InvalidManifestError
    program, name = hook["entry"].split()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert program in project["scripts"]
    assert name in COMMANDS
    assert hook["additional_dependencies"] == project["optional-dependencies"]["syntax"]
