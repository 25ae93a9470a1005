variable "name_prefix" {
  description = "Start of every name and of the statements' names, so that two copies live in one account. Names of IAM roles hold for all regions of an account: give each region a prefix of its own."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix: write 2 to 24 lower case letters, digits and hyphens, with a letter first and no hyphen last, e.g. \"taxi-dev\"."
  }
}

variable "redshift" {
  description = <<-EOT
    The warehouse and the way in, in the account and region of the provider:
    - `database`: name of the database.
    - `cluster = { identifier, user }`: a provisioned cluster; with `user` the statements run as this database user
      (GetClusterCredentials), without it as `IAMR:<role>` (GetClusterCredentialsWithIAM).
    - `workgroup = { name, arn }`: a Serverless workgroup; its ARN ends in an id, not in the name.
    - `secret_arn`: beside either, a Secrets Manager secret with user name and password; then without `user`.
    - `secret_kms_key_arn`: the customer managed key of the secret, if it has one.
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

  # These names become parts of ARNs in policies: a wildcard in one would open every database.
  validation {
    condition     = can(regex("^[^\\s/:*?]{1,64}$", var.redshift.database))
    error_message = "redshift.database: write the name of one database, without blanks and none of / : * ?."
  }

  validation {
    condition     = (var.redshift.cluster == null) != (var.redshift.workgroup == null)
    error_message = "redshift: write exactly one of cluster = { identifier, user } (provisioned) and workgroup = { name, arn } (Serverless)."
  }

  validation {
    condition     = var.redshift.cluster == null ? true : can(regex("^[a-z][a-z0-9-]{0,62}$", var.redshift.cluster.identifier))
    error_message = "redshift.cluster.identifier: write the cluster's identifier (lower case letters, digits, hyphens), not its endpoint or ARN."
  }

  validation {
    condition     = try(var.redshift.cluster.user, null) == null ? true : can(regex("^[^\\s/:*?]{1,128}$", var.redshift.cluster.user))
    error_message = "redshift.cluster.user: write the name of one database user, without blanks and none of / : * ?; leave it out to use the role's identity."
  }

  validation {
    condition     = try(var.redshift.cluster.user, null) == null || var.redshift.secret_arn == null
    error_message = "redshift: cluster.user and secret_arn exclude each other, since the secret names its own user. Leave one out."
  }

  validation {
    condition     = var.redshift.workgroup == null ? true : can(regex("^[a-z0-9-]{3,64}$", var.redshift.workgroup.name))
    error_message = "redshift.workgroup.name: write the workgroup's name (3 to 64 lower case letters, digits, hyphens)."
  }

  validation {
    condition     = var.redshift.workgroup == null ? true : can(regex("^arn:[^:*?]+:redshift-serverless:[^:*?]+:[0-9]{12}:workgroup/[^*?]+$", var.redshift.workgroup.arn))
    error_message = "redshift.workgroup.arn: write the workgroup's ARN as `aws redshift-serverless get-workgroup` shows it (it ends in an id, not in the name)."
  }

  validation {
    condition     = var.redshift.secret_arn == null ? true : can(regex("^arn:[^:*?]+:secretsmanager:[^:*?]+:[0-9]{12}:secret:[^*?]+$", var.redshift.secret_arn))
    error_message = "redshift.secret_arn: write the ARN of one secret in Secrets Manager."
  }

  validation {
    condition     = var.redshift.secret_kms_key_arn == null ? true : var.redshift.secret_arn != null && can(regex("^arn:[^:*?]+:kms:[^:*?]+:[0-9]{12}:key/[^*?]+$", var.redshift.secret_kms_key_arn))
    error_message = "redshift.secret_kms_key_arn: write the ARN of the secret's key (not of an alias), beside secret_arn."
  }
}

