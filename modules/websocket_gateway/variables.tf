variable "name_prefix" {
  description = "Prefix for all resource and statement names. IAM role names are global within an account: use a different prefix in each region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix: ${jsonencode(var.name_prefix)} is not a valid prefix. Use 2 to 24 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen, e.g. \"taxi-dev\"."
  }
}

variable "redshift" {
  description = <<-EOT
    The warehouse and how to sign in to it. It must be in the account and region of the provider. Queries can read everything that the
    database user can: use neither an owner nor an administrator.
    - `database`: name of the database.
    - `cluster = { identifier, user }`: a provisioned cluster. With `user`, statements run as this database user
      (GetClusterCredentials). Without it, they run as `IAMR:<role>` (GetClusterCredentialsWithIAM).
    - `workgroup = { name, arn }`: a Serverless workgroup. Its ARN ends in an ID, not in its name.
    - `secret_arn`: a Secrets Manager secret with user name and password, in addition to either. Omit `cluster.user` then.
    - `secret_kms_key_arn`: the customer managed key that encrypts the secret, if any.
  EOT
  type = object({
    database = string
    cluster = optional(object({
      identifier = string
      user       = optional(string)
    }))
    workgroup = optional(object({
      name = string
      arn  = string
    }))
    secret_arn         = optional(string)
    secret_kms_key_arn = optional(string)
  })
  nullable = false

  # These names become parts of policy ARNs, where a wildcard would open every database.
  validation {
    condition     = can(regex("^[^\\s/:*?]{1,64}$", var.redshift.database))
    error_message = "redshift.database: ${jsonencode(try(var.redshift.database, null))} is not a database name. Use 1 to 64 characters without whitespace and without / : * ?, e.g. \"dev\"."
  }

  validation {
    condition     = (var.redshift.cluster == null) != (var.redshift.workgroup == null)
    error_message = "redshift: exactly one of cluster and workgroup is required. Set cluster = { identifier, user } (provisioned) or workgroup = { name, arn } (Serverless)."
  }

  validation {
    condition     = var.redshift.cluster == null ? true : can(regex("^[a-z][a-z0-9-]{0,62}$", var.redshift.cluster.identifier))
    error_message = "redshift.cluster.identifier: ${jsonencode(try(var.redshift.cluster.identifier, null))} is not a cluster identifier. Use lowercase letters, digits and hyphens, e.g. \"warehouse\", not the endpoint or ARN."
  }

  validation {
    condition     = try(var.redshift.cluster.user, null) == null ? true : can(regex("^[^\\s/:*?]{1,128}$", var.redshift.cluster.user))
    error_message = "redshift.cluster.user: ${jsonencode(try(var.redshift.cluster.user, null))} is not a database user. Use 1 to 128 characters without whitespace and without / : * ?, e.g. \"loader\", or omit it to use the role's identity."
  }

  validation {
    condition     = try(var.redshift.cluster.user, null) == null || var.redshift.secret_arn == null
    error_message = "redshift: cluster.user and secret_arn are both set. Set either one, not both; the secret names its own user."
  }

  validation {
    condition     = var.redshift.workgroup == null ? true : can(regex("^[a-z0-9-]{3,64}$", var.redshift.workgroup.name))
    error_message = "redshift.workgroup.name: ${jsonencode(try(var.redshift.workgroup.name, null))} is not a workgroup name. Use 3 to 64 lowercase letters, digits and hyphens, e.g. \"analytics\"."
  }

  validation {
    condition     = var.redshift.workgroup == null ? true : can(regex("^arn:[^:*?]+:redshift-serverless:[^:*?]+:[0-9]{12}:workgroup/[^*?]+$", var.redshift.workgroup.arn))
    error_message = "redshift.workgroup.arn: ${jsonencode(try(var.redshift.workgroup.arn, null))} is not a workgroup ARN. Copy it from `aws redshift-serverless get-workgroup`: it ends in an ID, not in the name."
  }

  validation {
    condition     = var.redshift.secret_arn == null ? true : can(regex("^arn:[^:*?]+:secretsmanager:[^:*?]+:[0-9]{12}:secret:[^*?]+$", var.redshift.secret_arn))
    error_message = "redshift.secret_arn: ${jsonencode(try(var.redshift.secret_arn, null))} is not a secret ARN. Use the ARN of one Secrets Manager secret, e.g. \"arn:aws:secretsmanager:us-east-1:111122223333:secret:loader-AbCdEf\"."
  }

  validation {
    condition     = var.redshift.secret_kms_key_arn == null ? true : var.redshift.secret_arn != null && can(regex("^arn:[^:*?]+:kms:[^:*?]+:[0-9]{12}:key/[^*?]+$", var.redshift.secret_kms_key_arn))
    error_message = "redshift.secret_kms_key_arn: ${jsonencode(try(var.redshift.secret_kms_key_arn, null))} is not usable. Set it only together with secret_arn, to the ARN of a key, not of an alias."
  }
}

