variable "name_prefix" {
  description = "Start of every name, so that two copies live in one account. Names of IAM roles hold for all regions of an account: give each region a prefix of its own."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix: write 2 to 24 lower case letters, digits and hyphens, with a letter first and no hyphen last, e.g. \"taxi-dev\"."
  }
}

variable "name" {
  description = "What the function is called after the prefix: <name_prefix>-<name>."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,29}[a-z0-9]$", var.name))
    error_message = "name: write 2 to 31 lower case letters, digits and hyphens, with a letter first and no hyphen last, e.g. \"scheduler\"."
  }
}

variable "description" {
  description = "One line that says what the function does."
  type        = string
  nullable    = false
}

variable "package" {
  description = <<-EOT
    The zip of the function:
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
  nullable = false

  validation {
    condition = (
      var.package.path != null
      ? var.package.s3_bucket == null && var.package.s3_key == null && var.package.s3_object_version == null
      : var.package.s3_bucket != null && var.package.s3_key != null && var.package.s3_object_version != null
    )
    error_message = "package: write either { path } or { s3_bucket, s3_key, s3_object_version, sha256 }, not parts of both."
  }

  validation {
    condition     = var.package.path != null || var.package.sha256 != null
    error_message = "package: a zip in S3 also needs sha256 (base64), so that Terraform notices a new package."
  }

  validation {
    condition     = var.package.sha256 == null || can(regex("^[A-Za-z0-9+/]{43}=$", var.package.sha256))
    error_message = "package.sha256: write the SHA-256 in base64 (44 characters), as `openssl dgst -sha256 -binary package.zip | base64` prints it."
  }
}

variable "handler" {
  description = "Handler in the package, e.g. `scheduler.handler.handle`."
  type        = string
  nullable    = false
}

variable "runtime" {
  description = "Lambda runtime; the packages are pure Python for 3.11 and later."
  type        = string
  default     = "python3.13"
  nullable    = false

  validation {
    condition     = can(regex("^python3\\.1[1-9]$", var.runtime))
    error_message = "runtime: write python3.11 or later, e.g. \"python3.13\"."
  }
}

variable "timeout_seconds" {
  description = "How long one invocation may take."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "timeout_seconds: write a number from 1 to 900."
  }
}

variable "memory_mb" {
  description = "Memory of the function."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "memory_mb: write a number from 128 to 10240."
  }
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

variable "environment" {
  description = "Environment variables of the function. They are settings, not secrets."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "role" {
  description = "The role the function runs under, when several share one (same-role rule of the Redshift Data API); null makes its own."
  type = object({
    name = string
    arn  = string
  })
  default = null
}

variable "policies" {
  description = "Inline policies of the function's role: key of the caller's choice => JSON of an aws_iam_policy_document."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.policies) : can(regex("^[a-z][a-z0-9-]{0,39}$", key)) && key != "function"])
    error_message = "policies: write keys of lower case letters, digits and hyphens; \"function\" is the module's own."
  }
}

variable "failure_queue" {
  description = <<-EOT
    Where asynchronous invocations end that failed after their retries (`max_attempts` 0 to 2 after the first, events no
    older than `max_age_seconds`). The queue also serves as dead letter queue of the rules and schedules that invoke the
    function. null: no queue, for a function that is only invoked synchronously.
  EOT
  type = object({
    max_attempts    = optional(number, 2)
    max_age_seconds = optional(number, 21600)
  })
  default = null

  validation {
    condition     = var.failure_queue == null ? true : contains([0, 1, 2], var.failure_queue.max_attempts)
    error_message = "failure_queue.max_attempts: write 0, 1 or 2 (retries after the first attempt)."
  }

  validation {
    condition     = var.failure_queue == null ? true : var.failure_queue.max_age_seconds >= 60 && var.failure_queue.max_age_seconds <= 21600
    error_message = "failure_queue.max_age_seconds: write 60 to 21600."
  }
}

variable "event_rules" {
  description = "EventBridge rules that invoke the function: key of the caller's choice => ARN of the rule. Each may invoke it, and send to the failure queue what it could not deliver."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary of the function's own role."
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
    Customer managed key for the log group, the failure queue and the function's environment; null uses keys of AWS.
    Its key policy must let `logs.<region>.amazonaws.com` use it, and `events.amazonaws.com` when rules invoke the function.
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