variable "data" {
  description = <<-EOT
    What the example's procedure loads; null when objects_directory names your own SQL:
    - `s3_uri`: prefix of pipe-delimited files, e.g. "s3://bucket/trips/". Every file below it is loaded.
    - `region`: region of the bucket.
    - `copy_role`: ARN of a role of the warehouse that may read them, or "default" for the warehouse's default role.
    - `gzip`: whether the files are gzip. COPY does not find out, and cannot load both kinds at once.
  EOT
  type = object({
    s3_uri    = string
    region    = string
    copy_role = optional(string, "default")
    gzip      = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.data != null || var.objects_directory != null
    error_message = "data: write { s3_uri, region, copy_role } for the example objects, or set objects_directory to your own SQL."
  }

  # The values become part of SQL text: no quote gets in.
  validation {
    condition     = var.data == null ? true : can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9/!_.*()=@:+, -]*$", var.data.s3_uri))
    error_message = "data.s3_uri: write s3://<bucket>/<prefix>, without quotes, e.g. \"s3://my-bucket/trips/\"."
  }

  validation {
    condition     = var.data == null ? true : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", var.data.region))
    error_message = "data.region: write the bucket's region, e.g. \"us-east-1\"."
  }

  validation {
    condition     = var.data == null ? true : var.data.copy_role == "default" || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[\\w+=,.@/-]+(,arn:[a-z-]+:iam::[0-9]{12}:role/[\\w+=.@/-]+)*$", var.data.copy_role))
    error_message = "data.copy_role: write \"default\" or the ARN of a role attached to the warehouse."
  }
}

variable "objects_directory" {
  description = "Folder with your own V<n>__<name>.sql and R__<name>.sql files; null takes the taxi example, sql/objects."
  type        = string
  default     = null
}

variable "template_variables" {
  description = <<-EOT
    Values for further variables in the SQL files, beside s3_uri, s3_region, copy_role and copy_compression, which come from `data`,
    and, in objects only, gateway_user: the database user to which a gateway's objects grant what its queries read. It is null without
    a gateway and with a secret, so write `%%{ if gateway_user != null }GRANT SELECT ON trips TO "$${gateway_user}"%%{ endif }`.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "history_table" {
  description = <<-EOT
    Table in which stands what ran, as <schema>.<table>; made when it is missing. null is `public.redshift_relay_history_<name_prefix>`,
    with underscores for hyphens. Like the objects it belongs to the database user of the first apply. When `name_prefix` or that user
    changes, first let a superuser hand over what is there: `ALTER TABLE ... OWNER TO` for this table and the objects; after a changed
    prefix also `UPDATE <table> SET name_prefix = '<new>'`, with the old table named here. Or run `drop_sql`, and all is made anew.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.history_table == null ? true : can(regex("^[a-z_][a-z0-9_]{0,126}\\.[a-z_][a-z0-9_]{0,126}$", var.history_table))
    error_message = "history_table: write <schema>.<table> in lower case letters, digits and underscores, e.g. \"public.redshift_relay_history\"."
  }
}

variable "revision" {
  description = <<-EOT
    Any text, e.g. a date. Another one looks again for what the warehouse lacks, objects and the gateway's user: write one after
    a cluster was made anew under the same identifier, or restored from a snapshot, which Terraform cannot see. What the history
    in the warehouse has is not run again.
  EOT
  type        = string
  default     = null
}

variable "schedules" {
  description = <<-EOT
    Statements by the clock: name of the caller's choice =>
    - `schedule_expression`: `cron(0 2 * * ? *)`, `rate(1 hour)` or `at(2030-01-31T02:00:00)`, in `timezone` (e.g. "Europe/Berlin").
    - `sql`: one SQL statement, at most 100 KB, e.g. `CALL public.execute_elt_process()`.
    - `flexible_window_minutes`: it may start this much later (1 to 1440); null starts on time.
    - `enabled`, and `start` and `end` (in UTC and whole seconds, ending in Z, e.g. "2030-01-31T00:00:00Z"): when the schedule counts.
      AWS refuses a `start` that has passed when the schedule is made: leave it out then.
    - `retry`: how often and how long the scheduler tries to reach the function.

    While a statement of any schedule of this name_prefix runs, no other is started: it is tried again for some three minutes, then told as
    not started and kept in the failure queue. Give loads that have nothing to do with each other a name_prefix of their own.
  EOT
  type = map(object({
    schedule_expression     = string
    timezone                = optional(string, "UTC")
    sql                     = string
    flexible_window_minutes = optional(number)
    enabled                 = optional(bool, true)
    start                   = optional(string)
    end                     = optional(string)
    retry = optional(object({
      max_attempts    = optional(number, 10)
      max_age_seconds = optional(number, 3600)
    }), {})
  }))
  default  = {}
  nullable = false
}

