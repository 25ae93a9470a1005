"""MERGE, also with REMOVE DUPLICATES. Source: "MERGE", Amazon Redshift Database Developer Guide."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.sql.statement import Statement, single
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import generate, parse, translate_tree

_STANDARD = "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (NULL)"


def translate_merge(statement: Statement) -> Translation:
    """REMOVE DUPLICATES deletes the rows that match and inserts the source, each distinct row once."""
    if statement.words(len(statement.tokens))[-2:] != ["REMOVE", "DUPLICATES"]:
        return translate_tree(statement, "MERGE")
    text = f"{statement.text[: statement.tokens[-2].start]}{_STANDARD}"
    parameters: list[str] = []
    tree = parse(single(text).text, statement.context)
    target, source, condition = tree.this, tree.args["using"], tree.args["on"]
    delete = exp.Delete(this=target.copy(), using=[source.copy()], where=exp.Where(this=condition.copy()))
    rows = exp.select(exp.Star()).from_(source.copy()).distinct()
    both = f"WITH deleted AS ({generate(delete, parameters, statement.context)}) INSERT INTO"
    return Translation(f"{both} {target.sql('postgres')} {rows.sql('postgres')}", "MERGE", tuple(parameters))
