variable "queries" {
  description = <<-EOT
    What clients may ask: name => one SELECT and what goes with it. Clients send a name and values, never SQL.
    - `sql`: one statement that begins with SELECT or WITH; `:name` where the value of a parameter stands.
    - `description`: for people who choose from the catalogue.
    - `parameters`: name => `type`, `description` and what the type takes. A `default` makes it optional.
      - `month` (YYYY-MM, bound as its first day), `date` (YYYY-MM-DD), `integer`, `number`: `minimum` and `maximum`, inclusive.
      - `text`: `max_length`. `choice`: `choices`.
      - `claim`: bound from the caller's sign-in and never from the client; `claim` names it (default: the parameter's name).
    - `max_rows`: more are cut off, and the client is told. `timeout_seconds`: then, within about a minute, the
      statement is cancelled.
    - `max_age_seconds`: how old a held answer may be; null holds it until data_version_events tell of new data.
    - `min_refresh_seconds`: live answers come no more often.
    - `allowed_groups`: whoever is in one of them may ask; empty is everybody.
  EOT
  type = map(object({
    sql         = string
    description = optional(string, "")
    parameters = optional(map(object({
      type        = string
      description = optional(string, "")
      default     = optional(string)
      minimum     = optional(string)
      maximum     = optional(string)
      max_length  = optional(number)
      choices     = optional(list(string))
      claim       = optional(string)
    })), {})
    max_rows            = optional(number, 10000)
    timeout_seconds     = optional(number, 300)
    max_age_seconds     = optional(number)
    min_refresh_seconds = optional(number, 0)
    allowed_groups      = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.queries) : can(regex("^[a-z][a-z0-9_]{0,62}$", name))])
    error_message = "queries: write names of 1 to 63 lower case letters, digits and underscores, with a letter first, e.g. daily_trips."
  }

  validation {
    condition     = alltrue([for q in values(var.queries) : length(base64encode(q.sql)) / 4 * 3 - length(regexall("=", base64encode(q.sql))) <= 100000])
    error_message = "queries: write at most 100,000 bytes as sql; the Redshift Data API takes no more."
  }

  # Some have a meaning of their own on the connect URL.
  validation {
    condition     = alltrue([for q in values(var.queries) : alltrue([for key, p in q.parameters : can(regex("^[a-z][a-z0-9_]{0,62}$", key)) && (p.type == "claim" || !contains(concat(["live", "query"], local.url_credentials), key))])])
    error_message = "queries: write names of parameters as 1 to 63 lower case letters, digits and underscores, with a letter first, and not live, query, ticket or what authorization.authorizer.identity_sources take from the query string."
  }

  validation {
    condition     = alltrue([for q in values(var.queries) : alltrue([for p in values(q.parameters) : contains(["month", "date", "integer", "number", "text", "choice", "claim"], p.type)])])
    error_message = "queries: write a parameter's type as month, date, integer, number, text, choice or claim."
  }

  validation {
    condition     = alltrue([for q in values(var.queries) : alltrue([for p in values(q.parameters) : p.type != "choice" || try(length(compact(p.choices)) > 0 && length(compact(p.choices)) == length(p.choices), false)])])
    error_message = "queries: a parameter of type choice needs choices, none of them empty."
  }

  validation {
    condition     = alltrue([for q in values(var.queries) : alltrue([for p in values(q.parameters) : p.max_length == null ? true : p.max_length >= 1 && p.max_length <= 10000 && floor(p.max_length) == p.max_length])])
    error_message = "queries: write max_length as a whole number from 1 to 10000."
  }

  validation {
    condition     = alltrue([for q in values(var.queries) : q.max_rows >= 1 && q.max_rows <= 10000000 && floor(q.max_rows) == q.max_rows])
    error_message = "queries: write max_rows as a whole number from 1 to 10000000."
  }

  validation {
    condition     = alltrue(flatten([for q in values(var.queries) : [for group in q.allowed_groups : can(regex("^[^\\s,\\[\\]]+$", group))]]))
    error_message = "queries: write allowed_groups without blanks, commas and brackets, which no group in a token can be told by."
  }

  validation {
    condition     = alltrue([for q in values(var.queries) : q.timeout_seconds >= 1 && q.timeout_seconds <= 86400 && floor(q.timeout_seconds) == q.timeout_seconds])
    error_message = "queries: write timeout_seconds as a whole number from 1 to 86400."
  }

  validation {
    condition = alltrue([for q in values(var.queries) : alltrue([for seconds in [q.min_refresh_seconds, coalesce(q.max_age_seconds, 0)] :
    seconds >= 0 && seconds <= 86400 && floor(seconds) == seconds])])
    error_message = "queries: write max_age_seconds and min_refresh_seconds as whole numbers from 0 to 86400."
  }
}

