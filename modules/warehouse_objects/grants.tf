# The SQL that a database administrator runs before the first apply, where PUBLIC lacks these permissions. Nothing runs it.
locals {
  # With a secret, only its owner knows the user.
  grantee = var.redshift.secret_arn != null ? "<user of the secret>" : local.user

  created_schemas = distinct(flatten([for file in local.files : [
    for m in regexall("${local.start}(?:external\\s+)?schema\\s+(?:if\\s+not\\s+exists\\s+)?${local.name}", file.sql) : lower(trim(m[0], "\""))
  ]]))

  # Schemas of all objects. A name without a schema is created in public.
  used_schemas = distinct(concat(
    [split(".", local.history_table)[0]],
    [for drop in flatten(values(local.drops_by_file)) : lower(trim(split(".", regex("^DROP [A-Z ]+?(?:IF EXISTS )?((?:\"[^\"]+\"|[\\w$]+)(?:\\.|))", drop)[0])[0], "\""))
    if can(regex("^DROP [A-Z ]+?(?:IF EXISTS )?(?:\"[^\"]+\"|[\\w$]+)\\.", drop)) && !startswith(drop, "DROP SCHEMA")],
    anytrue([for drop in flatten(values(local.drops_by_file)) : !startswith(drop, "DROP SCHEMA") && !can(regex("^DROP [A-Z ]+?(?:IF EXISTS )?(?:\"[^\"]+\"|[\\w$]+)\\.", drop))]) ? ["public"] : [],
  ))

  grants = concat(
    startswith(local.grantee, "IAMR:") ? ["CREATE USER \"${local.grantee}\" PASSWORD DISABLE;"] : [],
    length(local.created_schemas) == 0 ? [] : ["GRANT CREATE ON DATABASE \"${var.redshift.database}\" TO \"${local.grantee}\";"],
    [for schema in sort(local.used_schemas) : "GRANT USAGE, CREATE ON SCHEMA \"${schema}\" TO \"${local.grantee}\";" if !contains(local.created_schemas, schema)],
  )
}
