variable "name_prefix" {
  description = "Prefix for all resource and statement names. IAM role names are global within an account: use a different prefix in each region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix: ${jsonencode(var.name_prefix)} is not a valid prefix. Use 2 to 24 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen, e.g. \"taxi-dev\"."
  }
}

variable "name" {
  description = "Name of the function after the prefix: <name_prefix>-<name>."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,29}[a-z0-9]$", var.name))
    error_message = "name: ${jsonencode(var.name)} is not a valid name. Use 2 to 31 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen, e.g. \"scheduler\"."
  }
}

variable "description" {
  description = "Description of the function, in one line."
  type        = string
  nullable    = false
}

variable "package" {
  description = <<-EOT
    Deployment package of the function. null uses `default_package`.
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

  validation {
    condition = var.package == null ? true : (
      var.package.path != null
      ? var.package.s3_bucket == null && var.package.s3_key == null && var.package.s3_object_version == null
      : var.package.s3_bucket != null && var.package.s3_key != null && var.package.s3_object_version != null
    )
    error_message = "package: neither a local zip nor a complete S3 location is given. Set either { path } or { s3_bucket, s3_key, s3_object_version, sha256 }, not both."
  }

  validation {
    condition     = var.package == null ? true : var.package.path != null || var.package.sha256 != null
    error_message = "package.sha256: required with a zip in S3, so that Terraform notices a new package. Use the output of `openssl dgst -sha256 -binary package.zip | base64`."
  }

  validation {
    condition     = try(var.package.sha256, null) == null ? true : can(regex("^[A-Za-z0-9+/]{43}=$", var.package.sha256))
    error_message = "package.sha256: ${jsonencode(try(var.package.sha256, null))} is not a Base64-encoded SHA-256. Use the 44 characters that `openssl dgst -sha256 -binary package.zip | base64` prints."
  }
}

variable "default_package" {
  description = "Path of the zip that is used when `package` is null."
  type        = string
  default     = null

  validation {
    condition     = var.default_package != null || var.package != null
    error_message = "package: required, because there is no default_package. Set { path } or { s3_bucket, s3_key, s3_object_version, sha256 }."
  }
}

variable "handler" {
  description = "Handler in the package, e.g. `scheduler.handler.handle`."
  type        = string
  nullable    = false
}

variable "runtime" {
  description = "Lambda runtime. The packages are pure Python for 3.11 and later."
  type        = string
  default     = "python3.13"
  nullable    = false

  validation {
    condition     = can(regex("^python3\\.1[1-9]$", var.runtime))
    error_message = "runtime: ${jsonencode(var.runtime)} is not supported. Use python3.11 or later, e.g. \"python3.13\"."
  }
}

variable "timeout_seconds" {
  description = "Time limit of an invocation, in seconds."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "timeout_seconds: ${var.timeout_seconds} is out of range. Use 1 to 900."
  }
}

variable "memory_mb" {
  description = "Memory of the function, in MB."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "memory_mb: ${var.memory_mb} is out of range. Use 128 to 10240."
  }
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

variable "environment" {
  description = "Environment variables of the function, in addition to NAME_PREFIX, LOG_LEVEL and those of `redshift`. They are settings, not secrets."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "redshift" {
  description = "The warehouse that the function talks to, passed to it as REDSHIFT_* environment variables. null for none. The calling module validates it and describes its attributes."
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

variable "role" {
  description = "Role of the function. null creates one. Functions that read each other's statements must share a role: the Redshift Data API shows a statement only to the role that submitted it."
  type = object({
    name = string
    arn  = string
  })
  default = null
}

variable "policies" {
  description = "Inline policies of the function's role: key of your choice => JSON of an aws_iam_policy_document."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.policies) : can(regex("^[a-z][a-z0-9-]{0,39}$", key)) && key != "function"])
    error_message = "policies: ${jsonencode(keys(var.policies))} contains an invalid key. Use 1 to 40 lowercase letters, digits and hyphens, starting with a letter; \"function\" is reserved."
  }
}

variable "failure_queue" {
  description = <<-EOT
    Creates a queue that receives asynchronous invocations whose retries are exhausted (`max_attempts`: 0 to 2 retries;
    `max_age_seconds`: maximum age of an event). It is also the dead-letter queue of the rules and schedules that invoke the
    function. null creates no queue, for a function that is only invoked synchronously.
  EOT
  type = object({
    max_attempts    = optional(number, 2)
    max_age_seconds = optional(number, 21600)
  })
  default = null

  validation {
    condition     = var.failure_queue == null ? true : contains([0, 1, 2], var.failure_queue.max_attempts)
    error_message = "failure_queue.max_attempts: ${jsonencode(try(var.failure_queue.max_attempts, null))} is out of range. Use 0, 1 or 2 retries."
  }

  validation {
    condition     = var.failure_queue == null ? true : var.failure_queue.max_age_seconds >= 60 && var.failure_queue.max_age_seconds <= 21600
    error_message = "failure_queue.max_age_seconds: ${jsonencode(try(var.failure_queue.max_age_seconds, null))} is out of range. Use 60 to 21600."
  }
}

variable "event_rules" {
  description = "EventBridge rules that invoke the function: key of your choice => ARN of the rule. Each rule may invoke the function and send undelivered events to the failure queue."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "schedule_role" {
  description = <<-EOT
    Creates a role `<name_prefix>-<name>` under which the schedules of one EventBridge Scheduler group (`group_arn`) invoke the function
    and send undelivered invocations to the failure queue. Requires `failure_queue`. null creates none.
  EOT
  type = object({
    name      = string
    group_arn = string
  })
  default = null

  validation {
    condition     = var.schedule_role == null || var.failure_queue != null
    error_message = "schedule_role: requires failure_queue, which receives undelivered invocations. Set failure_queue = {} as well."
  }
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary attached to the function's own role."
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
    Customer managed key for the log group, the failure queue and the function's environment. null uses AWS owned and AWS managed keys.
    The key policy must allow `logs.<region>.amazonaws.com` to use the key, and `events.amazonaws.com` when rules invoke the function.
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