locals {
  # Without texts, quoted names, comments and casts, in which a colon or a semicolon is no syntax.
  bare_sql = { for name, q in var.queries : name => replace(q.sql, "/'(?:[^']|'')*'|\"[^\"]*\"|--[^\\n]*|(?s:\\/\\*.*?\\*\\/)|::/", " ") }

  # What of a sign-in is asked for: no more of it is kept.
  claims = distinct(concat([var.groups_claim], flatten([for q in values(var.queries) : [for key, p in q.parameters : coalesce(p.claim, key) if p.type == "claim"]])))

  # What is wrong with each query: checked where its item is made, since a validation cannot name these.
  used       = { for name, sql in local.bare_sql : name => distinct([for match in regexall(":([A-Za-z0-9_]+)", sql) : match[0]]) }
  undeclared = { for name, used in local.used : name => [for key in used : ":${key}" if !contains(keys(var.queries[name].parameters), key)] }
  unused     = { for name, q in var.queries : name => [for key in keys(q.parameters) : ":${key}" if !contains(local.used[name], key)] }

  bounded = ["month", "date", "integer", "number"]
  forms = {
    month   = "^[0-9]{4}-(0[1-9]|1[0-2])$"
    date    = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
    integer = "^-?[0-9]{1,18}$"
    number  = "^-?[0-9]{1,38}(\\.[0-9]{1,38})?$"
    text    = "^[^[:cntrl:]]+$"
  }

  misplaced = { for name, q in var.queries : name => concat(
    [for key, p in q.parameters : "${key}.minimum" if p.minimum != null && !contains(local.bounded, p.type)],
    [for key, p in q.parameters : "${key}.maximum" if p.maximum != null && !contains(local.bounded, p.type)],
    [for key, p in q.parameters : "${key}.max_length" if p.max_length != null && p.type != "text"],
    [for key, p in q.parameters : "${key}.choices" if p.choices != null && p.type != "choice"],
    [for key, p in q.parameters : "${key}.claim" if p.claim != null && p.type != "claim"],
    [for key, p in q.parameters : "${key}.default" if p.default != null && p.type == "claim"],
  ) }

  malformed = { for name, q in var.queries : name => flatten([for key, p in q.parameters : [
    for setting, value in { default = p.default, minimum = p.minimum, maximum = p.maximum } : "${key}.${setting}"
    if value == null ? false : anytrue([
      !can(regex(lookup(local.forms, p.type, "."), value)),
      p.type == "date" && !can(formatdate("YYYY", "${value}T00:00:00Z")),
      p.type == "text" && length(value) > coalesce(p.max_length, 256),
      p.type == "choice" && !try(contains(p.choices, value), false),
    ])
  ]]) }

  disordered = { for name, q in var.queries : name => distinct(flatten([for key, p in q.parameters : [
    for pair in [["minimum", p.minimum, "default", p.default], ["default", p.default, "maximum", p.maximum], ["minimum", p.minimum, "maximum", p.maximum]] :
    "${key}.${pair[0]} after ${key}.${pair[2]}"
    if try(contains(["integer", "number"], p.type) ? tonumber(pair[1]) > tonumber(pair[3]) : sort([pair[1], pair[3]])[0] != pair[1], false)
  ]])) }

  # As functions/websocket_gateway/catalog/query.py reads it.
  definitions = { for name, q in var.queries : name => jsonencode({
    sql                 = q.sql
    description         = q.description
    parameters          = { for key, p in q.parameters : key => { for setting, value in p : setting => value if value != null } }
    max_rows            = q.max_rows
    timeout_seconds     = q.timeout_seconds
    max_age_seconds     = q.max_age_seconds
    min_refresh_seconds = q.min_refresh_seconds
    allowed_groups      = q.allowed_groups
  }) }
}
