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
    The warehouse and how to sign in to it. It must be in the account and region of the provider.
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

variable "database_roles" {
  description = <<-EOT
    Redshift database roles that the pipeline's IAM identity receives when it signs in to a Serverless workgroup, in addition to permissions granted to
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
}

variable "data" {
  description = <<-EOT
    Data that the example's procedure loads. Omit it if `objects_directory` contains your own SQL:
    - `s3_uri`: prefix of pipe-delimited files, e.g. "s3://bucket/trips/". Every file under it is loaded.
    - `region`: region of the bucket.
    - `copy_role`: ARN of a role attached to the warehouse that may read the files, or "default" for the warehouse's default role.
    - `gzip`: whether the files are gzip-compressed. COPY does not detect this and cannot load both kinds at once.
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
    error_message = "data: required by the example objects. Set data = { s3_uri, region, copy_role }, or set objects_directory to your own SQL."
  }

  # The values become part of SQL text, so quotes are rejected.
  validation {
    condition     = var.data == null ? true : can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9/!_.*()=@:+, -]*$", var.data.s3_uri))
    error_message = "data.s3_uri: ${jsonencode(try(var.data.s3_uri, null))} is not an S3 URI. Use s3://<bucket>/<prefix> without quotes, e.g. \"s3://my-bucket/trips/\"."
  }

  validation {
    condition     = var.data == null ? true : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", var.data.region))
    error_message = "data.region: ${jsonencode(try(var.data.region, null))} is not a region. Use the bucket's region, e.g. \"us-east-1\"."
  }

  validation {
    condition     = var.data == null ? true : var.data.copy_role == "default" || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[\\w+=,.@/-]+(,arn:[a-z-]+:iam::[0-9]{12}:role/[\\w+=.@/-]+)*$", var.data.copy_role))
    error_message = "data.copy_role: ${jsonencode(try(var.data.copy_role, null))} is not a role ARN. Use \"default\" or the ARN of a role attached to the warehouse, e.g. \"arn:aws:iam::111122223333:role/copy\"."
  }
}

variable "objects_directory" {
  description = "Folder of your own V<n>__<name>.sql and R__<name>.sql files. null uses the taxi example, sql/objects."
  type        = string
  default     = null
}

variable "template_variables" {
  description = <<-EOT
    Values of further template variables in the SQL files. `data` sets s3_uri, s3_region, copy_role and copy_compression. In objects,
    gateway_user is the database user that needs SELECT on what the queries read. It is null without a gateway or with a secret, so write
    `%%{ if gateway_user != null }GRANT SELECT ON trips TO "$${gateway_user}"%%{ endif }`.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "history_table" {
  description = <<-EOT
    Table that records which files ran, as <schema>.<table>. It is created if it does not exist. null uses
    `public.redshift_relay_history_<name_prefix>`, with underscores instead of hyphens.

    The database user of the first apply owns this table and the objects. Before you change `name_prefix` or the user, have a superuser
    run `ALTER TABLE ... OWNER TO` for this table and the objects. After a change of `name_prefix`, also keep the old table name here and
    run `UPDATE <table> SET name_prefix = '<new>'`. Or run `drop_sql`: the next apply then recreates everything.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.history_table == null ? true : can(regex("^[a-z_][a-z0-9_]{0,126}\\.[a-z_][a-z0-9_]{0,126}$", var.history_table))
    error_message = "history_table: ${jsonencode(var.history_table)} is not <schema>.<table>. Use lowercase letters, digits and underscores, e.g. \"public.redshift_relay_history\"."
  }
}

variable "revision" {
  description = <<-EOT
    Any text, e.g. a date. Changing it re-checks the warehouse and recreates what is missing: files that the history table lacks, and the
    gateway's database user. Change it after a cluster has been recreated under the same identifier or restored from a snapshot, which
    Terraform cannot detect.
  EOT
  type        = string
  default     = null
}

