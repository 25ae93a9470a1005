"""Makes the packages of the Lambda functions importable: their rules are applied, not copied.

In a clone they are in functions/, and after `pip install` beside this package, so that `relay` and the like are not
installed at the top level.
"""

import sys
from pathlib import Path

PLACES = (Path(__file__).resolve().parents[1] / "functions", Path(__file__).resolve().parents[3] / "functions")


def add_function_sources() -> None:
    """Puts the folder on the path of imports; call it before importing from it."""
    folder = next(str(place) for place in PLACES if (place / "relay").is_dir())
    if folder not in sys.path:
        sys.path.insert(0, folder)