variable "role" {
  description = "Role that submits and reads the statements, created by modules/statement_role for the same `redshift`. Its database user should have no write permissions. null creates a role for the gateway only."
  type = object({
    name = string
    arn  = string
  })
  default = null
}

variable "database_roles" {
  description = <<-EOT
    Redshift database roles that the IAM identity receives when it signs in to a Serverless workgroup, in addition to permissions granted to
    its user. They are passed as the tag RedshiftDbRoles of the IAM role. Redshift supports this for Serverless only: on a cluster, run
    `GRANT ROLE`.
  EOT
  type        = list(string)
  default     = []
  nullable    = false

  # https://docs.aws.amazon.com/redshift/latest/mgmt/redshift-iam-access-federated-db-roles.html
  validation {
    condition     = length(var.database_roles) == 0 || (var.redshift.workgroup != null && var.redshift.secret_arn == null)
    error_message = "database_roles: can only be set together with redshift.workgroup and without secret_arn. On a cluster, run e.g. GRANT ROLE analyst TO \"IAMR:<role>\"."
  }

  validation {
    condition     = alltrue([for role in var.database_roles : can(regex("^[A-Za-z_][A-Za-z0-9_.@-]{0,126}$", role))]) && length(join(":", var.database_roles)) <= 256
    error_message = "database_roles: ${jsonencode(var.database_roles)} does not fit a tag. Use names of letters, digits, _ . @ and -, with at most 256 characters in total, e.g. [\"analyst\"]."
  }

  validation {
    condition     = length(var.database_roles) == 0 || var.role == null
    error_message = "database_roles: can only be set if this module creates the role. Set it in modules/statement_role instead."
  }
}

