"""Reads YAML as Terraform's yamldecode does, which differs from PyYAML in numbers, dates and true and false.

https://developer.hashicorp.com/terraform/language/functions/yamldecode
"""

import re
from typing import Any

import yaml


class _Loader(yaml.BaseLoader):
    """Every plain scalar without one of the patterns below is text."""


_Loader.yaml_implicit_resolvers = {}
_TAG = "tag:yaml.org,2002:"
_PLAIN = (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE", "yYnNtTfFoO"),
    ("int", r"[-+]?(?:0x[0-9a-fA-F]+|[0-9]+)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
)
for _name, _pattern, _first in _PLAIN:
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), [*_first.replace("\0", ""), ""])


def _construct(_: _Loader, node: yaml.ScalarNode) -> Any:
    text, kind = node.value, node.tag.removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in {"y", "yes", "on", "true"}
    if kind == "int":
        return int(text, 16) if "x" in text else int(text)
    if kind == "float":
        number = float(text)
        return int(number) if number.is_integer() else number
    return f"{text}T00:00:00Z"


for _name, *_rest in _PLAIN:
    _Loader.add_constructor(_TAG + _name, _construct)


def read_yaml(text: str) -> Any:
    """The value; raises yaml.YAMLError."""
    return _with_text_keys(yaml.load(text, _Loader))  # noqa: S506 - a BaseLoader makes plain values only


def _with_text_keys(value: Any) -> Any:
    """Terraform's keys are text: the key `y` is true."""
    if isinstance(value, list):
        return [_with_text_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        ("true" if key else "false") if isinstance(key, bool) else "" if key is None else str(key): _with_text_keys(
            item
        )
        for key, item in value.items()
    }