variable "loads" {
  description = <<-EOT
    Loads: name of your choice => SQL, triggers and limits. Names of loads, triggers and lanes have 1 to 20 lowercase letters,
    digits and underscores, starting with a letter.
    - `sql`: one SQL statement of up to 100 KB, e.g. `CALL public.execute_elt_process()`. Parameters such as `:scheduled_time` are bound.
    - `statements`: instead of `sql`, up to 40 statements that run as one transaction, without parameters.
    - `parameters`: fixed values: name => value.
    - `schedules`: name of your choice => `expression` (`cron(0 2 * * ? *)`, `rate(1 hour)` or `at(2030-01-31T02:00:00)`, in `timezone`, an
      IANA time zone), `enabled`, `start` and `end` (in UTC with whole seconds, e.g. "2030-01-31T00:00:00Z"; AWS rejects a `start` in the
      past when it creates the schedule), `flexible_window_minutes` (1 to 1440; null starts on time) and `retry` (how often, and for how
      long, EventBridge Scheduler retries to invoke the function). `:scheduled_time` is the time of the occurrence.
    - `events`: name of your choice => `pattern` (JSON of an EventBridge pattern, on the default bus) and `parameters`: name => path into the
      event, e.g. "$.detail.day".
    - `after`: loads that must all have finished since the last run. `:scheduled_time` is that of the load that finished last.
    - `files`: files in S3 start the load; `:manifest` is the address of a manifest that lists them. `bucket` must send its events to
      EventBridge. `pattern` matches keys (`*` matches any text). A batch is loaded when no file has arrived for `quiet_seconds`, or when
      `max_files` have arrived. `manifests` is the prefix of manifests, by default in the same bucket.
    - `lane`: loads of one lane run one after the other, in the order of their requests; lanes run in parallel. Runs of the same load never overlap.
    - `overlap`: "latest" replaces a waiting request with a newer one with the same parameters, unless the SQL uses `:scheduled_time`;
      "queue" runs every request.
    - `timeout_minutes`: after this long, the statement is cancelled (1 to 1440).
    - `retries`: further attempts after a transient error, e.g. a serialization conflict (0 to 10).
    - `warn_after_minutes`: an alarm fires while a request has waited longer. null creates no alarm.
    - `expected_every_hours`: an alarm fires when the load has not finished for longer, even if a schedule is disabled. Required with
      `files`, otherwise null creates no alarm.
  EOT
  type = map(object({
    sql        = optional(string)
    statements = optional(list(string))
    parameters = optional(map(string), {})
    schedules = optional(map(object({
      expression              = string
      timezone                = optional(string, "UTC")
      flexible_window_minutes = optional(number)
      enabled                 = optional(bool, true)
      start                   = optional(string)
      end                     = optional(string)
      retry = optional(object({
        max_attempts    = optional(number, 10)
        max_age_seconds = optional(number, 3600)
      }), {})
    })), {})
    events = optional(map(object({
      pattern    = string
      parameters = optional(map(string), {})
    })), {})
    after = optional(list(string), [])
    files = optional(object({
      bucket        = string
      pattern       = string
      quiet_seconds = optional(number, 60)
      max_files     = optional(number, 1000)
      manifests     = optional(string)
    }))
    lane            = optional(string, "default")
    overlap         = optional(string, "latest")
    timeout_minutes = optional(number, 360)
    retries         = optional(number, 2)

    warn_after_minutes   = optional(number)
    expected_every_hours = optional(number)
  }))
  default  = {}
  nullable = false
}

variable "create_topic" {
  description = "Whether to create the SNS topic. false uses `topic_arn`."
  type        = bool
  default     = true
  nullable    = false
}

variable "topic_arn" {
  description = "ARN of an existing SNS topic. Set it only together with create_topic = false."
  type        = string
  default     = null
}

variable "subscriptions" {
  description = <<-EOT
    Subscribers of the topic: key of your choice =>
    - `protocol`, `endpoint`: e.g. "email" and an address, which must confirm the subscription. The policy of a queue or function must
      allow the topic to reach it.
    - `loads`: names of the loads to receive messages about. Empty receives all messages.
    - `states`: states to receive: FINISHED, FAILED, ABORTED, NOT_STARTED, and NOTE for messages of the action `notify`. Empty
      receives all.
    - `filter_policy`: JSON filter on the message attributes, or on the body with `filter_policy_scope = "MessageBody"`. It replaces
      `loads` and `states`.
    - `raw_message_delivery`: delivers without the SNS envelope (sqs, http, https, firehose).
    - `subscription_role_arn`: required with firehose.
    - `endpoint_auto_confirms`: whether an http or https endpoint confirms by itself.
  EOT
  type = map(object({
    protocol               = string
    endpoint               = string
    loads                  = optional(list(string), [])
    states                 = optional(list(string), [])
    filter_policy          = optional(string)
    filter_policy_scope    = optional(string)
    raw_message_delivery   = optional(bool, false)
    subscription_role_arn  = optional(string)
    endpoint_auto_confirms = optional(bool, false)
  }))
  default  = {}
  nullable = false
}