variable "authorization" {
  description = <<-EOT
    Who may connect. There is no default:
    - `mode = "JWT"`: holders of a token from `issuer` (https URL) for one of `audience`. If `scopes` is not empty, the token needs at
      least one of them. `allowed_groups` of a query restricts further. A page exchanges its token for a ticket at the ticket URL and
      connects with the ticket. API Gateway's JWT authorizer checks the token: it accepts RSA signatures only (e.g. RS256), and it must
      reach the issuer's discovery document and keys over the internet.
    - `mode = "CUSTOM"`: callers that your Lambda authorizer accepts: `authorizer = { lambda_arn, identity_sources }`, a REQUEST authorizer of
      $connect, e.g. with `identity_sources = ["route.request.querystring.token"]`. Its context holds the claims and `expires_at` (epoch seconds).
    - `mode = "NONE"`: everyone.
  EOT
  type = object({
    mode     = string
    issuer   = optional(string)
    audience = optional(list(string), [])
    scopes   = optional(list(string), [])
    authorizer = optional(object({
      lambda_arn       = string
      identity_sources = list(string)
    }))
  })
  nullable = false

  validation {
    condition     = contains(["JWT", "CUSTOM", "NONE"], var.authorization.mode)
    error_message = "authorization.mode: ${jsonencode(var.authorization.mode)} is not supported. Use \"JWT\", \"CUSTOM\" or \"NONE\" (everyone may connect)."
  }

  validation {
    condition     = var.authorization.mode != "JWT" || (var.authorization.issuer != null && length(var.authorization.audience) > 0)
    error_message = "authorization: issuer and audience are required with mode \"JWT\". Set e.g. issuer = \"https://login.example.com\" and audience = [\"client-id\"]."
  }

  validation {
    condition     = var.authorization.mode != "CUSTOM" || var.authorization.authorizer != null
    error_message = "authorization.authorizer: required with mode \"CUSTOM\". Set authorizer = { lambda_arn, identity_sources }."
  }

  validation {
    condition     = var.authorization.mode == "JWT" || (var.authorization.issuer == null && length(var.authorization.audience) + length(var.authorization.scopes) == 0)
    error_message = "authorization: issuer, audience and scopes can only be set together with mode \"JWT\". Omit them or use that mode."
  }

  validation {
    condition     = var.authorization.mode == "CUSTOM" || var.authorization.authorizer == null
    error_message = "authorization.authorizer: can only be set together with mode \"CUSTOM\". Omit it or use that mode."
  }

  validation {
    condition     = var.authorization.issuer == null ? true : can(regex("^https://[^\\s?#]+$", var.authorization.issuer))
    error_message = "authorization.issuer: ${jsonencode(var.authorization.issuer)} is not an https URL. Use exactly the `iss` of the tokens, e.g. \"https://login.example.com\"."
  }

  validation {
    condition     = try(var.authorization.authorizer, null) == null ? true : can(regex("^arn:[^:*?]+:lambda:[^:*?]+:[0-9]{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$", var.authorization.authorizer.lambda_arn))
    error_message = "authorization.authorizer.lambda_arn: ${jsonencode(try(var.authorization.authorizer.lambda_arn, null))} is not a function ARN. Use e.g. \"arn:aws:lambda:us-east-1:111122223333:function:authorizer\", not the invoke ARN."
  }

  validation {
    condition = try(var.authorization.authorizer, null) == null ? true : length(var.authorization.authorizer.identity_sources) > 0 && alltrue([
      for source in var.authorization.authorizer.identity_sources : can(regex("^(route\\.request\\.(header|querystring)|context|stageVariables)\\.[A-Za-z0-9_.-]+$", source))
    ])
    error_message = "authorization.authorizer.identity_sources: ${jsonencode(try(var.authorization.authorizer.identity_sources, null))} is not a list of request parameters. Use e.g. [\"route.request.querystring.token\"] or [\"route.request.header.Authorization\"]."
  }

  validation {
    condition     = alltrue([for name in ["query", "live"] : !contains(try(var.authorization.authorizer.identity_sources, []), "route.request.querystring.${name}")])
    error_message = "authorization.authorizer.identity_sources: query and live are reserved on the connect URL for the first query. Use another parameter, e.g. \"route.request.querystring.token\"."
  }
}

variable "allowed_origins" {
  description = "Origins of the pages that may connect and get tickets, e.g. [\"https://data.example.com\"]. [\"*\"] allows every page, [] none. Clients that are not browsers send no origin and are not affected."
  type        = list(string)
  nullable    = false

  validation {
    condition     = var.allowed_origins == tolist(["*"]) || alltrue([for origin in var.allowed_origins : can(regex("^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", origin))])
    error_message = "allowed_origins: ${jsonencode([for origin in var.allowed_origins : origin if !can(regex("^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", origin))])} contains no valid origin. Use scheme://host or scheme://host:port in lowercase without a path, e.g. \"https://data.example.com\", or [\"*\"] on its own."
  }
}

