"""The rules of check-sql are those of the plan: Terraform and check-sql judge the same folders of queries alike.

The Terraform files are the project's own. They need no provider, because nothing but expressions is evaluated.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from redshift_relay.check_sql.queries import check_queries
from tests.scripts.redshift_relay.check_sql.test_check_sql import write

ROOT = Path(__file__).parents[4]
SQL = "SELECT :x"
SETTINGS = {
    "not a mapping": "- a",
    "empty": "",
    "empty list": "[]",
    "false": "false",
    "unknown setting": "labl: a",
    "text is a list": "label: [a]",
    "number is a text": "max_rows: many",
    "number in a text": "max_rows: '0'",
    "number is null": "max_rows: ~",
    "flag is a number": "default: 5",
    "flag is yes": "default: yes",
    "groups are a text": "allowed_groups: staff",
    "groups have blanks": "allowed_groups: ['a b', ok, '']",
    "a number as a group": "allowed_groups: [5, true]",
    "refreshed by a text": "refreshed_by: daily",
    "columns are a list": "columns: [a]",
    "a column is a text": "columns: {a: km}",
    "column settings": "columns: {a: {unt: km, decimals: 9, sum: maybe, format: bold}}",
    "column choices": "columns: {a: {decimals: 1.5, format: bold, role: boss, label: ' '}}",
    "chart": "chart: pie",
    "blank label": "label: '  '",
    "ranges": "{max_rows: 0, timeout_seconds: 1.5, max_age_seconds: 86401, min_refresh_seconds: -1}",
    "parameters are a list": "parameters: [x]",
    "a parameter is a text": "parameters: {x: month}",
    "no type": "parameters: {x: {label: X}}",
    "unknown type": "parameters: {x: {type: datum}}",
    "markup in a type": "parameters: {x: {type: '<b>&'}}",
    "unknown setting of a parameter": "parameters: {x: {type: text, maxlength: 5}}",
    "values is a text": "parameters: {x: {type: month, values: daily}}",
    "values lacks the column": "parameters: {x: {type: month, values: {query: q}}}",
    "order is a text": "parameters: {x: {type: month, order: first}}",
    "latest is a text": "parameters: {x: {type: month, latest: newest}}",
}
PARAMETERS = {
    "unused": "{type: text}, y: {type: text}",
    "name": "{type: text}, X-1: {type: text}",
    "reserved": "{type: text}, live: {type: text}, query: {type: claim}",
    "choices missing": "{type: choice}",
    "choices empty": "{type: choice, choices: [a, '']}",
    "choice default": "{type: choice, choices: [a, b], default: c}",
    "text too long": "{type: text, max_length: 2, default: abc}",
    "max_length": "{type: text, max_length: 10001}",
    "max_length of a fraction": "{type: text, max_length: 1.5}",
    "setting of another type": "{type: month, max_length: 5, choices: [a], claim: a}",
    "bounds of a text": "{type: text, minimum: a, maximum: b}",
    "default of a claim": "{type: claim, default: a, minimum: b}",
    "date as yaml has it": "{type: date, default: 2015-01-31}",
    "no such date": "{type: date, default: '2015-02-31', minimum: '2015-13-01'}",
    "month": "{type: month, default: 2015-13}",
    "month is right": "{type: month, default: 2015-12, minimum: 2015-01}",
    "integer": "{type: integer, default: 1.5, minimum: a}",
    "integer is right": "{type: integer, default: 5, minimum: -5, maximum: 10}",
    "integer in order": "{type: integer, default: 5, minimum: 10, maximum: 9}",
    "number": "{type: number, default: 1e3}",
    "exponent in a text": "{type: number, default: '1e3'}",
    "dates in order": "{type: date, minimum: '2015-02-01', maximum: '2015-01-01'}",
    "control character": '{type: text, default: "a\\tb"}',
    "same order": "{type: text, order: 1}, y: {type: text, order: 1.0}",
    "latest alone": "{type: month, latest: true}",
    "values of nothing": "{type: month, values: {query: no_such, column: a}}",
    "values of a query that needs a value": "{type: month, values: {query: q, column: a}}",
    "values of a text": "{type: text, values: {query: plain, column: a}}",
    "values for everyone": "{type: month, values: {query: staff, column: a}}",
}
STATEMENTS = {
    "delete": "DELETE FROM t WHERE a = :x",
    "two": "SELECT :x; SELECT 2",
    "one with a semicolon": "SELECT :x ;\n",
    "into": "SELECT :x INTO t",
    "into in a name": 'SELECT :x AS "into" -- into ; :z',
    "with": "WITH a AS (SELECT 1) SELECT :x FROM a",
    "colons": "SELECT 'a:b', c::int, :x /* :y ; */",
    "undeclared": "SELECT :x, :y",
    "blank": "",
    "long": "SELECT :x || '" + "x" * 100_000 + "'",
}
FOLDERS = {
    "two defaults": {"a.sql": "SELECT 1", "a.yaml": "default: true", "b.sql": "SELECT 1", "b.yaml": "default: true"},
    "alone": {"a.sql": "SELECT 1", "b.yaml": "label: b"},
    "nothing": {"README.md": ""},
    "subfolder": {"a.sql": "SELECT 1", "a.yaml": "label: a", "more/b.sql": "SELECT 1"},
}
OTHERS = {"plain.sql": "SELECT 1", "plain.yaml": "label: plain"}
STAFF = {"staff.sql": "SELECT 1", "staff.yaml": "allowed_groups: [staff]"}


def cases() -> dict[str, dict[str, str]]:
    """Case -> files of a folder of queries."""
    found = {name: {"q.sql": "SELECT 1", "q.yaml": text} for name, text in SETTINGS.items()}
    found |= {
        name: {"q.sql": SQL, "q.yaml": f"parameters: {{x: {text}}}", **OTHERS, **STAFF}
        for name, text in PARAMETERS.items()
    }
    found |= {name: {"q.sql": text, "q.yaml": "parameters: {x: {type: text}}"} for name, text in STATEMENTS.items()}
    return found | FOLDERS


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, list[str]]]:
    """Case -> its folder and Terraform's mistakes, as lines."""
    folder = tmp_path_factory.mktemp("rules")
    folders = {
        name: write(folder / "cases" / str(number), files) for number, (name, files) in enumerate(cases().items())
    }
    write(
        folder,
        {
            "main.tf": """
              variable "folders" { type = map(string) }
              module "files" {
                source            = "./files"
                for_each          = var.folders
                queries_directory = each.value
              }
              module "rules" {
                source        = "./rules"
                for_each      = var.folders
                name_prefix   = "relay"
                redshift      = { database = "dev", cluster = { identifier = "warehouse" } }
                authorization = { mode = "NONE" }
                allowed_origins = []
                queries       = module.files[each.key].queries
              }
              output "mistakes" {
                value = { for name in keys(var.folders) : name => {
                  files = module.files[name].mistakes
                  rules = module.rules[name].mistakes
                } }
              }
            """,
            "terraform.tfvars.json": json.dumps({"folders": {name: str(one) for name, one in folders.items()}}),
            "files/stub.tf": """
              variable "queries_directory" { type = string }
              variable "gateway" { default = {} }
              locals { query_variables = {} }
              output "queries" { value = local.queries }
              output "mistakes" { value = local.query_file_mistakes }
            """,
            "rules/stub.tf": """
              locals { database_user = "IAMR:relay" }
              output "mistakes" { value = local.query_mistakes }
            """,
        },
    )
    shutil.copy(ROOT / "queries.tf", folder / "files")
    for name in ("queries.tf", "variables.tf"):
        shutil.copy(ROOT / "modules" / "websocket_gateway" / name, folder / "rules")
    run(folder, "init", "-input=false", "-no-color")
    run(folder, "apply", "-input=false", "-auto-approve", "-no-color")
    mistakes = json.loads(run(folder, "output", "-json", "mistakes"))
    return {name: (one, lines(one, mistakes[name])) for name, one in folders.items()}


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["terraform", f"-chdir={folder}", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def lines(folder: Path, mistakes: dict[str, object]) -> list[str]:
    """Terraform names files or queries.<name>; check-sql names files."""
    found = list(mistakes["files"])  # type: ignore[call-overload]
    for name, texts in mistakes["rules"].items():  # type: ignore[attr-defined]
        for text in texts:
            mistake = text.removeprefix(f"queries.{name}.")
            file = f"{name}.sql" if mistake.startswith("sql: ") else f"{name}.yaml"
            found.append(f"{folder}/{file}: {mistake.removeprefix('sql: ')}")
    return sorted(found)


@pytest.mark.parametrize("case", cases())
def test_check_sql_says_what_the_plan_says(judged: dict[str, tuple[Path, list[str]]], case: str) -> None:
    folder, expected = judged[case]
    assert sorted(map(str, check_queries(folder, {}, syntax=False)[1])) == expected


def test_the_cases_meet_every_rule(judged: dict[str, tuple[Path, list[str]]]) -> None:
    said = "\n".join(line for _, mistakes in judged.values() for line in mistakes)
    assert said.count("\n") > len(SETTINGS) + len(PARAMETERS) / 2