variable "create_topic" {
  description = "Make the SNS topic; false takes the one of topic_arn."
  type        = bool
  default     = true
  nullable    = false
}

variable "topic_arn" {
  description = "ARN of a topic that exists already, with create_topic = false."
  type        = string
  default     = null
}

variable "subscriptions" {
  description = <<-EOT
    Who is told: key of the caller's choice =>
    - `protocol` and `endpoint`, e.g. email and an address (which must confirm), sms, https, sqs, lambda or firehose.
      A queue or function of yours must itself allow the topic to reach it.
    - `filter_policy`: JSON, on attributes or (`filter_policy_scope = "MessageBody"`) on the body.
    - `raw_message_delivery`: without SNS's envelope (sqs, http, https, firehose).
    - `subscription_role_arn`: for firehose. `endpoint_auto_confirms`: for http and https.
  EOT
  type = map(object({
    protocol               = string
    endpoint               = string
    filter_policy          = optional(string)
    filter_policy_scope    = optional(string)
    raw_message_delivery   = optional(bool, false)
    subscription_role_arn  = optional(string)
    endpoint_auto_confirms = optional(bool, false)
  }))
  default  = {}
  nullable = false
}

variable "sweep_interval_minutes" {
  description = "How often the notifier looks for loads whose event never came, and tells people and the gateway's live pages; null never looks."
  type        = number
  default     = 5
}

variable "gateway" {
  description = <<-EOT
    Lets browsers ask the queries of queries_directory over a WebSocket, and tells them when a load has brought new data; null leaves
    it out. All settings are described in modules/websocket_gateway; these two have no default:
    - `authorization`: `{ mode = "JWT", issuer, audience, scopes }` (one of the scopes is enough),
      `{ mode = "CUSTOM", authorizer = { lambda_arn, identity_sources } }` or `{ mode = "NONE" }` (everybody may ask).
    - `allowed_origins`: of the pages that may connect, e.g. ["https://data.example.com"]. The one of `console` is let in anyway, and with it
      this may be left out.

    Its statements run as the IAM identity of a role of its own, to which the example grants what its queries read. Instead:
    - `database_user`: a database user of the cluster that is there already and owns nothing, or
    - `secret_arn` (and `secret_kms_key_arn`): a secret with user name and password; grant this user what the queries read.
  EOT
  type = object({
    authorization = object({
      mode     = string
      issuer   = optional(string)
      audience = optional(list(string), [])
      scopes   = optional(list(string), [])
      authorizer = optional(object({
        lambda_arn       = string
        identity_sources = list(string)
      }))
    })
    allowed_origins     = optional(list(string))
    database_user       = optional(string)
    secret_arn          = optional(string)
    secret_kms_key_arn  = optional(string)
    data_version_events = optional(map(string), {})
    throttle = optional(object({
      rate  = optional(number)
      burst = optional(number)
    }))
    max_open_requests   = optional(number)
    max_message_bytes   = optional(number)
    groups_claim        = optional(string)
    stage_name          = optional(string)
    access_logs         = optional(bool)
    management_endpoint = optional(string)
    websocket_url       = optional(string)
    ticket_url          = optional(string)
    deletion_protection = optional(bool)
    memory_mb = optional(object({
      socket  = optional(number)
      deliver = optional(number)
    }))
    reserved_concurrency = optional(object({
      socket  = optional(number)
      deliver = optional(number)
    }))
  })
  default = null

  validation {
    condition     = try(var.gateway.database_user, null) == null ? true : var.redshift.cluster != null && var.gateway.secret_arn == null
    error_message = "gateway.database_user: it goes with redshift.cluster and without gateway.secret_arn; a workgroup takes the user from IAM."
  }

  validation {
    condition     = try(var.gateway.database_user, null) == null ? true : var.gateway.database_user != try(var.redshift.cluster.user, null)
    error_message = "gateway.database_user: write another user than redshift.cluster.user, which owns the objects and could change them."
  }

  validation {
    condition     = try(var.gateway.secret_arn, null) == null ? true : var.gateway.secret_arn != var.redshift.secret_arn
    error_message = "gateway.secret_arn: write another secret than redshift.secret_arn, whose user owns the objects and could change them."
  }

  validation {
    condition     = try(contains(var.gateway.allowed_origins, "*") && length(var.gateway.allowed_origins) > 1, false) == false
    error_message = "gateway.allowed_origins: \"*\" lets every page in; write it alone, or the origins without it."
  }

  validation {
    condition     = try(length(setintersection(keys(var.gateway.data_version_events), ["load", "load-unheard"])) == 0, true)
    error_message = "gateway.data_version_events: load and load-unheard are the pipeline's own; write another key."
  }
}