variable "queries" {
  description = <<-EOT
    Queries that clients may run: name => one SELECT and its settings. Clients send a name and parameter values, never SQL.
    - `sql`: one statement that begins with SELECT or WITH. `:name` stands for the value of a parameter.
    - `label`, `description`: shown in the catalog. Pages show the label instead of the name.
    - `default`: whether a page opens with this query. At most one query can be the default.
    - `chart`: how a page shows the answer: "bars", "line", "table" (no chart) or "figure" (figures only). null leaves it to the page.
    - `columns`: how a page shows columns of the answer: name =>
      - `label`: text shown instead of the name. `unit`: e.g. "km", "$" or "%".
      - `format`: "number", "plain" (neither grouped nor shortened) or "percent" (0.12 is shown as 12%). `decimals`: 0 to 8.
      - `sum`: whether a sum of the values is meaningful. null decides by the name: not for averages, rates and ids.
      - `role`: "measure", or "name" for numbers that name something, e.g. a year or a code.
    - `parameters`: name => `type`, `label`, `description` and the settings of the type. A `default` makes a parameter optional.
      `order` sorts parameters; those without it follow by name.
      - `month` (YYYY-MM, bound as its first day), `date` (YYYY-MM-DD), `integer`, `number`: `minimum` and `maximum`, inclusive.
        `values = { query, column }` names another query without required parameters: a page lists the values of its column. Other values
        are accepted, too. With `latest`, the page proposes the newest of them.
      - `text`: `max_length`. `choice`: `choices`.
      - `claim`: bound from the caller's token, never from the client. `claim` is the name of the claim (default: the parameter's name).
    - `max_rows`: maximum number of rows. Further rows are cut off, and the answer is marked as truncated.
    - `timeout_seconds`: time limit, after which the statement is cancelled within about a minute.
    - `max_age_seconds`: maximum age of a cached answer. null caches it until data_version_events announce new data.
    - `min_refresh_seconds`: minimum interval between live answers, and minimum age of an answer before a client can refresh it.
    - `allowed_groups`: groups that may run the query. Empty allows everyone.
    - `refreshed_by`: keys of data_version_events that change the query's data. null stands for all of them.
  EOT
  type = map(object({
    sql         = string
    label       = optional(string)
    description = optional(string, "")
    default     = optional(bool, false)
    chart       = optional(string)
    columns = optional(map(object({
      label    = optional(string)
      unit     = optional(string)
      format   = optional(string)
      decimals = optional(number)
      sum      = optional(bool)
      role     = optional(string)
    })), {})
    parameters = optional(map(object({
      type        = string
      label       = optional(string)
      description = optional(string, "")
      order       = optional(number)
      default     = optional(string)
      minimum     = optional(string)
      maximum     = optional(string)
      max_length  = optional(number)
      choices     = optional(list(string))
      claim       = optional(string)
      values      = optional(object({ query = string, column = string }))
      latest      = optional(bool)
    })), {})
    max_rows            = optional(number, 10000)
    timeout_seconds     = optional(number, 300)
    max_age_seconds     = optional(number)
    min_refresh_seconds = optional(number, 0)
    allowed_groups      = optional(list(string), [])
    refreshed_by        = optional(list(string))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.queries) : can(regex("^[a-z][a-z0-9_]{0,62}$", name))])
    error_message = "queries: ${join(", ", [for name in keys(var.queries) : jsonencode(name) if !can(regex("^[a-z][a-z0-9_]{0,62}$", name))])} is not a query name. Use 1 to 63 lowercase letters, digits and underscores, starting with a letter, e.g. daily_trips."
  }
}

