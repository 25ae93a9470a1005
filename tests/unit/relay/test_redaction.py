"""What is shown of a statement: enough to recognise it, and no secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.redaction import first_line, redact

OPTIONS = [
    "CREDENTIALS",
    "credentials as",
    "ACCESS_KEY_ID",
    "SECRET_ACCESS_KEY",
    "SESSION_TOKEN",
    "PASSWORD",
    "MASTER_SYMMETRIC_KEY",
]


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("CALL p()", "CALL p()"),
        ("\n  \n-- why\n\n  CALL p()  \nSELECT 1", "CALL p()"),
        ("/* a\n licence */ -- and\nCALL p()", "CALL p()"),
        ("/* one */ /* two */CALL p()", "CALL p()"),
        ("SELECT '--no comment'", "SELECT '--no comment'"),
        ("-- nothing but a comment", ""),
        ("", ""),
    ],
)
def test_the_first_line_that_says_something(sql: str, line: str) -> None:
    assert first_line(sql) == line


def test_a_long_line_is_cut() -> None:
    assert len(first_line("SELECT " + "x" * 100_000)) == 200


@given(
    st.sampled_from(OPTIONS),
    st.sampled_from([" ", "", "\n\t"]),
    st.text(st.characters(exclude_characters="*"), min_size=1),
)
def test_quoted_secrets_are_not_shown(option: str, blank: str, secret: str) -> None:
    quoted = secret.replace("'", "''")
    shown = redact(f"COPY t FROM 's3://b/k' {option}{blank}'{quoted}' GZIP")
    assert shown == f"COPY t FROM 's3://b/k' {option} '***' GZIP"


def test_a_secret_that_ends_on_another_line() -> None:
    sql = "COPY t FROM 's3://b/k' CREDENTIALS 'aws_access_key_id=AKIA;\naws_secret_access_key=wJalr'"
    assert first_line(sql) == "COPY t FROM 's3://b/k' CREDENTIALS '***'"


def test_a_secret_whose_end_was_cut_off() -> None:
    assert redact("ERROR in: CREATE USER bob PASSWORD 'hunt") == "ERROR in: CREATE USER bob PASSWORD '***'"


def test_a_secret_without_its_option() -> None:
    error = 'syntax error at or near "aws_access_key_id=AKIA;aws_secret_access_key=wJalr/x;token=abc"'
    shown = redact(error)
    assert shown == 'syntax error at or near "aws_access_key_id=***;aws_secret_access_key=***;token=***"'


def test_a_role_is_no_secret() -> None:
    sql = "COPY t FROM 's3://b/k' IAM_ROLE 'arn:aws:iam::123456789012:role/copy'"
    assert redact(sql) == sql
