"""A mistake in a file, in the words of STYLE: where, what is wrong, and what to do."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Mistake:
    """`text` is `<what is wrong>. <What to do>.` It may begin with a key, or with line and column."""

    file: str
    text: str

    @classmethod
    def of(cls, file: Path, text: str) -> "Mistake":
        """A mistake in a file, whose path is written with / on every system."""
        return cls(file.as_posix(), text)

    def __str__(self) -> str:
        """Line and column follow the name without a blank, so that editors jump there."""
        return f"{self.file}:{self.text}" if self.text[:1].isdigit() else f"{self.file}: {self.text}"