variable "check_queries" {
  description = <<-EOT
    Whether each apply that changes queries or `wait_for` checks with EXPLAIN that the gateway's database user can run every query. A query
    that cannot run fails the apply with its name and Redshift's error. Where an administrator grants permissions after the first apply,
    that apply fails and the next one succeeds.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

variable "wait_for" {
  description = "Values that become known after the tables and grants for the queries exist, e.g. `module.warehouse_objects.applied`. The check of the queries waits for them and is repeated when they change."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "data_version_events" {
  description = <<-EOT
    Events that announce changed data: key of your choice => EventBridge event pattern (JSON) for the default bus, e.g. for the end of a
    load, a dbt job or a Glue job. After such an event, live clients get new answers. Until then, answers are cached. Without any, every
    request runs its query, unless the query has a max_age_seconds.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.data_version_events) : can(regex("^[a-z][a-z0-9-]{0,19}$", key))])
    error_message = "data_version_events: ${join(", ", [for key in keys(var.data_version_events) : jsonencode(key) if !can(regex("^[a-z][a-z0-9-]{0,19}$", key))])} is not a valid key. Use 1 to 20 lowercase letters, digits and hyphens, starting with a letter, e.g. \"dbt\"."
  }

  validation {
    condition     = alltrue([for pattern in values(var.data_version_events) : try(length(keys(jsondecode(pattern))) > 0, false)])
    error_message = "data_version_events: the pattern of ${join(", ", [for key, pattern in var.data_version_events : key if !try(length(keys(jsondecode(pattern))) > 0, false)])} is not a JSON object with at least one field. Use e.g. jsonencode({ source = [\"aws.s3\"] })."
  }
}

variable "revision" {
  description = <<-EOT
    Any text, e.g. a date. Changing it signs in to the warehouse again, which creates the database user of an IAM identity. Change it after a
    cluster has been recreated under the same identifier, which Terraform cannot detect.
  EOT
  type        = string
  default     = null
}

variable "throttle" {
  description = <<-EOT
    Throttling of the WebSocket API: `rate` in requests per second and `burst` in concurrent requests. API Gateway answers 429, or the
    message `Too Many Requests`, above them. `routes` sets both for single routes, so that no route takes another's requests:
    `$connect` (default 100 and 200, which also limits `POST /ticket`), `ping` (default 1000 and 2000), `query`, `cancel`, `catalog`,
    `$default` and `$disconnect`. A flood of connects does not affect the requests of open connections.
  EOT
  type = object({
    rate   = optional(number, 500)
    burst  = optional(number, 1000)
    routes = optional(map(object({ rate = number, burst = number })), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for one in concat([var.throttle], values(var.throttle.routes)) : one.rate >= 1 && one.burst >= 1 && floor(one.burst) == one.burst])
    error_message = "throttle: ${jsonencode(var.throttle)} is out of range. Use rates of 1 or more and bursts that are whole numbers of 1 or more."
  }

  validation {
    condition     = length(setsubtract(keys(var.throttle.routes), ["$connect", "$default", "$disconnect", "cancel", "catalog", "ping", "query"])) == 0
    error_message = "throttle.routes: ${jsonencode(keys(var.throttle.routes))} has a route that the API lacks. Use $connect, $default, $disconnect, cancel, catalog, ping or query."
  }
}

variable "alarm_thresholds" {
  description = <<-EOT
    When the alarms on the functions' own metrics (namespace RedshiftRelay, dimension NamePrefix) fire, after three minutes above the thresholds:
    `backlog` in passes, ranges and questions whose answer has not reached all clients, `event_lag_seconds` in seconds from the end of a statement to
    the start of its delivery.
  EOT
  type = object({
    backlog           = optional(number, 5)
    event_lag_seconds = optional(number, 60)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alarm_thresholds.backlog >= 0 && var.alarm_thresholds.event_lag_seconds >= 1
    error_message = "alarm_thresholds: ${jsonencode(var.alarm_thresholds)} is out of range. Use a backlog of 0 or more and an event_lag_seconds of 1 or more."
  }
}

variable "max_open_requests" {
  description = "Maximum number of open requests per connection, including live ones."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.max_open_requests >= 1 && var.max_open_requests <= 1000 && floor(var.max_open_requests) == var.max_open_requests
    error_message = "max_open_requests: ${var.max_open_requests} is out of range. Use a whole number from 1 to 1000."
  }
}

