"""Which tests share a worker process when scripts/test runs groups of them side by side."""

from pathlib import Path

from tests.conftest import GROUPS, NEED_A_BROWSER, _group

ROOT = Path(__file__).parents[2]


def test_tests_of_a_cloud_are_in_one_group() -> None:
    kill = "tests/e2e/gateway/test_kills.py::test_a_function_killed_at_a_call[query-x::y-1-before]"
    assert _group(kill) == "gateway-kills"
    assert _group("tests/e2e/gateway/test_events.py::test_x") == "gateway"
    assert _group("tests/e2e/test_pipeline.py::test_x") == "pipeline"


def test_any_other_file_is_a_group() -> None:
    assert _group("tests/unit/relay/test_names.py::test_x[a::b]") == "tests/unit/relay/test_names.py"


def test_every_group_has_tests() -> None:
    for beginning in [*NEED_A_BROWSER, *(one for beginnings in GROUPS.values() for one in beginnings)]:
        assert (ROOT / beginning).exists(), beginning
