# The SQL that drops the objects. Nothing runs it: destroy drops nothing in the warehouse.
locals {
  # A file holds one statement, which may follow comments.
  start = "(?is)^(?:\\s|--[^\\n]*(?:\\n|$)|/\\*.*?\\*/)*create\\s+"
  name  = "((?:\"[^\"]+\"|[\\w$]+)(?:\\.(?:\"[^\"]+\"|[\\w$]+))?)"
  # Argument types identify a procedure. Some contain parentheses, e.g. numeric(10,2).
  arguments = "\\s*\\(((?:[^()]|\\([^()]*\\))*)\\)"

  drops_by_file = { for file in local.files : file.name => flatten([
    [for m in regexall("${local.start}(?:or\\s+replace\\s+)?procedure\\s+${local.name}${local.arguments}", file.sql) :
    "DROP PROCEDURE ${m[0]}(${trimspace(replace(m[1], "/\\s+/", " "))});"],
    [for m in regexall("${local.start}(?:or\\s+replace\\s+)?function\\s+${local.name}${local.arguments}", file.sql) :
    "DROP FUNCTION ${m[0]}(${trimspace(replace(m[1], "/\\s+/", " "))});"],
    [for m in regexall("${local.start}materialized\\s+view\\s+${local.name}", file.sql) : "DROP MATERIALIZED VIEW IF EXISTS ${m[0]};"],
    [for m in regexall("${local.start}(?:or\\s+replace\\s+)?view\\s+${local.name}", file.sql) : "DROP VIEW IF EXISTS ${m[0]};"],
    [for m in regexall("${local.start}(?:external\\s+)?table\\s+(?:if\\s+not\\s+exists\\s+)?${local.name}", file.sql) : "DROP TABLE IF EXISTS ${m[0]};"],
    [for m in regexall("${local.start}schema\\s+(?:if\\s+not\\s+exists\\s+)?${local.name}", file.sql) : "DROP SCHEMA IF EXISTS ${m[0]};"],
  ]) }

  drops = concat(
    flatten([for name in reverse(local.names) : local.drops_by_file[name]]),
    ["DROP TABLE IF EXISTS ${local.history_table};"],
  )
}