variable "max_running_statements" {
  description = <<-EOT
    Maximum number of statements that the gateway runs at the same time. Clients that exceed it get the error `busy`. Redshift limits the
    active statements of an account and Region (200 or 500, not adjustable), and this limit leaves the others to loads.
  EOT
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.max_running_statements >= 1 && var.max_running_statements <= 400 && floor(var.max_running_statements) == var.max_running_statements
    error_message = "max_running_statements: ${var.max_running_statements} is out of range. Use a whole number from 1 to 400."
  }
}

variable "max_running_statements_per_person" {
  description = <<-EOT
    Maximum number of those statements that one person's requests started, over all their connections. Clients that exceed it get the error
    `too_many_runs`. A person is the subject of the token (JWT) or the principalId of the authorizer (CUSTOM); with NONE, persons cannot be distinguished.
    null sets no limit.
  EOT
  type        = number
  default     = 20

  validation {
    condition     = try(var.max_running_statements_per_person >= 1 && floor(var.max_running_statements_per_person) == var.max_running_statements_per_person, var.max_running_statements_per_person == null)
    error_message = "max_running_statements_per_person: ${coalesce(var.max_running_statements_per_person, 0)} is out of range. Use a whole number of 1 or more, or null for no limit."
  }
}

variable "max_connections_per_person" {
  description = "Maximum number of connections that one person has open at the same time. A new one closes the oldest. Persons are identified as for max_running_statements_per_person. null sets no limit."
  type        = number
  default     = 20

  validation {
    condition     = try(var.max_connections_per_person >= 1 && floor(var.max_connections_per_person) == var.max_connections_per_person, var.max_connections_per_person == null)
    error_message = "max_connections_per_person: ${coalesce(var.max_connections_per_person, 0)} is out of range. Use a whole number of 1 or more, or null for no limit."
  }
}

variable "max_starts_per_person" {
  description = "Maximum number of statements that one person's requests start within a minute, over all their connections. Clients that exceed it get the error `too_many_starts`. Cached answers and runs that others have started do not count. null sets no limit."
  type        = number
  default     = 60

  validation {
    condition     = try(var.max_starts_per_person >= 1 && floor(var.max_starts_per_person) == var.max_starts_per_person, var.max_starts_per_person == null)
    error_message = "max_starts_per_person: ${coalesce(var.max_starts_per_person, 0)} is out of range. Use a whole number of 1 or more, or null for no limit."
  }
}

variable "max_workers" {
  description = "Maximum number of workers that push answers at the same time. An answer for more than 250 clients is divided among them."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.max_workers >= 2 && var.max_workers <= 1000 && floor(var.max_workers) == var.max_workers
    error_message = "max_workers: ${var.max_workers} is out of range. Use a whole number from 2 to 1000."
  }
}

variable "max_message_bytes" {
  description = "Maximum size of a message from a client, in bytes. API Gateway itself closes a connection that sends a frame above 32 KB."
  type        = number
  default     = 16384
  nullable    = false

  validation {
    condition     = var.max_message_bytes >= 1024 && var.max_message_bytes <= 131072 && floor(var.max_message_bytes) == var.max_message_bytes
    error_message = "max_message_bytes: ${var.max_message_bytes} is out of range. Use a whole number from 1024 to 131072."
  }
}

