"""Options of COPY that exclude each other.

Source: "Data format parameters", "Data load operations" and "COPY from columnar data formats", Amazon Redshift Database
Developer Guide.
"""

from __future__ import annotations

from local_cloud.redshift.copy.authorization import AUTHORIZATIONS
from local_cloud.redshift.errors import SqlError

_FORMATS = ("CSV", "JSON", "PARQUET", "FIXEDWIDTH")
_CONFLICTS = {
    "CSV": {"ESCAPE", "REMOVEQUOTES", "FIXEDWIDTH"},
    "FIXEDWIDTH": {"DELIMITER", "ESCAPE"},
    "IGNOREALLERRORS": {"MAXERROR"},
}
_COMPRESSIONS = {"GZIP", "BZIP2", "ZSTD"}
_WITH_COLUMNAR = AUTHORIZATIONS | {
    "FORMAT", "PARQUET", "ACCEPTINVCHARS", "FILLRECORD", "STATUPDATE", "MANIFEST", "EXPLICIT_IDS",
}  # fmt: skip


def check_conflicts(options: set[str]) -> None:
    """Raises SqlError if the options of a COPY cannot stand together."""
    formats = [name for name in _FORMATS if name in options]
    if len(formats) > 1:
        raise SqlError(f"{formats[0]} is not compatible with {formats[1]}")
    for name, others in _CONFLICTS.items():
        if name in options and (found := sorted(others & options)):
            raise SqlError(f"{name} is not compatible with {' or '.join(found)}")
    if "PARQUET" in options and (found := sorted(options - _WITH_COLUMNAR)):
        raise SqlError(f"{found[0]} argument is not supported for PARQUET based COPY")
    if "QUOTE" in options and "CSV" not in options:
        raise SqlError("QUOTE is only allowed with CSV")
    if len(found := sorted(_COMPRESSIONS & options)) > 1:
        raise SqlError(f"{found[0]} is not compatible with {found[1]}")
