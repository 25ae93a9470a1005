from collections.abc import Iterator

import pytest

from tests.e2e.files.landing import Landing


@pytest.fixture(scope="package")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landing]:
    """The module, applied once."""
    with Landing.applied(tmp_path_factory.mktemp("files") / "terraform") as landing:
        yield landing
