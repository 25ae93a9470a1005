"""Lines that need no conversion are passed on; all others are converted one by one, with the same result."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from local_cloud.redshift.copy.command import CopyCommand
from local_cloud.redshift.copy.fields import Column
from local_cloud.redshift.copy.plain_lines import pieces, plain_lines
from local_cloud.redshift.results import Outcome
from tests.local_cloud.redshift.conftest import Objects

Run = Callable[..., Outcome]

COLUMNS = [
    Column("id", "int4", -1, required=False),
    Column("name", "varchar", 9, required=False),
    Column("amount", "numeric", (4 << 16 | 2) + 4, required=False),
    Column("day", "date", -1, required=False),
    Column("at", "timestamp", -1, required=False),
]
PLAIN = b"1|ab c|12.50|2024-02-28|2024-01-31 23:59:59.5\n"
OTHERS = [
    b"|a|1|2024-01-01|2024-01-01 00:00:00\n",  # NULL
    b"1|abcdef|1|2024-01-01|2024-01-01 00:00:00\n",  # too long
    b"1|\xc3\xa4|1|2024-01-01|2024-01-01 00:00:00\n",
    b"1|a\\|1|2024-01-01|2024-01-01 00:00:00\n",
    b"1|a|1.234|2024-01-01|2024-01-01 00:00:00\n",  # cut, not rounded
    b"1|a|123|2024-01-01|2024-01-01 00:00:00\n",
    b"1|a|1|2024-02-30|2024-01-01 00:00:00\n",
    b"1|a|1|2024-01-01|2024-01-01 24:00:00\n",
    b"1|a|1|2024-01-01|2024-01-01 00:00:00|\n",
    b"1|a|1|2024-01-01|2024-01-01 00:00:00\r\n",
    b"9999999999|a|1|2024-01-01|2024-01-01 00:00:00\n",
    b"1|a\tb|1|2024-01-01|2024-01-01 00:00:00\n",
    b"\n",
]


def command(**options: object) -> CopyCommand:
    return CopyCommand("t", (), "b", "k", delimiter="|", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", OTHERS, ids=repr)
def test_a_line_that_needs_conversion(line: bytes) -> None:
    plain = plain_lines(COLUMNS, command())
    assert plain is not None
    found = list(pieces(io.BytesIO(PLAIN * 2 + line + PLAIN + PLAIN[:-1]), plain, 0))
    assert [(piece.data, piece.line, piece.plain) for piece in found] == [
        (PLAIN * 2, 1, True),
        (line, 3, False),
        (PLAIN, 4, True),
        (PLAIN[:-1], 5, False),
    ]


@pytest.mark.parametrize("header", [0, 1, 2, 3, 4, 9])
def test_the_header(header: int) -> None:
    plain = plain_lines(COLUMNS, command())
    assert plain is not None
    lines = [b"id|name\n", PLAIN, b"x\n", PLAIN, PLAIN]
    found = list(pieces(io.BytesIO(b"".join(lines)), plain, header))
    assert b"".join(piece.data for piece in found) == b"".join(lines[header:])
    assert [piece.line for piece in found][:1] == ([header + 1] if header < len(lines) else [])


@pytest.mark.parametrize(
    "options",
    [
        {"csv": True}, {"escape": True}, {"remove_quotes": True}, {"trim_blanks": True}, {"blanks_as_null": True},
        {"null_as": "NA"}, {"widths": (1, 2)}, {"json": "auto"}, {"parquet": True}, {"date_format": "MM-DD-YYYY"},
        {"time_format": "epochsecs"}, {"no_load": True},
    ],
    ids=str,
)  # fmt: skip
def test_options_that_convert(options: dict[str, object]) -> None:
    assert plain_lines(COLUMNS, command(**options)) is None


def test_both_ways_load_the_same(run: Run, s3: Objects) -> None:
    s3.clear()
    lines = [
        PLAIN,
        *(line for line in OTHERS if line not in (OTHERS[1], OTHERS[5], OTHERS[10]) and len(line) > 1),
        PLAIN,
    ]
    s3["lines.txt"] = b"".join(lines)
    for table, option in (("fast", ""), ("slow", "NULL AS 'none'")):
        run(f"CREATE TABLE {table} (id INT, name VARCHAR(5), amount DECIMAL(4,2), day DATE, at TIMESTAMP)")
        copy = f"COPY {table} FROM 's3://b/lines.txt' IAM_ROLE 'arn:aws:iam::123456789012:role/r' MAXERROR 9 {option}"
        run(copy)
    fast, slow = (run(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4, 5").rows for table in ("fast", "slow"))
    assert fast == slow
    assert len(fast) > len(lines) / 2
