"""Each function of the guide exists here or is refused by name; no error says that it does not exist."""

import re

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.functions_not_emulated import FUNCTIONS_NOT_EMULATED
from local_cloud.redshift.translate import translate
from local_cloud.redshift.warehouse import Warehouse
from tests.local_cloud.redshift.reference.pages import topics

# Parts of the grammar, or rewritten as such; reference/pages has cases of each.
GRAMMAR = {
    "case", "cast", "coalesce", "convert", "current_date", "decode", "greatest", "least", "nullif", "nvl", "nvl2",
    "sysdate", "trim", "user",
}  # fmt: skip
NAMES = {topic.name.lower().split(" (")[0] for topic in topics() if "function" in topic.kind}


@pytest.mark.parametrize("name", sorted(FUNCTIONS_NOT_EMULATED))
def test_refused_by_name(name: str) -> None:
    with pytest.raises(SqlError) as raised:
        translate(f"SELECT {name}" if name.startswith("current_") else f"SELECT {name}(a) FROM t")
    assert raised.value.message == f"ERROR: {name.upper()} is not emulated"


def test_the_others_exist(warehouse: Warehouse) -> None:
    with warehouse._engine.admin("dev") as connection:
        exist = {str(name) for (name,) in connection.execute("SELECT proname FROM pg_catalog.pg_proc")}
    functions = {name for name in NAMES if re.fullmatch(r"\w+", name)}
    assert functions - exist - GRAMMAR - FUNCTIONS_NOT_EMULATED == set()