variable "outgoing_message_bytes" {
  description = <<-EOT
    Maximum size of a message to a client, in bytes; longer answers take several. API Gateway's limit is 128 KB (131,072 bytes). Its page of
    quotas also says that frames of 32 KB apply to messages of servers: use 32000 if API Gateway refuses larger ones (413), or for clients
    with little memory. A row must fit into one message.
  EOT
  type        = number
  default     = 120000
  nullable    = false

  validation {
    condition     = var.outgoing_message_bytes >= 8192 && var.outgoing_message_bytes <= 131072 && floor(var.outgoing_message_bytes) == var.outgoing_message_bytes
    error_message = "outgoing_message_bytes: ${var.outgoing_message_bytes} is out of range. Use a whole number from 8192 to 131072."
  }
}

variable "groups_claim" {
  description = "Claim that holds a caller's groups, for `allowed_groups` of queries. With JWT: a list, or text that names one group; `scope` and `scp` may list names in one text. With CUSTOM: names separated by spaces or commas, so they must not contain these."
  type        = string
  default     = "cognito:groups"
  nullable    = false

  validation {
    condition     = length(trimspace(var.groups_claim)) > 0
    error_message = "groups_claim: ${jsonencode(var.groups_claim)} is empty. Use the name of a claim, e.g. \"groups\"."
  }
}

variable "stage_name" {
  description = "Stage of both APIs, which is the last part of the WebSocket URL."
  type        = string
  default     = "v1"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,128}$", var.stage_name))
    error_message = "stage_name: ${jsonencode(var.stage_name)} is not a stage name. Use 1 to 128 letters, digits, hyphens and underscores, e.g. \"v1\"."
  }
}

variable "access_logs" {
  description = <<-EOT
    Whether to log each request. For the WebSocket API, API Gateway needs a role to write logs, which is a setting of the account and
    region (aws_api_gateway_account). This module does not manage it, because two deployments would overwrite each other's.
    For the ticket API, whoever applies needs logs:CreateLogDelivery, logs:PutResourcePolicy, logs:DescribeResourcePolicies and
    logs:DescribeLogGroups.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

variable "management_endpoint" {
  description = "Endpoint to which the functions push messages if a custom domain maps to the stage: https://<domain>[/<mapping>]. null uses API Gateway's own endpoint."
  type        = string
  default     = null

  validation {
    condition     = var.management_endpoint == null ? true : can(regex("^https?://[^\\s?#]+[^/\\s?#]$", var.management_endpoint))
    error_message = "management_endpoint: ${jsonencode(var.management_endpoint)} is not an endpoint. Use https://<domain>[/<mapping>] without a trailing slash, e.g. \"https://ask.example.com\"."
  }
}

variable "websocket_url" {
  description = "URL to which clients connect if a custom domain maps to the stage: wss://<domain>[/<mapping>]. null uses API Gateway's own endpoint."
  type        = string
  default     = null

  validation {
    condition     = var.websocket_url == null ? true : can(regex("^wss?://[^\\s?#]+$", var.websocket_url))
    error_message = "websocket_url: ${jsonencode(var.websocket_url)} is not a WebSocket URL. Use wss://<domain>[/<mapping>], e.g. \"wss://ask.example.com\"."
  }
}

variable "ticket_url" {
  description = "URL at which pages get tickets if a custom domain maps to the ticket API: https://<domain>[/<mapping>]/ticket. null uses API Gateway's own endpoint."
  type        = string
  default     = null

  validation {
    condition     = var.ticket_url == null ? true : can(regex("^https?://[^\\s?#]+/ticket$", var.ticket_url))
    error_message = "ticket_url: ${jsonencode(var.ticket_url)} is not a ticket URL. Use https://<domain>[/<mapping>]/ticket, e.g. \"https://tickets.example.com/ticket\"."
  }
}

variable "disable_execute_api_endpoint" {
  description = "Whether API Gateway's own endpoints are disabled, so that clients can only use the custom domains. Requires management_endpoint, websocket_url and, with mode \"JWT\", ticket_url."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.disable_execute_api_endpoint || (var.management_endpoint != null && var.websocket_url != null && (var.ticket_url != null || var.authorization.mode != "JWT"))
    error_message = "disable_execute_api_endpoint: nobody could connect without custom domains. Set management_endpoint, websocket_url and, with mode \"JWT\", ticket_url as well."
  }
}

