"""What a load's definition says about the files that start it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from relay.errors import InputError


@dataclass(frozen=True)
class Trigger:
    """`files` of a load. `manifests` is the prefix (`s3://bucket/path/`) under which manifests are written.

    `quiet_seconds`: a manifest is made when no file has landed for this time. `max_files`: most files of a manifest.
    """

    bucket: str
    pattern: str
    quiet_seconds: int
    max_files: int
    manifests: str

    @classmethod
    def parse(cls, load: str, files: Mapping[str, Any] | None) -> "Trigger":
        """Reads `files` of the definition of a load; raises InputError if files do not start this load."""
        if not files:
            raise InputError("load", f"{load!r} is not started by files. Use a load that sets files.")
        return cls(
            bucket=str(files["bucket"]),
            pattern=str(files["pattern"]),
            quiet_seconds=int(files["quiet_seconds"]),
            max_files=int(files["max_files"]),
            manifests=str(files["manifests"]),
        )

    def matches(self, key: str) -> bool:
        """Whether the pattern matches a key, as the rule on EventBridge does."""
        return self._expression.fullmatch(key) is not None

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        r"""`*` stands for any characters, `/` included; `\*` is an asterisk and `\\` a backslash.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching
        """
        parts = re.findall(r"\\[*\\]|\*|[^*]", self.pattern, re.DOTALL)
        return re.compile("".join(".*" if part == "*" else re.escape(part[-1]) for part in parts), re.DOTALL)
