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
    label               = "a text"
    description         = "a text"
    default             = "true or false"
    chart               = "a text"
    columns             = "a mapping of columns"
    parameters          = "a mapping of parameters"
    max_rows            = "a number"
    timeout_seconds     = "a number"
    max_age_seconds     = "a number"
    min_refresh_seconds = "a number"
    allowed_groups      = "a list of texts"
    refreshed_by        = "a list of texts"
  }
  query_column_setting_kinds = {
    label    = "a text"
    unit     = "a text"
    format   = "a text"
    decimals = "a number"
    sum      = "true or false"
    role     = "a text"
  }
  query_parameter_setting_kinds = {
    type        = "a text"
    label       = "a text"
    description = "a text"
    order       = "a number"
    default     = "a text"
    minimum     = "a text"
    maximum     = "a text"
    max_length  = "a number"
    choices     = "a list of texts"
    claim       = "a text"
    values      = "a mapping of query and column"
    latest      = "true or false"
  }
  query_parameter_types = ["month", "date", "integer", "number", "text", "choice", "claim"]
  query_examples = {
    "a text"                        = "Trips per day"
    "a number"                      = "100"
    "true or false"                 = "true"
    "a list of texts"               = "[Bronx, Manhattan]"
    "a mapping of columns"          = "{total_fare: {unit: $}}"
    "a mapping of parameters"       = "{month: {type: month}}"
    "a mapping of query and column" = "{query: monthly_volume, column: pickup_month}"
  }

  query_parameters = { for name, settings in local.query_settings : name => { for key, parameter in settings.parameters : key => parameter if can(keys(parameter)) } if can(keys(settings.parameters)) }

  query_columns = { for name, settings in local.query_settings : name => { for key, column in settings.columns : key => column if can(keys(column)) } if can(keys(settings.columns)) }

  # Every setting that is set, with the kinds of its siblings.
  query_set_settings = flatten([
    [for name, settings in local.query_settings : [for key, value in settings :
      { file = name, parent = "", key = key, value = value, kinds = local.query_setting_kinds }
    ] if can(keys(settings))],

    [for name, columns in local.query_columns : [for column, settings in columns : [for key, value in settings :
      { file = name, parent = "columns.${column}.", key = key, value = value, kinds = local.query_column_setting_kinds }
    ]]],

    [for name, parameters in local.query_parameters : [for parameter, settings in parameters : [for key, value in settings :
      { file = name, parent = "parameters.${parameter}.", key = key, value = value, kinds = local.query_parameter_setting_kinds }
    ]]],
  ])

  query_file_mistakes = flatten([
    length(local.query_sql_names) > 0 ? [] : ["${local.queries_directory}: contains no queries. Add pairs of <name>.sql and <name>.yaml."],

    [for file in fileset(local.queries_directory, "*/**/*.{sql,yaml}") : "${local.queries_directory}/${file}: would be ignored, because subfolders are not read. Move it into the folder itself."],

    [for name in setsubtract(local.query_sql_names, local.query_yaml_names) : "${local.queries_directory}/${name}.sql: has no ${name}.yaml. Add it, e.g. with description: ${local.query_examples["a text"]}."],

    [for name in setsubtract(local.query_yaml_names, local.query_sql_names) : "${local.queries_directory}/${name}.yaml: has no ${name}.sql. Add it with one SELECT."],

    [for name, settings in local.query_settings : "${local.queries_directory}/${name}.yaml: is not a mapping of settings. Add at least description: ${local.query_examples["a text"]}."
    if !can(keys(settings)) && can(yamldecode(file("${local.queries_directory}/${name}.yaml")))],

    [for set in local.query_set_settings : concat(
      contains(keys(set.kinds), set.key) ? [] :
      ["${local.queries_directory}/${set.file}.yaml: ${set.parent}${set.key} is not a setting. Use ${join(", ", keys(set.kinds))}."],

      set.value == null || try({
        "a text"                        = can(tostring(set.value))
        "a number"                      = can(tonumber(set.value))
        "true or false"                 = can(tobool(set.value))
        "a list of texts"               = can(concat(set.value, [])) && can([for item in set.value : tostring(item)])
        "a mapping of columns"          = can(keys(set.value))
        "a mapping of parameters"       = can(keys(set.value))
        "a mapping of query and column" = try(sort(keys(set.value)) == tolist(["column", "query"]) && alltrue([for item in values(set.value) : can(tostring(item)) && item != null]), false)
      }[set.kinds[set.key]], true) ? [] :
      ["${local.queries_directory}/${set.file}.yaml: ${set.parent}${set.key} ${jsonencode(set.value)} is not ${set.kinds[set.key]}. Use e.g. ${set.key}: ${local.query_examples[set.kinds[set.key]]}."],
    )],

    [for name, settings in local.query_settings : [for parameter, value in settings.parameters :
      "${local.queries_directory}/${name}.yaml: parameters.${parameter} is not a mapping of settings. Use e.g. ${parameter}: {type: month}."
    if !can(keys(value))] if can(keys(settings.parameters))],

    [for name, settings in local.query_settings : [for column, value in settings.columns :
      "${local.queries_directory}/${name}.yaml: columns.${column} is not a mapping of settings. Use e.g. ${column}: {unit: $}."
    if !can(keys(value))] if can(keys(settings.columns))],

    [for name, parameters in local.query_parameters : [for parameter, settings in parameters :
      "${local.queries_directory}/${name}.yaml: parameters.${parameter}.type ${jsonencode(try(settings.type, null))} is not supported. Use ${join(", ", local.query_parameter_types)}."
    if !try(contains(local.query_parameter_types, settings.type), false)]],
  ])

  # Without those that have mistakes: output query_names reports them.
  queries = { for name in local.query_sql_names : name => merge(
    local.query_settings[name],
    { sql = replace(templatefile("${local.queries_directory}/${name}.sql", local.query_variables), "\r\n", "\n") },
  ) if var.gateway != null && length(local.query_file_mistakes) == 0 && local.query_invalid_yaml_file == null }
}