variable "deletion_protection" {
  description = "Whether the table is protected against deletion. It holds open requests and the catalog, which clients and Terraform can recreate."
  type        = bool
  default     = false
  nullable    = false
}

variable "memory_mb" {
  description = <<-EOT
    Memory of each function, in MB. Lambda assigns CPU in proportion: 1769 MB is one vCPU. Delivering to a client takes the deliver function
    about 7 ms of one vCPU. With less memory, many clients of one answer wait longer.
  EOT
  type = object({
    socket  = optional(number, 512)
    deliver = optional(number, 1769)
    worker  = optional(number, 1769)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for mb in values(var.memory_mb) : mb >= 128 && mb <= 10240])
    error_message = "memory_mb: ${jsonencode(var.memory_mb)} is out of range. Use 128 to 10240."
  }
}

variable "reserved_concurrency" {
  description = "Maximum number of concurrent invocations of the functions socket and deliver; `max_workers` bounds the workers. null uses the account's unreserved concurrency."
  type = object({
    socket  = optional(number)
    deliver = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for number in compact(values(var.reserved_concurrency)) : number >= 1])
    error_message = "reserved_concurrency: ${jsonencode(var.reserved_concurrency)} is too small. Use 1 or more, or null for no reservation."
  }
}

variable "package" {
  description = <<-EOT
    Deployment package of all functions. null uses the package that ships with the module.
    - `path`: a local zip.
    - `s3_bucket`, `s3_key`, `s3_object_version`: a zip in a versioned bucket, instead of `path`.
    - `sha256`: Base64-encoded SHA-256 of the zip (`openssl dgst -sha256 -binary package.zip | base64`). Required with S3,
      where Terraform cannot read the zip.
  EOT
  type = object({
    path              = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
    sha256            = optional(string)
  })
  default = null
}

variable "log_level" {
  description = "Lowest level that is logged: INFO or ERROR."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["INFO", "ERROR"], var.log_level)
    error_message = "log_level: ${jsonencode(var.log_level)} is not supported. Use \"INFO\" or \"ERROR\"."
  }
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary attached to all roles."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null ? true : can(regex("^arn:[^:]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "permissions_boundary: ${jsonencode(var.permissions_boundary)} is not a policy ARN. Use the ARN of an IAM policy, e.g. \"arn:aws:iam::111122223333:policy/boundary\"."
  }
}

variable "log_retention_days" {
  description = "Retention of all log groups, in days."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: ${var.log_retention_days} is not supported by CloudWatch Logs. Use e.g. 7, 30, 90, 365 or 3653; the documentation of PutRetentionPolicy lists all values."
  }
}

variable "kms_key_arn" {
  description = <<-EOT
    Customer managed key for the table, the sweep's schedule, the log groups, the failure queue and the functions' environment. null uses AWS
    owned and AWS managed keys. The key policy must allow `logs.<region>.amazonaws.com` and `events.amazonaws.com` to use the key and
    `scheduler.amazonaws.com` to describe it.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: ${jsonencode(var.kms_key_arn)} is not a key ARN. Use the ARN of a key, not of an alias, e.g. \"arn:aws:kms:us-east-1:111122223333:key/1234abcd-...\"."
  }
}

variable "alarm_actions" {
  description = "ARNs notified when an alarm fires and when it clears, e.g. an SNS topic. The key policy of an encrypted topic must allow `cloudwatch.amazonaws.com` kms:Decrypt and kms:GenerateDataKey*. The AWS managed key alias/aws/sns does not: CloudWatch drops such notifications silently."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "tags" {
  description = "Tags applied to all taggable resources."
  type        = map(string)
  default     = {}
  nullable    = false
}
