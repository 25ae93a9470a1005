"""The keys of object variables, as the reference lists them."""

from pathlib import Path

import pytest

from documents.declarations import declarations
from documents.shapes import Key, keys

ROOT = Path(__file__).parents[3]
FOLDERS = [ROOT, *sorted(folder for folder in (ROOT / "modules").iterdir() if (folder / "variables.tf").exists())]


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("string", []),
        ("map(list(string))", []),
        ("object({a = string})", [Key("v.a", "string", None)]),
        ("object({a = optional(string), b = bool})", [Key("v.a", "string", "null"), Key("v.b", "bool", None)]),
        ('object({a = optional(string, "a, b)")})', [Key("v.a", "string", '"a, b)"')]),
        (
            "map(object({a = optional(object({b = number}), {b = 1}), c = optional(list(string), [])}))",
            [
                Key("v.<key>.a", "object", "{b = 1}"),
                Key("v.<key>.a.b", "number", None),
                Key("v.<key>.c", "list(string)", "[]"),
            ],
        ),
        (
            "list(object({a = map(object({b = any}))}))",
            [Key("v[].a", "map(object)", None), Key("v[].a.<key>.b", "any", None)],
        ),
    ],
)
def test_keys(type_: str, expected: list[Key]) -> None:
    assert list(keys("v", type_)) == expected


@pytest.mark.parametrize(
    "type_", ["object({a = string}", "object({a string})", "string)", "object({a = optional(string})"]
)
def test_a_type_that_cannot_be_read_stops_the_documents(type_: str) -> None:
    with pytest.raises(ValueError, match=r"where|early|unexpected"):
        list(keys("v", type_))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_key_of_every_object_is_in_the_reference(folder: Path) -> None:
    document = folder / ("REFERENCE.md" if folder == ROOT else "README.md")
    text = document.read_text(encoding="utf-8")
    objects = [one for one in declarations(folder, "variable") if "object(" in one.type]
    for one in objects:
        words = one.type.count(" = ")
        listed = list(keys(one.name, one.type))
        assert len(listed) >= words - one.type.count("{}) = "), one.name
        for key in listed:
            assert f"| `{key.path}` | `{key.type}` |" in text, key.path