variable "create_chat_topic" {
  description = "Whether to create a second topic for Slack and Microsoft Teams. Its messages are custom notifications, which Amazon Q Developer in chat applications shows. Subscribe a channel to it there."
  type        = bool
  default     = false
  nullable    = false
}

variable "gateway" {
  description = <<-EOT
    WebSocket gateway: browsers run the queries of `queries_directory` and get new answers after each load. null creates none. The
    README of modules/websocket_gateway describes all settings. Two have no default:
    - `authorization`: `{ mode = "JWT", issuer, audience, scopes }` (one of the scopes is sufficient),
      `{ mode = "CUSTOM", authorizer = { lambda_arn, identity_sources } }` or `{ mode = "NONE" }` (everyone may connect).
    - `allowed_origins`: origins of the pages that may connect, e.g. ["https://data.example.com"]. Optional with `console`, whose page may
      always connect.

    Queries run as the IAM identity of a separate role. The example grants it what its queries read. Alternatives:
    - `database_user`: an existing database user of the cluster that owns nothing.
    - `secret_arn`, `secret_kms_key_arn`: a secret with user name and password. Grant this user what the queries read.
    - `database_roles`: database roles of the IAM identity in a Serverless workgroup.
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
    database_roles      = optional(list(string))
    check_queries       = optional(bool)
    data_version_events = optional(map(string), {})
    throttle = optional(object({
      rate   = optional(number)
      burst  = optional(number)
      routes = optional(map(object({ rate = number, burst = number })))
    }))
    alarm_thresholds = optional(object({
      backlog           = optional(number)
      event_lag_seconds = optional(number)
    }))
    max_open_requests = optional(number)
    max_message_bytes = optional(number)

    outgoing_message_bytes = optional(number)

    max_running_statements            = optional(number)
    max_running_statements_per_person = optional(number, 20)

    groups_claim                 = optional(string)
    stage_name                   = optional(string)
    access_logs                  = optional(bool)
    management_endpoint          = optional(string)
    websocket_url                = optional(string)
    ticket_url                   = optional(string)
    disable_execute_api_endpoint = optional(bool)
    deletion_protection          = optional(bool)
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
    error_message = "gateway.database_user: can only be set together with redshift.cluster and without gateway.secret_arn. Omit it; a workgroup takes the user from IAM."
  }

  validation {
    condition     = try(var.gateway.database_user, null) == null ? true : var.gateway.database_user != try(var.redshift.cluster.user, null)
    error_message = "gateway.database_user: ${jsonencode(try(var.gateway.database_user, null))} is redshift.cluster.user, which owns the objects and could change them. Use another user."
  }

  validation {
    condition     = try(var.gateway.secret_arn, null) == null ? true : var.gateway.secret_arn != var.redshift.secret_arn
    error_message = "gateway.secret_arn: is redshift.secret_arn, whose user owns the objects and could change them. Use the secret of another user."
  }

  validation {
    condition     = try(contains(var.gateway.allowed_origins, "*") && length(var.gateway.allowed_origins) > 1, false) == false
    error_message = "gateway.allowed_origins: \"*\" already allows every page. Use either [\"*\"] or a list of origins, not both."
  }

  validation {
    condition     = try(!contains(keys(var.gateway.data_version_events), "load"), true)
    error_message = "gateway.data_version_events: the key load is reserved for the pipeline. Use another key, e.g. \"dbt\"."
  }
}

