"""Runs the tests of the Terraform modules: one pytest case for each <module>/<subject>.tftest.hcl in this folder."""

from pathlib import Path

import pytest

from tests.modules.conftest import ModuleTests

HERE = Path(__file__).parent


@pytest.mark.parametrize("test", sorted(str(path.relative_to(HERE)) for path in HERE.glob("*/*.tftest.hcl")))
def test_module(test: str, module_tests: ModuleTests) -> None:
    status, said = module_tests.run(test)
    assert status == 0, said
    assert "Success! 0 passed" not in said, said  # a filter that matches no file succeeds, too
