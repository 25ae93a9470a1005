"""A COPY from S3: everything that decides how a file's text becomes rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class CopyCommand:
    """The options of a COPY. `json` is 'auto', 'auto ignorecase' or the s3:// address of a JSONPaths file."""

    table: str
    columns: tuple[str, ...]
    bucket: str
    key: str
    iam_role: str = ""
    region: str | None = None
    manifest: bool = False
    csv: bool = False
    json: str | None = None
    parquet: bool = False
    widths: tuple[int, ...] = ()  # of FIXEDWIDTH, in characters
    delimiter: str = ""
    quote: str = '"'
    compression: str | None = None
    ignore_header: int = 0
    null_as: str = "\\N"
    empty_as_null: bool = False
    blanks_as_null: bool = False
    date_format: str | None = None
    time_format: str | None = None
    escape: bool = False
    remove_quotes: bool = False
    fill_record: bool = False
    truncate_columns: bool = False
    trim_blanks: bool = False
    round_decimals: bool = False
    accept_any_date: bool = False
    ignore_blank_lines: bool = False
    accept_invalid_characters: str | None = None
    explicit_ids: bool = False
    no_load: bool = False
    ignore_all_errors: bool = False
    max_error: int = 0

    @property
    def format(self) -> str:
        """The kind of the files: text, csv, json or parquet."""
        return "csv" if self.csv else "json" if self.json else "parquet" if self.parquet else "text"

    def as_request(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_request(cls, request: dict[str, object]) -> CopyCommand:
        lists = {name: tuple(value) for name, value in request.items() if isinstance(value, list)}
        return cls(**{**request, **lists})  # type: ignore[arg-type]