variable "console" {
  description = <<-EOT
    Page for the gateway, served by CloudFront. null creates none. The page may connect without being listed in allowed_origins. The README
    of modules/web_console describes all settings. All are optional, except `oidc` with the gateway's mode "JWT":
    - `oidc`: the sign-in, `{ issuer, client_id }`, at an OpenID Connect provider with a public client that uses authorization code and PKCE.
      The gateway's `authorization` must accept its tokens. Register the page's URL with the provider as redirect URI. If there is an
      `end_session_endpoint` (here or in the discovery document), also register it as sign-out URL: "Sign out" then ends the provider's
      session. Okta, Auth0 and Entra need `scope = "openid offline_access"` to renew a sign-in. Cognito renews without this scope and
      rejects it.
    - `title`: title of the page.
    - `domain`: custom domain names.
    - `connect_sources`: required if the gateway has a custom websocket_url or ticket_url.
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
    error_message = "console: requires a gateway. Set gateway = { authorization } as well."
  }

  validation {
    condition     = var.console == null || var.gateway == null ? true : (var.console.oidc != null) == (var.gateway.authorization.mode == "JWT")
    error_message = "console.oidc: required with the gateway's authorization.mode \"JWT\", and not allowed with any other. Set oidc = { issuer, client_id } or change the mode."
  }

  validation {
    # With explicit endpoints, the page does not need the discovery document, and the issuers may differ.
    condition     = try(var.console.oidc.authorization_endpoint, null) != null || try(var.console.oidc, null) == null || try(var.gateway.authorization.issuer, null) == null ? true : trimsuffix(var.console.oidc.issuer, "/") == trimsuffix(var.gateway.authorization.issuer, "/")
    error_message = "console.oidc.issuer: ${jsonencode(try(var.console.oidc.issuer, null))} is not the gateway's authorization.issuer. Use the same issuer, or also set authorization_endpoint and token_endpoint."
  }

  # Part of console, because validations of two variables cannot refer to each other.
  validation {
    condition     = var.gateway == null || var.console != null ? true : var.gateway.allowed_origins != null
    error_message = "gateway.allowed_origins: required without a console. Use the origins of the pages that may connect, e.g. [\"https://data.example.com\"], or [\"*\"] for every page, or [] for none."
  }

  # The page's header cannot depend on the gateway's URLs and would not allow these.
  validation {
    condition     = var.console == null || var.gateway == null ? true : var.console.connect_sources != null || (var.gateway.websocket_url == null && var.gateway.ticket_url == null)
    error_message = "console.connect_sources: required with gateway.websocket_url or gateway.ticket_url. Use their scheme and host, e.g. [\"wss://ask.example.com\", \"https://tickets.example.com\"]."
  }
}

variable "queries_directory" {
  description = <<-EOT
    Folder of the queries that clients may run. `<name>.sql` contains one SELECT. `<name>.yaml` contains its description, parameters and
    limits, as in `queries` of modules/websocket_gateway. null uses the taxi example, sql/queries. The SQL is rendered with templatefile and
    the template variables of the objects, except gateway_user.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.queries_directory != null || var.objects_directory == null || var.gateway == null
    error_message = "queries_directory: required with objects_directory and gateway, because the example's queries read the example's tables. Use a folder of <name>.sql and <name>.yaml files."
  }
}

variable "packages" {
  description = <<-EOT
    Deployment packages of the functions. A function without an entry uses the package that ships with its module. Set `path`, or
    `s3_bucket`, `s3_key`, `s3_object_version` and `sha256` (Base64). From S3, the functions are created in parallel, which is faster.
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
    Customer managed key for topic, tables, schedules, log groups, queues and the functions' environments. null uses AWS owned and AWS managed
    keys. With `topic_arn`, it must be the key of that topic.
    The key policy must allow `logs.<region>.amazonaws.com` and `events.amazonaws.com` to use the key and `scheduler.amazonaws.com` to
    describe it. If alarms notify the topic of this module, it must also allow `cloudwatch.amazonaws.com` kms:Decrypt and
    kms:GenerateDataKey*.
    With a console, it is also the key of the page's bucket: the key policy must allow `cloudfront.amazonaws.com` to decrypt for the
    distribution (output console.distribution_arn). Until then, the page answers 403.
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

variable "dashboard" {
  description = "Whether to create the CloudWatch dashboard `<name_prefix>-relay`: errors, invocations, dead letters, messages and connections on one page. CloudWatch charges for each dashboard beyond its free ones."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags applied to all taggable resources."
  type        = map(string)
  default     = {}
  nullable    = false
}
