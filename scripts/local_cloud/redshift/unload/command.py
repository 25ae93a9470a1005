"""An UNLOAD: the query's place in S3 and everything that decides how rows become files."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class UnloadCommand:
    """The options of an UNLOAD. `format` is text, csv, json or parquet; sizes are in bytes."""

    bucket: str
    prefix: str
    iam_role: str = ""
    region: str | None = None
    format: str = "text"
    delimiter: str = ""
    widths: tuple[int, ...] = ()  # of FIXEDWIDTH, in characters
    header: bool = False
    add_quotes: bool = False
    escape: bool = False
    null_as: str = ""
    compression: str | None = None
    extension: str | None = None
    parallel: bool = True
    max_file_size: int = int(6.2 * 1024**3)  # the default of MAXFILESIZE
    manifest: bool = False
    partition_by: tuple[str, ...] = ()
    include_partitions: bool = False
    allow_overwrite: bool = False
    clean_path: bool = False

    def as_request(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_request(cls, request: dict[str, object]) -> UnloadCommand:
        lists = {name: tuple(value) for name, value in request.items() if isinstance(value, list)}
        return cls(**{**request, **lists})  # type: ignore[arg-type]
