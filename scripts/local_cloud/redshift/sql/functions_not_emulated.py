"""Redshift's functions that the local cloud does not emulate: an error names them, instead of "does not exist".

Source: the pages of the functions, Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

_SPATIAL = """
    addbbox dropbbox geometrytype h3_boundary h3_fromlonglat st_addpoint st_angle st_area st_asbinary st_asewkb
    st_asewkt st_asgeojson st_ashexewkb st_ashexwkb st_astext st_azimuth st_boundary st_buffer st_centroid
    st_collect st_contains st_containsproperly st_convexhull st_coveredby st_covers st_crosses st_dimension
    st_disjoint st_distance st_distancesphere st_dwithin st_endpoint st_envelope st_equals st_exteriorring
    st_force2d st_force3d st_force3dm st_force3dz st_force4d st_geogfromtext st_geogfromwkb st_geohash st_geometryn
    st_geometrytype st_geomfromewkb st_geomfromewkt st_geomfromgeohash st_geomfromgeojson st_geomfromtext
    st_geomfromwkb st_interiorringn st_intersection st_intersects st_isclosed st_iscollection st_isempty
    st_ispolygonccw st_ispolygoncw st_isring st_issimple st_isvalid st_length st_length2d st_lengthsphere
    st_linefrommultipoint st_lineinterpolatepoint st_m st_makeenvelope st_makeline st_makepoint st_makepolygon
    st_memsize st_mmax st_mmin st_multi st_ndims st_npoints st_nrings st_numgeometries st_numinteriorrings
    st_numpoints st_perimeter st_perimeter2d st_point st_pointn st_points st_polygon st_removepoint st_reverse
    st_setpoint st_setsrid st_simplify st_srid st_startpoint st_touches st_transform st_union st_within st_x st_xmax
    st_xmin st_y st_ymax st_ymin st_z st_zmax st_zmin supportsbbox
"""
_SKETCHES = "hll hll_cardinality hll_combine hll_combine_sketches hll_create_sketch"
_HASHES = "farmfingerprint64 murmur3_32_hash"
_TEXT = "collate"
_MACHINE_LEARNING = "explain_model"
_ADMINISTRATION = "change_query_priority change_session_priority change_user_priority reboot_cluster"
_SYSTEM = """
    default_iam_role has_assumerole_privilege pg_get_grantee_by_iam_role pg_get_iam_role_by_user
    pg_last_copy_id pg_last_query_id pg_last_unload_count pg_last_unload_id
    slice_num
"""
_SUPER = "decimal_precision decimal_scale is_decimal is_float json_size object_transform size"
_WITHOUT_PARENTHESES = frozenset({"current_aws_account", "current_namespace"})

FUNCTIONS_NOT_EMULATED: Final = _WITHOUT_PARENTHESES | frozenset(
    " ".join((_SPATIAL, _SKETCHES, _HASHES, _TEXT, _MACHINE_LEARNING, _ADMINISTRATION, _SYSTEM, _SUPER)).split()
)


def function_not_emulated(node: exp.Expr) -> str | None:
    """The upper-case name if the node calls one of these functions."""
    if isinstance(node, exp.Column) and not node.table:
        return node.name.upper() if node.name.lower() in _WITHOUT_PARENTHESES else None
    name = node.name if isinstance(node, exp.Anonymous) else node.sql_name() if isinstance(node, exp.Func) else ""
    return name.upper() if name.lower() in FUNCTIONS_NOT_EMULATED else None
