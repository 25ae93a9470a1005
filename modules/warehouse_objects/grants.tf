# The SQL that a database administrator runs before the first apply, where PUBLIC lacks these permissions. Nothing runs it.
locals {
  # With a secret, only its owner knows the user.
  grantee = var.redshift.secret_arn != null ? "<user of the secret>" : local.user

  created_schemas = distinct(flatten([for file in local.files : [
    for m in regexall("${local.start}(?:external\\s+)?schema\\s+(?:if\\s+not\\s+exists\\s+)?${local.name}", file.sql) : lower(trim(m[0], "\""))
  ]]))

  # Names of all objects but schemas, as the SQL that drops them has them.
  object_names = [
    for drop in flatten(values(local.drops_by_file)) : replace(drop, "/^DROP (PROCEDURE|FUNCTION|MATERIALIZED VIEW|VIEW|TABLE) (IF EXISTS )?/", "")
    if !startswith(drop, "DROP SCHEMA")
  ]

  # A name without a schema is created in public.
  used_schemas = distinct(concat(
    [split(".", local.history_table)[0]],
    [for name in local.object_names : lower(trim(try(regex("^(\"[^\"]+\"|[\\w$]+)\\.", name)[0], "public"), "\""))],
  ))

  grants = concat(
    startswith(local.grantee, "IAMR:") ? ["CREATE USER \"${local.grantee}\" PASSWORD DISABLE;"] : [],
    length(local.created_schemas) == 0 ? [] : ["GRANT CREATE ON DATABASE \"${var.redshift.database}\" TO \"${local.grantee}\";"],
    [for schema in sort(local.used_schemas) : "GRANT USAGE, CREATE ON SCHEMA \"${schema}\" TO \"${local.grantee}\";" if !contains(local.created_schemas, schema)],
  )
}
