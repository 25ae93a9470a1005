"""Every alarm has a paragraph on the page "when something is wrong", and its description names it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "modules" / "lambda_function" / "README.md"
LINK = "modules/lambda_function/README.md#when-something-is-wrong,"
KEYS = re.compile(r"^ +(\w+) = \{\n +metric ", re.MULTILINE)
COMPUTED = re.compile(r'=> \{|"([\w${}]*-dead-letters)" =>')
RESOURCE = re.compile(r'^resource "aws_cloudwatch_metric_alarm" "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)


def paragraphs() -> dict[str, str]:
    """Alarm -> its paragraph."""
    text = PAGE.read_text(encoding="utf-8").partition("## When something is wrong")[2].partition("<!-- scripts/")[0]
    parts = re.split(r"^### (.*)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def alarms() -> dict[str, str]:
    """Alarm -> the expression of its description."""
    found: dict[str, str] = {}
    for file in (ROOT / "modules").glob("*/*.tf"):
        text = file.read_text(encoding="utf-8")
        for name, body in RESOURCE.findall(text):
            [description] = re.findall(r"alarm_description += (.*)", body)
            if "each.value.description" not in body:
                found[name] = description
                continue
            names = KEYS.findall(text) + [name for name in COMPUTED.findall(text) if name]
            # One paragraph for the rules of all functions.
            found |= {name.replace("${key}", "rule"): description for name in names}
    return found


def test_the_alarms_are_found() -> None:
    declared = {"errors", "throttles", "failures", "dropped", "undelivered", "websocket", "tickets", "overdue"}
    assert {*declared, "rule-dead-letters", "schedule-dead-letters"} <= alarms().keys()


def test_every_alarm_has_its_paragraph() -> None:
    assert alarms().keys() == paragraphs().keys()


def test_a_paragraph_says_cause_how_to_see_it_and_what_to_do() -> None:
    for name, text in paragraphs().items():
        for part in ("*Cause:* ", "*See it:*", "*Do:*"):
            assert part in text, (name, part)


def test_every_description_names_the_page_and_the_paragraph() -> None:
    for name, description in alarms().items():
        if "${local.what_to_do}" in description:
            assert "each.value.description" in description
        elif "each.value.description" in description:
            assert description.rstrip('"').endswith(f"{LINK} ${{each.key}}."), name
        else:
            assert description.rstrip('"').endswith(f"{LINK} {name}."), name
    assert LINK in (ROOT / "modules" / "lambda_function" / "alarms.tf").read_text(encoding="utf-8")