variable "console" {
  description = <<-EOT
    The page for the gateway, behind CloudFront; null leaves it out. It may connect to the gateway without standing in allowed_origins.
    All settings are described in modules/web_console; none has to be written, but with the gateway's mode "JWT" `oidc` does:
    - `oidc`: the sign-in, with any OpenID Connect provider that has a public client with authorization code and PKCE:
      `{ issuer, client_id }`, whose tokens the gateway's `authorization` takes. The page's address is to be registered there as the redirect URI, and
      as a sign-out URL where there is an `end_session_endpoint` (written, or in the discovery document): there "Sign out" ends the provider's
      own session too. Okta, Auth0 and Entra need `scope = "openid offline_access"` to renew a sign-in; Cognito needs, and knows, no such scope.
    - `title`, and `columns`: labels and units of the answers' columns, e.g. `{ total_fare = { unit = "$" } }`.
    - `domain`: names of your own. `connect_sources`: needed when the gateway has a websocket_url or ticket_url of its own.
  EOT
  type = object({
    title = optional(string)
    oidc = optional(object({
      issuer                 = string
      client_id              = string
      scope                  = optional(string, "openid")
      authorization_endpoint = optional(string)
      token_endpoint         = optional(string)
      end_session_endpoint   = optional(string)
      token                  = optional(string, "access_token")
      parameters             = optional(map(string), {})
      redirect_uri           = optional(string)
    }))
    columns = optional(map(object({
      label = optional(string)
      unit  = optional(string)
      sum   = optional(bool)
    })))
    connect_sources = optional(list(string))
    domain = optional(object({
      aliases         = list(string)
      certificate_arn = string
    }))
    web_acl_arn         = optional(string)
    access_logs_bucket  = optional(string)
    price_class         = optional(string)
    wait_for_deployment = optional(bool)
  })
  default = null

  validation {
    condition     = var.console == null || var.gateway != null
    error_message = "console: it needs a gateway to ask; set gateway too."
  }

  validation {
    condition     = var.console == null || var.gateway == null ? true : (var.console.oidc != null) == (var.gateway.authorization.mode == "JWT")
    error_message = "console.oidc: write issuer and client_id of the sign-in with the gateway's authorization.mode \"JWT\", and only there."
  }

  validation {
    # With endpoints of its own the page needs no issuer's discovery document, and some providers sign tokens under another name.
    condition     = try(var.console.oidc.authorization_endpoint, null) != null || try(var.console.oidc, null) == null || try(var.gateway.authorization.issuer, null) == null ? true : trimsuffix(var.console.oidc.issuer, "/") == trimsuffix(var.gateway.authorization.issuer, "/")
    error_message = "console.oidc.issuer: write the gateway's authorization.issuer, whose tokens it takes; where the sign-in has another one, write authorization_endpoint and token_endpoint too."
  }

  # Here because two variables cannot look at each other.
  validation {
    condition     = var.gateway == null || var.console != null ? true : var.gateway.allowed_origins != null
    error_message = "gateway.allowed_origins: write the origins of the pages that may connect, e.g. [\"https://data.example.com\"], [\"*\"] for every page or [] for none."
  }

  # The page's header cannot be made from the gateway's addresses, and would shut these out.
  validation {
    condition     = var.console == null || var.gateway == null ? true : var.console.connect_sources != null || (var.gateway.websocket_url == null && var.gateway.ticket_url == null)
    error_message = "console.connect_sources: write scheme and host of gateway.websocket_url and gateway.ticket_url, e.g. [\"wss://ask.example.com\", \"https://tickets.example.com\"]."
  }
}

