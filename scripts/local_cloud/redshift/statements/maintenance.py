"""ANALYZE, VACUUM and COMMENT.

Sources: "ANALYZE" and "VACUUM", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal
from local_cloud.redshift.sql.words import Words


def translate_analyze(statement: Statement) -> Translation:
    """ANALYZE [VERBOSE] [table [(column, ...)]] [PREDICATE COLUMNS | ALL COLUMNS]."""
    words = Words("ANALYZE", statement.tokens)
    words.expect("ANALYZE")
    if words.skip("COMPRESSION"):
        raise not_emulated("ANALYZE COMPRESSION")
    words.skip("VERBOSE")
    target = ""
    if words.more() and words.peek(1) != "COLUMNS":
        target = words.qualified_name()
        if columns := words.names():
            target += " (" + ", ".join('"' + column.replace('"', '""') + '"' for column in columns) + ")"
    if words.skip("PREDICATE", "ALL"):
        words.expect("COLUMNS")
    _end(words)
    return Translation(f"ANALYZE {target}".strip(), "ANALYZE")


def translate_vacuum(statement: Statement) -> Translation:
    """VACUUM has nothing to sort or to reclaim here: it checks its table and its options."""
    words = Words("VACUUM", statement.tokens)
    words.expect("VACUUM")
    kind = words.word() if words.peek() in {"FULL", "SORT", "DELETE", "REINDEX", "RECLUSTER"} else ""
    if kind in {"SORT", "DELETE"}:
        words.expect("ONLY")
    table = words.qualified_name() if words.more() and words.peek() not in {"TO", "BOOST"} else ""
    needs_table = kind in {"REINDEX", "RECLUSTER"} or words.peek() in {"TO", "BOOST"}
    if needs_table and not table:
        raise SqlError("VACUUM requires a table name with REINDEX, RECLUSTER, TO threshold PERCENT and BOOST")
    if words.skip("TO"):
        threshold = words.number("TO")
        words.expect("PERCENT")
        if threshold > 100:
            raise SqlError("VACUUM threshold must be an integer between 0 and 100")
        if kind in {"REINDEX", "RECLUSTER"}:
            raise SqlError(f"VACUUM {kind} does not support TO threshold PERCENT")
    if words.skip("BOOST") and kind == "REINDEX":
        raise SqlError("VACUUM REINDEX does not support BOOST")
    _end(words)
    return Translation(f"SELECT redshift.vacuum({literal(table) if table else 'NULL'})", "VACUUM", hides_result=True)


def translate_comment(statement: Statement) -> Translation:
    """PostgreSQL's statement has the same form."""
    return Translation(statement.text, "COMMENT")


def _end(words: Words) -> None:
    if words.more():
        raise SqlError(f'syntax error at or near "{words.take().text}"')
