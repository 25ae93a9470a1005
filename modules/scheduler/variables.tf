variable "name_prefix" {
  description = "Start of every name, so that two copies live in one account. Names of IAM roles hold for all regions of an account: give each region a prefix of its own."
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

variable "role" {
  description = "The role that submits the statements, e.g. `module.statement_role.role`: it must own what the statements load. null makes a statement role for this module alone."
  type = object({
    name = string
    arn  = string
  })
  default = null
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

  validation {
    condition     = alltrue([for name in keys(var.schedules) : can(regex("^[A-Za-z0-9_.-]{1,64}$", name))])
    error_message = "schedules: write names of 1 to 64 letters, digits, hyphens, underscores and points."
  }

  validation {
    condition     = alltrue([for s in values(var.schedules) : can(regex("^(cron|rate|at)\\(.+\\)$", s.schedule_expression))])
    error_message = "schedules: write schedule_expression as cron(0 2 * * ? *), rate(1 hour) or at(2030-01-31T02:00:00)."
  }

  validation {
    condition     = alltrue([for s in values(var.schedules) : length(trimspace(s.sql)) > 0])
    error_message = "schedules: sql is empty; write one SQL statement, e.g. CALL public.execute_elt_process()."
  }

  # The Data API takes 100,000 bytes; length() counts characters, and base64 makes 4 of 3 bytes.
  validation {
    condition     = alltrue([for s in values(var.schedules) : length(replace(base64encode(s.sql), "=", "")) <= ceil(100000 * 4 / 3)])
    error_message = "schedules: sql is above 100 KB, which the Redshift Data API refuses; put it into a stored procedure and CALL that."
  }

  validation {
    condition     = alltrue([for s in values(var.schedules) : s.flexible_window_minutes == null ? true : s.flexible_window_minutes >= 1 && s.flexible_window_minutes <= 1440])
    error_message = "schedules: write flexible_window_minutes from 1 to 1440, or leave it out to start on time."
  }

  validation {
    condition     = alltrue([for s in values(var.schedules) : s.retry.max_attempts >= 0 && s.retry.max_attempts <= 185 && s.retry.max_age_seconds >= 60 && s.retry.max_age_seconds <= 86400])
    error_message = "schedules: write retry.max_attempts from 0 to 185 and retry.max_age_seconds from 60 to 86400."
  }

  validation {
    # AWS gives them back so: any other spelling of the same moment would be a difference in every plan.
    condition = alltrue(flatten([for s in values(var.schedules) : [
      for t in [s.start, s.end] : t == null ? true : can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", t)) && can(timeadd(t, "0s"))
    ]]))
    error_message = "schedules: write start and end in UTC and whole seconds, ending in Z, e.g. 2030-01-31T00:00:00Z and not 2030-01-31T01:00:00+01:00."
  }
}

variable "after" {
  description = "What must be there before a schedule may fire: any texts from other resources, which are then waited for."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "reserved_concurrency" {
  description = "How many invocations may run at once; null takes from the account's pool."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 1
    error_message = "reserved_concurrency: write 1 or more, or null for no reservation."
  }
}

variable "package" {
  description = <<-EOT
    The zip of the function; null takes the one that comes with the module.
    - `path`: a local zip, or
    - `s3_bucket`, `s3_key` and `s3_object_version`: a zip in a versioned bucket.
    - `sha256`: its SHA-256, base64 (`openssl dgst -sha256 -binary package.zip | base64`). Needed with S3, where
      Terraform cannot read the zip; with `path` it is computed.
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
    Customer managed key for the schedules, the log group, the failure queue and the function's environment; null uses keys of AWS.
    Its key policy must let `logs.<region>.amazonaws.com` use it and `scheduler.amazonaws.com` describe it.
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
