"""Files of warehouse objects: Flyway's names, their order and what counts as a change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import InputError
from warehouse_objects.files import RenamedAfterItRan, SqlFile, check_names, pending, sort_files


def parse(*names: str) -> list[SqlFile]:
    return [SqlFile.parse(name, f"SELECT '{name}'") for name in names]


def test_versions_are_numbers() -> None:
    files = parse("R__a.sql", "V10__x.sql", "V2__x.sql", "V1.10__x.sql", "V1_9__x.sql", "V1__x.sql", "R__B.sql")
    assert [file.name for file in sort_files(files)] == [
        "V1__x.sql",
        "V1_9__x.sql",
        "V1.10__x.sql",
        "V2__x.sql",
        "V10__x.sql",
        "R__B.sql",
        "R__a.sql",
    ]


@pytest.mark.parametrize(
    "pair",
    [("V1__a.sql", "V1__b.sql"), ("V1__a.sql", "V01__b.sql"), ("V1.2__a.sql", "V1_2__b.sql"), ("R__a.sql", "R__a.sql")],
)
def test_two_of_the_same(pair: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="have the same version or name"):
        sort_files(parse(*pair))


@given(st.permutations(["V1__a.sql", "V2__b.sql", "V10__c.sql", "R__a.sql", "R__b.sql"]))
def test_the_order_does_not_depend_on_the_input_s(names: list[str]) -> None:
    assert [file.name for file in pending(parse(*names), {})] == sorted(
        names, key=["V1__a.sql", "V2__b.sql", "V10__c.sql", "R__a.sql", "R__b.sql"].index
    )


RAN = {file.name: file.checksum for file in parse("R__a.sql", "V1__a.sql", "V1.2__b.sql", "V3__new.sql", "V3__old.sql")}


@pytest.mark.parametrize("name", ["V1__b.sql", "V01__a.sql", "V1_2__b.sql"])
def test_a_version_does_not_run_again_under_another_name(name: str) -> None:
    with pytest.raises(RenamedAfterItRan, match=rf"{name} ran as V1(__a|\.2__b)\.sql and would run again"):
        check_names(parse(name), RAN)


def test_a_text_does_not_run_again_under_another_number() -> None:
    moved = SqlFile.parse("V4__a.sql", "SELECT 'V1__a.sql'")
    with pytest.raises(RenamedAfterItRan, match=r"V4__a\.sql ran as V1__a\.sql"):
        check_names([moved], RAN)
    check_names([*parse("V1__a.sql"), moved], RAN)  # a second one with the same text


@pytest.mark.parametrize(
    "names", [("V1__a.sql", "V1.2__b.sql", "V2__c.sql", "R__b.sql"), ("V3__new.sql",), ("V3__old.sql",)]
)
def test_what_ran_keeps_its_name(names: tuple[str, ...]) -> None:
    check_names(parse(*names), RAN)
    check_names([SqlFile.parse("R__c.sql", "SELECT 'R__a.sql'")], RAN)


def test_what_editors_change_is_no_change() -> None:
    one = SqlFile.parse("R__a.sql", "SELECT 1\nFROM t\n")
    assert SqlFile.parse("R__a.sql", "SELECT 1\r\nFROM t\r\n\r\n").checksum == one.checksum
    assert SqlFile.parse("R__a.sql", "SELECT 1\nFROM  t\n").checksum != one.checksum
    assert SqlFile.parse("R__a.sql", "\ufeff\r\nSELECT 1\r\nFROM t ") == one  # also what runs


def test_a_byte_order_mark_hides_no_line() -> None:
    assert SqlFile.parse("R__a.sql", "\ufeff-- transaction: none\nVACUUM").nontransactional
    with pytest.raises(InputError, match="the file is empty"):
        SqlFile.parse("R__a.sql", "\ufeff\n")


def test_half_a_surrogate_is_refused_with_the_file_s_name() -> None:
    with pytest.raises(InputError, match=r"^V1__a\.sql: invalid Unicode at character 9$"):
        SqlFile.parse("V1__a.sql", "SELECT '\ud800'")


@given(st.text().filter(lambda text: ";" not in text), st.text().filter(lambda text: ";" not in text))
def test_checksums_are_hexadecimal_and_differ(one: str, other: str) -> None:
    one, other = f"SELECT {one}", f"SELECT {other}"
    first, second = SqlFile.parse("R__a.sql", one).checksum, SqlFile.parse("R__a.sql", other).checksum
    assert len(first) == 64
    assert int(first, 16) >= 0
    same = one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
    assert (first == second) == same
