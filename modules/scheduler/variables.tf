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

variable "role" {
  description = "Role that submits the statements, e.g. `module.statement_role.role`. Its database user must own what the statements load. null creates a role for this module only."
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

  validation {
    condition     = alltrue([for name in keys(var.loads) : can(regex("^[a-z][a-z0-9_]{0,19}$", name))])
    error_message = "loads: ${join(", ", [for name in keys(var.loads) : jsonencode(name) if !can(regex("^[a-z][a-z0-9_]{0,19}$", name))])} is not a load name. Use 1 to 20 lowercase letters, digits and underscores, starting with a letter, e.g. \"trips\"."
  }

  validation {
    condition     = alltrue(flatten([for load in values(var.loads) : [for name in concat(keys(load.schedules), keys(load.events), [load.lane]) : can(regex("^[a-z][a-z0-9_]{0,19}$", name))]]))
    error_message = "loads: ${join(", ", distinct(flatten([for load in values(var.loads) : [for name in concat(keys(load.schedules), keys(load.events), [load.lane]) : jsonencode(name) if !can(regex("^[a-z][a-z0-9_]{0,19}$", name))]])))} is not the name of a schedule, an event or a lane. Use 1 to 20 lowercase letters, digits and underscores, starting with a letter, e.g. \"nightly\"."
  }
}

variable "wait_for" {
  description = "Values of other resources that must exist before a schedule may fire, e.g. the outputs `applied` of modules/warehouse_objects and `target_ids` of modules/notifier."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "reserved_concurrency" {
  description = "Maximum number of concurrent invocations. null uses the account's unreserved concurrency."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 1
    error_message = "reserved_concurrency: ${jsonencode(var.reserved_concurrency)} is too small. Use 1 or more, or null for no reservation."
  }
}

variable "package" {
  description = <<-EOT
    Deployment package of the function. null uses the package that ships with the module.
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
    Customer managed key for the schedules, the table, the log group, the queues and the function's environment. null uses AWS owned and
    AWS managed keys. The key policy must allow `logs.<region>.amazonaws.com` to use the key and `scheduler.amazonaws.com` to describe it.
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