variable "queries_directory" {
  description = <<-EOT
    Folder with what clients may ask: `<name>.sql` holds one SELECT, `<name>.yaml` beside it its description, parameters and limits, as
    `queries` of modules/websocket_gateway takes them. null takes the taxi example, sql/queries. The SQL is rendered by templatefile
    with the variables of the objects, except gateway_user.
  EOT
  type        = string
  default     = null

  validation {
    condition = var.queries_directory == null ? true : length(fileset(var.queries_directory, "*.sql")) > 0 && (
      toset([for file in fileset(var.queries_directory, "*.sql") : trimsuffix(file, ".sql")])
      == toset([for file in fileset(var.queries_directory, "*.yaml") : trimsuffix(file, ".yaml")])
    )
    error_message = "queries_directory: write a folder in which each <name>.sql stands beside a <name>.yaml."
  }

  validation {
    condition     = var.queries_directory != null || var.objects_directory == null || var.gateway == null
    error_message = "queries_directory: write what clients may ask of your objects_directory; the example's queries read the example's tables."
  }

  # A misspelt limit would else be no limit.
  validation {
    condition = var.queries_directory == null ? true : alltrue([for file in fileset(var.queries_directory, "*.yaml") : try(
      length(setsubtract(keys(yamldecode(file("${var.queries_directory}/${file}"))), ["description", "parameters", "max_rows", "timeout_seconds", "max_age_seconds", "min_refresh_seconds", "allowed_groups"])) == 0
      && alltrue([for p in values(try(yamldecode(file("${var.queries_directory}/${file}")).parameters, {})) :
      length(setsubtract(keys(p), ["type", "description", "default", "minimum", "maximum", "max_length", "choices", "claim"])) == 0]),
    false)])
    error_message = "queries_directory: write in the .yaml files description, parameters, max_rows, timeout_seconds, max_age_seconds, min_refresh_seconds and allowed_groups; of each parameter type, description, default, minimum, maximum, max_length, choices and claim; and nothing else."
  }
}

variable "packages" {
  description = <<-EOT
    The functions' zips; what is left out comes with the modules. From S3 (`s3_bucket`, `s3_key`, `s3_object_version` and
    `sha256`, base64) the functions are made in parallel, which is faster.
  EOT
  type = object({
    notifier = optional(object({
      path              = optional(string)
      s3_bucket         = optional(string)
      s3_key            = optional(string)
      s3_object_version = optional(string)
      sha256            = optional(string)
    }))
    scheduler = optional(object({
      path              = optional(string)
      s3_bucket         = optional(string)
      s3_key            = optional(string)
      s3_object_version = optional(string)
      sha256            = optional(string)
    }))
    warehouse_objects = optional(object({
      path              = optional(string)
      s3_bucket         = optional(string)
      s3_key            = optional(string)
      s3_object_version = optional(string)
      sha256            = optional(string)
    }))
    websocket_gateway = optional(object({
      path              = optional(string)
      s3_bucket         = optional(string)
      s3_key            = optional(string)
      s3_object_version = optional(string)
      sha256            = optional(string)
    }))
  })
  default  = {}
  nullable = false
}

variable "log_level" {
  description = "Least severe level that is logged: INFO or ERROR."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["INFO", "ERROR"], var.log_level)
    error_message = "log_level: write INFO or ERROR."
  }
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary of the roles made here."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null ? true : can(regex("^arn:[^:]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "permissions_boundary: write the ARN of an IAM policy."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: write a number that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "kms_key_arn" {
  description = <<-EOT
    Customer managed key for topic, table, schedules, logs, queues and the functions' environments; null uses keys of AWS. With topic_arn it must be that topic's key.
    Its key policy must let `logs.<region>.amazonaws.com` and `events.amazonaws.com` use it and `scheduler.amazonaws.com` describe it; when the topic
    of the notifier is told of alarms, also `cloudwatch.amazonaws.com` use it (kms:Decrypt, kms:GenerateDataKey*).
    With a console it is the key of the page's bucket too, and its key policy must let `cloudfront.amazonaws.com` decrypt for the distribution
    (output console.distribution_arn): until then the page answers 403.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a key (not of an alias)."
  }
}

variable "alarm_actions" {
  description = "ARNs told when an alarm goes off and when it is over, e.g. an SNS topic. A topic with a key needs one whose policy lets `cloudwatch.amazonaws.com` use kms:Decrypt and kms:GenerateDataKey*, which AWS's own alias/aws/sns does not: alarms would be lost without a word."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "tags" {
  description = "Tags of everything that can have them."
  type        = map(string)
  default     = {}
  nullable    = false
}
