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
    The warehouse and the way in, in the account and region of the provider. The user of the gateway reads what it was granted,
    so take no owner and no administrator:
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
  description = "The role that submits and reads the statements, of modules/statement_role, for the same `redshift`: null makes one for the gateway alone. Give no role that can write in the warehouse."
  type = object({
    name = string
    arn  = string
  })
  default = null
}

variable "data_version_events" {
  description = <<-EOT
    What tells that the data changed: key of the caller's choice => an EventBridge event pattern (JSON) on the default bus, e.g. the
    end of a load, of a dbt job, of a Glue job. Live clients then get new answers, and answers are held from one event to the next.
    Without any, each question runs anew unless its query has a max_age_seconds.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.data_version_events) : can(regex("^[a-z][a-z0-9-]{0,19}$", key))])
    error_message = "data_version_events: write keys of 1 to 20 lower case letters, digits and hyphens, with a letter first."
  }

  validation {
    condition     = alltrue([for pattern in values(var.data_version_events) : try(length(keys(jsondecode(pattern))) > 0, false)])
    error_message = "data_version_events: write each pattern as a JSON object, e.g. jsonencode({ source = [\"aws.s3\"] })."
  }
}

variable "revision" {
  description = <<-EOT
    Any text, e.g. a date. Another one logs in again: write one after a cluster was made anew under the same identifier, which Terraform
    cannot see, and in which the user of an IAM identity is not there before its first login.
  EOT
  type        = string
  default     = null
}

variable "throttle" {
  description = "Requests a second, and at once, that each API takes; more are refused with 429."
  type = object({
    rate  = optional(number, 500)
    burst = optional(number, 1000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.throttle.rate >= 1 && var.throttle.burst >= 1 && floor(var.throttle.burst) == var.throttle.burst
    error_message = "throttle: write rate as a number and burst as a whole number, both 1 or more."
  }
}

variable "max_open_requests" {
  description = "How many questions a connection may have open at once, live ones included."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.max_open_requests >= 1 && var.max_open_requests <= 1000 && floor(var.max_open_requests) == var.max_open_requests
    error_message = "max_open_requests: write a whole number from 1 to 1000."
  }
}

variable "max_message_bytes" {
  description = "Size of the largest message that a client may send. API Gateway itself ends connections at a frame of 32 KB."
  type        = number
  default     = 16384
  nullable    = false

  validation {
    condition     = var.max_message_bytes >= 1024 && var.max_message_bytes <= 131072 && floor(var.max_message_bytes) == var.max_message_bytes
    error_message = "max_message_bytes: write a whole number from 1024 to 131072."
  }
}

variable "groups_claim" {
  description = "The claim that names a caller's groups, for the queries' allowed_groups. API Gateway hands lists on as `[a b]`: a group name with a blank counts as several."
  type        = string
  default     = "cognito:groups"
  nullable    = false

  validation {
    condition     = length(trimspace(var.groups_claim)) > 0
    error_message = "groups_claim: write the name of a claim, e.g. \"groups\"."
  }
}

variable "stage_name" {
  description = "Stage of both APIs: the last part of the WebSocket URL."
  type        = string
  default     = "v1"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,128}$", var.stage_name))
    error_message = "stage_name: write 1 to 128 letters, digits, hyphens and underscores."
  }
}

variable "access_logs" {
  description = <<-EOT
    Log each request. For WebSocket APIs API Gateway then needs a role to write logs with, one for the account and region
    (aws_api_gateway_account), which this module does not make: two of them would take it from each other.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

variable "management_endpoint" {
  description = "Where the functions push messages, when a custom domain leads to the stage: https://<domain>[/<mapping>]. null is API Gateway's own address."
  type        = string
  default     = null

  validation {
    condition     = var.management_endpoint == null ? true : can(regex("^https?://[^\\s?#]+[^/\\s?#]$", var.management_endpoint))
    error_message = "management_endpoint: write https://<domain>[/<mapping>], without a slash at the end."
  }
}

variable "websocket_url" {
  description = "Where clients connect, when a custom domain leads to the stage: wss://<domain>[/<mapping>]. null is API Gateway's own address."
  type        = string
  default     = null

  validation {
    condition     = var.websocket_url == null ? true : can(regex("^wss?://[^\\s?#]+$", var.websocket_url))
    error_message = "websocket_url: write wss://<domain>[/<mapping>]."
  }
}

variable "ticket_url" {
  description = "Where pages get tickets, when a custom domain leads to the ticket API: https://<domain>[/<mapping>]/ticket. null is API Gateway's own address."
  type        = string
  default     = null

  validation {
    condition     = var.ticket_url == null ? true : can(regex("^https?://[^\\s?#]+/ticket$", var.ticket_url))
    error_message = "ticket_url: write https://<domain>[/<mapping>]/ticket."
  }
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted. It holds open questions and the catalogue, nothing that Terraform or clients could not make again."
  type        = bool
  default     = false
  nullable    = false
}

variable "memory_mb" {
  description = <<-EOT
    Memory of each function, in MB, and with it its share of a processor: 1769 is a whole one. Delivering to one client takes the deliver
    function some 7 ms of one: with less, many clients of one answer wait longer.
  EOT
  type = object({
    socket  = optional(number, 512)
    deliver = optional(number, 1769)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for mb in values(var.memory_mb) : mb >= 128 && mb <= 10240])
    error_message = "memory_mb: write numbers from 128 to 10240."
  }
}

variable "reserved_concurrency" {
  description = "How many invocations of each function may run at once; null takes from the account's pool."
  type = object({
    socket  = optional(number)
    deliver = optional(number)
  })
  default  = {}
  nullable = false
}

variable "package" {
  description = <<-EOT
    The zip of both functions; null takes the one that comes with the module.
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
    Customer managed key for the table, the sweep's schedule, the log groups, the failure queue and the functions' environment; null uses keys of AWS.
    Its key policy must let `logs.<region>.amazonaws.com` and `events.amazonaws.com` use it and `scheduler.amazonaws.com` describe it.
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
