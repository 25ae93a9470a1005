# The queries that clients may run, as files. A query is a pair of <name>.sql and <name>.yaml.
locals {
  queries_directory = var.queries_directory != null ? var.queries_directory : "${path.module}/sql/queries"

  query_sql_names  = [for file in fileset(local.queries_directory, "*.sql") : trimsuffix(file, ".sql")]
  query_yaml_names = [for file in fileset(local.queries_directory, "*.yaml") : trimsuffix(file, ".yaml")]

  # null where a file is not valid YAML.
  query_settings = { for name in local.query_yaml_names : name => try(yamldecode(file("${local.queries_directory}/${name}.yaml")), null) }

  query_invalid_yaml_file = try([for name in local.query_yaml_names : "${local.queries_directory}/${name}.yaml" if !can(yamldecode(file("${local.queries_directory}/${name}.yaml")))][0], null)

  # Setting => what its value must be. A value that Terraform cannot convert fails without naming file and setting.
  query_setting_kinds = {
    description         = "a text"
    parameters          = "a mapping of parameters"
    max_rows            = "a number"
    timeout_seconds     = "a number"
    max_age_seconds     = "a number"
    min_refresh_seconds = "a number"
    allowed_groups      = "a list of texts"
  }
  query_parameter_setting_kinds = {
    type        = "a text"
    description = "a text"
    default     = "a text"
    minimum     = "a text"
    maximum     = "a text"
    max_length  = "a number"
    choices     = "a list of texts"
    claim       = "a text"
  }
  query_parameter_types = ["month", "date", "integer", "number", "text", "choice", "claim"]
  query_examples = {
    "a text"                  = "Trips per day"
    "a number"                = "100"
    "a list of texts"         = "[Bronx, Manhattan]"
    "a mapping of parameters" = "{month: {type: month}}"
  }

  query_parameters = { for name, settings in local.query_settings : name => { for key, parameter in settings.parameters : key => parameter if can(keys(parameter)) } if can(keys(settings.parameters)) }

  query_file_mistakes = flatten([
    length(local.query_sql_names) > 0 ? [] : ["${local.queries_directory}: contains no queries. Add pairs of <name>.sql and <name>.yaml."],

    [for file in fileset(local.queries_directory, "*/**/*.{sql,yaml}") : "${local.queries_directory}/${file}: would be ignored, because subfolders are not read. Move it into the folder itself."],

    [for name in setsubtract(local.query_sql_names, local.query_yaml_names) : "${local.queries_directory}/${name}.sql: has no ${name}.yaml. Add it, e.g. with description: ${local.query_examples["a text"]}."],

    [for name in setsubtract(local.query_yaml_names, local.query_sql_names) : "${local.queries_directory}/${name}.yaml: has no ${name}.sql. Add it with one SELECT."],

    [for name, settings in local.query_settings : "${local.queries_directory}/${name}.yaml: is not a mapping of settings. Add at least description: ${local.query_examples["a text"]}."
    if !can(keys(settings)) && can(yamldecode(file("${local.queries_directory}/${name}.yaml")))],

    [for name, settings in local.query_settings : [for key, value in settings : concat(
      contains(keys(local.query_setting_kinds), key) ? [] :
      ["${local.queries_directory}/${name}.yaml: ${key} is not a setting. Use ${join(", ", keys(local.query_setting_kinds))}."],

      value == null || try({
        "a text"                  = can(tostring(value))
        "a number"                = can(tonumber(value))
        "a list of texts"         = can(concat(value, [])) && can([for item in value : tostring(item)])
        "a mapping of parameters" = can(keys(value))
      }[local.query_setting_kinds[key]], true) ? [] :
      ["${local.queries_directory}/${name}.yaml: ${key} ${jsonencode(value)} is not ${local.query_setting_kinds[key]}. Use e.g. ${key}: ${local.query_examples[local.query_setting_kinds[key]]}."],
    )] if can(keys(settings))],

    [for name, settings in local.query_settings : [for parameter, value in settings.parameters :
      "${local.queries_directory}/${name}.yaml: parameters.${parameter} is not a mapping of settings. Use e.g. ${parameter}: {type: month}."
    if !can(keys(value))] if can(keys(settings.parameters))],

    [for name, parameters in local.query_parameters : [for parameter, settings in parameters : concat(
      try(contains(local.query_parameter_types, settings.type), false) ? [] :
      ["${local.queries_directory}/${name}.yaml: parameters.${parameter}.type ${jsonencode(try(settings.type, null))} is not supported. Use ${join(", ", local.query_parameter_types)}."],

      flatten([for key, value in settings : concat(
        contains(keys(local.query_parameter_setting_kinds), key) ? [] :
        ["${local.queries_directory}/${name}.yaml: parameters.${parameter}.${key} is not a setting. Use ${join(", ", keys(local.query_parameter_setting_kinds))}."],

        value == null || try({
          "a text"          = can(tostring(value))
          "a number"        = can(tonumber(value))
          "a list of texts" = can(concat(value, [])) && can([for item in value : tostring(item)])
        }[local.query_parameter_setting_kinds[key]], true) ? [] :
        ["${local.queries_directory}/${name}.yaml: parameters.${parameter}.${key} ${jsonencode(value)} is not ${local.query_parameter_setting_kinds[key]}. Use e.g. ${key}: ${local.query_examples[local.query_parameter_setting_kinds[key]]}."],
      )]),
    )]],
  ])

  # Without those that have mistakes: output query_names reports them.
  queries = { for name in local.query_sql_names : name => merge(
    local.query_settings[name],
    { sql = replace(templatefile("${local.queries_directory}/${name}.sql", local.query_variables), "\r\n", "\n") },
  ) if var.gateway != null && length(local.query_file_mistakes) == 0 && local.query_invalid_yaml_file == null }
}
