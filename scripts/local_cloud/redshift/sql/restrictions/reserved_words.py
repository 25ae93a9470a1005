"""Words that are names only in double quotes. Source: "Reserved words", Amazon Redshift Database Developer Guide.

START and CONNECT are on the page's list, but it says that they are not reserved. After AS, any word names a column.
"""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.restrictions.check import Checks

RESERVED = frozenset(
    """
    aes128 aes256 all allowoverwrite analyse analyze and any array as asc authorization az64 backup between
    binary blanksasnull both bytedict bzip2 case cast check collate column constraint create credentials cross
    current_date current_time current_timestamp current_user current_user_id default deferrable deflate defrag
    delta delta32k desc disable distinct do else emptyasnull enable encode encrypt encryption end except
    explicit false for foreign freeze from full globaldict256 globaldict64k grant group gzip having identity
    ignore ilike in initially inner intersect interval into is isnull join leading left like limit localtime
    localtimestamp lun luns lzo lzop minus mostly16 mostly32 mostly8 natural new not notnull null nulls off
    offline offset oid old on only open or order outer overlaps parallel partition percent permissions pivot
    placing primary raw readratio recover references rejectlog resort respect restore right select
    session_user similar snapshot some sysdate system table tag tdes text255 text32k then timestamp to top
    trailing true truncatecolumns union unique unnest unpivot user using verbose wallet when where with
    without
    """.split()  # noqa: SIM905
)
# These are expressions of their own, or columns that every system table has.
_EXPRESSIONS = {
    "current_date", "current_time", "current_timestamp", "current_user", "current_user_id", "default", "false",
    "localtime", "localtimestamp", "null", "oid", "session_user", "sysdate", "true", "user",
}  # fmt: skip
_NAMED = (exp.ColumnDef, exp.Table, exp.TableAlias, exp.Schema, exp.CTE)


def _identifier(node: exp.Identifier) -> None:
    word = node.this.lower()
    if node.args.get("quoted") or word not in RESERVED:
        return
    above = node.parent
    named = isinstance(above, _NAMED) and not (word == "oid" and isinstance(above, exp.Schema))
    if named or (isinstance(above, exp.Column) and not above.table and word not in _EXPRESSIONS):
        raise SqlError(f'syntax error at or near "{node.this}": it is a reserved word, a name only in double quotes')


CHECKS: Checks = {exp.Identifier: _identifier}
