# What is wrong with each query. A validation of the variable could name neither the query nor the parameter.
locals {
  # SQL without string literals, quoted names, comments and casts, in which a colon or a semicolon is not syntax.
  bare_sql = { for name, q in var.queries : name => replace(q.sql, "/'(?:[^']|'')*'|\"[^\"]*\"|--[^\\n]*|(?s:\\/\\*.*?\\*\\/)|::/", " ") }

  # Claims of a token that are stored. All others are dropped.
  claims = distinct(concat([var.groups_claim], flatten([for q in values(var.queries) : [for key, p in q.parameters : coalesce(p.claim, key) if p.type == "claim"]])))

  # Query string parameters of the connect URL that are not parameters of its query.
  url_credentials = concat(["ticket"], flatten([
    for source in try(var.authorization.authorizer.identity_sources, []) : regexall("^route\\.request\\.querystring\\.(.+)$", source)
  ]))

  used = { for name, sql in local.bare_sql : name => distinct([for match in regexall(":([A-Za-z0-9_]+)", sql) : match[0]]) }

  # The settings that only some types have.
  bounded_types = ["month", "date", "integer", "number"]
  setting_types = {
    minimum    = local.bounded_types
    maximum    = local.bounded_types
    max_length = ["text"]
    choices    = ["choice"]
    claim      = ["claim"]
    values     = local.bounded_types
    default    = concat(local.bounded_types, ["text", "choice"])
  }

  # The form of a value of each type, and an example.
  value_forms = {
    month   = ["^[0-9]{4}-(0[1-9]|1[0-2])$", "2015-01"]
    date    = ["^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2015-01-31"]
    integer = ["^-?[0-9]{1,18}$", "42"]
    number  = ["^-?[0-9]{1,38}(\\.[0-9]{1,38})?$", "9.5"]
    text    = ["^[^[:cntrl:]]+$", "Manhattan"]
    choice  = [".", "one of choices"]
    claim   = [".", ""]
  }

  whole_numbers = { max_rows = [1, 10000000], timeout_seconds = [1, 86400], max_age_seconds = [0, 86400], min_refresh_seconds = [0, 86400] }

  charts         = ["bars", "line", "table", "figure"]
  column_choices = { format = ["number", "plain", "percent"], role = ["measure", "name"] }

  default_queries = [for name, q in var.queries : name if q.default]

  # Path => label, where one is set.
  labels = { for name, q in var.queries : name => { for path, label in merge(
    { label = q.label },
    { for key, column in q.columns : "columns.${key}.label" => column.label },
    { for key, p in q.parameters : "parameters.${key}.label" => p.label },
  ) : path => label if label != null } }

  # Parameters that a client has to give.
  required_parameters = { for name, q in var.queries : name => [for key, p in q.parameters : key if p.default == null && p.type != "claim"] }

  query_mistakes = { for name, q in var.queries : name => [for mistake in flatten([
    length(base64encode(q.sql)) / 4 * 3 - length(regexall("=", base64encode(q.sql))) > 100000 ?
    ["sql: exceeds the 100,000 bytes that the Redshift Data API accepts. Move parts of it into a view."] : [],

    !can(regex("^(?is)\\s*(select|with)\\b[^;]*;?\\s*$", local.bare_sql[name])) || can(regex("(?is)\\binto\\b", local.bare_sql[name])) ?
    ["sql: is not a single query. Use one statement that begins with SELECT or WITH and has no INTO."] : [],

    [for key in local.used[name] : "sql: uses :${key}, which is not declared. Add ${key} to parameters." if !contains(keys(q.parameters), key)],
    [for key in keys(q.parameters) : "parameters.${key}: is not used. Use :${key} in the sql or remove the parameter." if !contains(local.used[name], key)],

    [for key, bounds in local.whole_numbers : "${key}: ${q[key]} is out of range. Use a whole number from ${bounds[0]} to ${bounds[1]}."
    if q[key] == null ? false : q[key] < bounds[0] || q[key] > bounds[1] || floor(q[key]) != q[key]],

    [for group in q.allowed_groups : "allowed_groups: ${jsonencode(group)} cannot be found in a token. Use names without whitespace, commas and brackets."
    if !can(regex("^[^\\s,\\[\\]]+$", group))],

    [for key in q.refreshed_by == null ? [] : q.refreshed_by : "refreshed_by: ${jsonencode(key)} is not a key of data_version_events. Use ${length(var.data_version_events) > 0 ? join(", ", keys(var.data_version_events)) : "no refreshed_by: there are no events"}."
    if !contains(keys(var.data_version_events), key)],

    q.default && length(local.default_queries) > 1 ?
    ["default: is true for ${join(" and ", local.default_queries)}. Set it for one query only."] : [],

    q.chart == null ? [] : contains(local.charts, q.chart) ? [] :
    ["chart: ${jsonencode(q.chart)} is not supported. Use ${join(", ", local.charts)} or omit it."],

    [for path, label in local.labels[name] : "${path}: is blank. Omit it to show the name." if trimspace(label) == ""],

    [for key, column in q.columns : flatten([
      [for setting, choices in local.column_choices : "columns.${key}.${setting}: ${jsonencode(column[setting])} is not supported. Use ${join(" or ", choices)}."
      if column[setting] == null ? false : !contains(choices, column[setting])],

      try(column.decimals >= 0 && column.decimals <= 8 && floor(column.decimals) == column.decimals, column.decimals == null) ? [] :
      ["columns.${key}.decimals: ${column.decimals} is out of range. Use a whole number from 0 to 8."],
    ])],

    [for key, p in q.parameters : flatten([
      can(regex("^[a-z][a-z0-9_]{0,62}$", key)) ? [] :
      ["parameters: ${jsonencode(key)} is not a parameter name. Use 1 to 63 lowercase letters, digits and underscores, starting with a letter, e.g. month."],

      p.type != "claim" && contains(concat(["live", "query"], local.url_credentials), key) ?
      ["parameters.${key}: the name is reserved on the connect URL. Use another name than ${join(", ", concat(["live", "query"], local.url_credentials))}."] : [],

      contains(keys(local.value_forms), p.type) ? [] :
      ["parameters.${key}.type: ${jsonencode(p.type)} is not supported. Use month, date, integer, number, text, choice or claim."],

      p.type == "choice" && !try(length(compact(p.choices)) > 0 && length(compact(p.choices)) == length(p.choices), false) ?
      ["parameters.${key}.choices: is missing or has an empty choice. List the values, e.g. [\"Bronx\", \"Manhattan\"]."] : [],

      try(p.max_length >= 1 && p.max_length <= 10000 && floor(p.max_length) == p.max_length, p.max_length == null) ? [] :
      ["parameters.${key}.max_length: ${p.max_length} is out of range. Use a whole number from 1 to 10000."],

      [for setting, types in local.setting_types : "parameters.${key}.${setting}: cannot be set for type ${p.type}. Omit it or use the type ${join(", ", types)}."
      if p[setting] != null && contains(keys(local.value_forms), p.type) && !contains(types, p.type)],

      [for setting in ["default", "minimum", "maximum"] :
        "parameters.${key}.${setting}: ${jsonencode(p[setting])} is not a valid ${p.type}. Use e.g. \"${try(local.value_forms[p.type][1], "")}\"${p.type == "text" ? ", within max_length" : ""}."
        if p[setting] == null ? false : anytrue([
          !can(regex(try(local.value_forms[p.type][0], "."), p[setting])),
          p.type == "date" && !can(formatdate("YYYY", "${p[setting]}T00:00:00Z")),
          p.type == "text" && length(p[setting]) > coalesce(p.max_length, 256),
          p.type == "choice" && !try(contains(p.choices, p[setting]), false),
      ])],

      [for pair in [["minimum", "default"], ["default", "maximum"], ["minimum", "maximum"]] :
        "parameters.${key}.${pair[0]}: ${jsonencode(p[pair[0]])} is greater than ${pair[1]}, ${jsonencode(p[pair[1]])}. Use minimum <= default <= maximum."
        if try(contains(["integer", "number"], p.type) ? tonumber(p[pair[0]]) > tonumber(p[pair[1]]) : sort([p[pair[0]], p[pair[1]]])[0] != p[pair[0]], false)
      ],

      [for other, o in q.parameters : "parameters.${key}.order: ${p.order} is also the order of ${other}. Give each parameter an order of its own."
      if p.order == null || o.order == null ? false : p.order == o.order && key != other && sort([key, other])[0] == key],

      coalesce(p.latest, false) && p.values == null ?
      ["parameters.${key}.latest: can only be set together with values. Set values = { query, column } or omit it."] : [],

      p.values == null ? [] : !contains(keys(var.queries), p.values.query) ?
      ["parameters.${key}.values.query: ${jsonencode(p.values.query)} is not a query of the catalog. Use the name of one, e.g. \"${keys(var.queries)[0]}\"."] :
      length(local.required_parameters[p.values.query]) > 0 ?
      ["parameters.${key}.values.query: ${jsonencode(p.values.query)} requires ${join(", ", local.required_parameters[p.values.query])}. Use a query whose parameters all have a default."] : [],

      try(length(var.queries[p.values.query].allowed_groups) > 0 && (length(q.allowed_groups) == 0 || length(setsubtract(q.allowed_groups, var.queries[p.values.query].allowed_groups)) > 0), false) ?
      ["parameters.${key}.values.query: ${jsonencode(p.values.query)} is not allowed for everyone who may run ${name}. Extend its allowed_groups or use another query."] : [],
    ])],
  ]) : "queries.${name}.${mistake}"] }

  # As functions/websocket_gateway/catalog/query.py reads it.
  definitions = { for name, q in var.queries : name => jsonencode({
    sql                 = q.sql
    label               = q.label
    description         = q.description
    default             = q.default
    chart               = q.chart
    columns             = { for key, column in q.columns : key => { for setting, value in column : setting => value if value != null } }
    parameters          = { for key, p in q.parameters : key => { for setting, value in p : setting => value if value != null } }
    max_rows            = q.max_rows
    timeout_seconds     = q.timeout_seconds
    max_age_seconds     = q.max_age_seconds
    min_refresh_seconds = q.min_refresh_seconds
    allowed_groups      = q.allowed_groups
    refreshed_by        = q.refreshed_by
  }) }
}

# The SQL that grants what the queries read. Redshift decides on tables that are named without a schema.
locals {
  grantee = var.redshift.secret_arn != null ? "<user of the secret>" : local.database_user

  read_tables = sort(distinct(flatten([for sql in values(local.bare_sql) : [
    for match in regexall("(?i)\\b(?:from|join)\\s+([a-z_][a-z0-9_$]*\\.[a-z_][a-z0-9_$]*)\\b(?:\\s|$|[,);])", replace(sql, "/(?i)\\(\\s*\\w+\\s+from\\b/", " ")) : lower(match[0]) # not EXTRACT(month FROM t.day)
  ]])))

  grants = concat(
    [for schema in distinct([for table in local.read_tables : split(".", table)[0]]) : "GRANT USAGE ON SCHEMA ${schema} TO \"${local.grantee}\";"],
    [for table in local.read_tables : "GRANT SELECT ON ${table} TO \"${local.grantee}\";"],
  )
}
