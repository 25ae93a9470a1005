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
    The warehouse and the way in, for reading why a COPY failed; null when only foreign statements are told. In the account and region of the provider:
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
  default = null

  # These names become parts of ARNs in policies: a wildcard in one would open every database.
  validation {
    condition     = var.redshift == null ? true : (can(regex("^[^\\s/:*?]{1,64}$", var.redshift.database)))
    error_message = "redshift.database: write the name of one database, without blanks and none of / : * ?."
  }

  validation {
    condition     = var.redshift == null ? true : ((var.redshift.cluster == null) != (var.redshift.workgroup == null))
    error_message = "redshift: write exactly one of cluster = { identifier, user } (provisioned) and workgroup = { name, arn } (Serverless)."
  }

  validation {
    condition     = var.redshift == null ? true : (var.redshift.cluster == null ? true : can(regex("^[a-z][a-z0-9-]{0,62}$", var.redshift.cluster.identifier)))
    error_message = "redshift.cluster.identifier: write the cluster's identifier (lower case letters, digits, hyphens), not its endpoint or ARN."
  }

  validation {
    condition     = var.redshift == null ? true : (try(var.redshift.cluster.user, null) == null ? true : can(regex("^[^\\s/:*?]{1,128}$", var.redshift.cluster.user)))
    error_message = "redshift.cluster.user: write the name of one database user, without blanks and none of / : * ?; leave it out to use the role's identity."
  }

  validation {
    condition     = var.redshift == null ? true : (try(var.redshift.cluster.user, null) == null || var.redshift.secret_arn == null)
    error_message = "redshift: cluster.user and secret_arn exclude each other, since the secret names its own user. Leave one out."
  }

  validation {
    condition     = var.redshift == null ? true : (var.redshift.workgroup == null ? true : can(regex("^[a-z0-9-]{3,64}$", var.redshift.workgroup.name)))
    error_message = "redshift.workgroup.name: write the workgroup's name (3 to 64 lower case letters, digits, hyphens)."
  }

  validation {
    condition     = var.redshift == null ? true : (var.redshift.workgroup == null ? true : can(regex("^arn:[^:*?]+:redshift-serverless:[^:*?]+:[0-9]{12}:workgroup/[^*?]+$", var.redshift.workgroup.arn)))
    error_message = "redshift.workgroup.arn: write the workgroup's ARN as `aws redshift-serverless get-workgroup` shows it (it ends in an id, not in the name)."
  }

  validation {
    condition     = var.redshift == null ? true : (var.redshift.secret_arn == null ? true : can(regex("^arn:[^:*?]+:secretsmanager:[^:*?]+:[0-9]{12}:secret:[^*?]+$", var.redshift.secret_arn)))
    error_message = "redshift.secret_arn: write the ARN of one secret in Secrets Manager."
  }

  validation {
    condition     = var.redshift == null ? true : (var.redshift.secret_kms_key_arn == null ? true : var.redshift.secret_arn != null && can(regex("^arn:[^:*?]+:kms:[^:*?]+:[0-9]{12}:key/[^*?]+$", var.redshift.secret_kms_key_arn)))
    error_message = "redshift.secret_kms_key_arn: write the ARN of the secret's key (not of an alias), beside secret_arn."
  }
}

variable "role" {
  description = "The role of the function. For statements of one's own it must be the role that submitted them (`module.statement_role.role`), since no other can describe them. null makes a role of its own, which tells foreign statements without their error text."
  type = object({
    name = string
    arn  = string
  })
  default = null
}

variable "sources" {
  description = <<-EOT
    Whose statements are told when they have ended, if they were submitted with events (`WithEvent`): key of the caller's choice =>
    - `principal_prefixes`: starts of the submitter's ARN, e.g. `module.statement_role.principal_prefix`; empty is anyone.
    - `statement_name_prefixes`: starts of the statement's name, e.g. "taxi/load/"; empty is any name.
  EOT
  type = map(object({
    principal_prefixes      = optional(list(string), [])
    statement_name_prefixes = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.sources) : can(regex("^[a-z][a-z0-9-]{0,25}$", key))])
    error_message = "sources: write keys of 1 to 26 lower case letters, digits and hyphens, with a letter first."
  }

  validation {
    condition     = alltrue(flatten([for s in values(var.sources) : [for prefix in s.principal_prefixes : startswith(prefix, "arn:")]]))
    error_message = "sources: write principal_prefixes as starts of ARNs, e.g. \"arn:aws:sts::111122223333:assumed-role/dbt/\"; a role's name alone is the start of none."
  }

  validation {
    condition     = alltrue([for s in values(var.sources) : length(s.principal_prefixes) + length(s.statement_name_prefixes) > 0])
    error_message = "sources: write principal_prefixes or statement_name_prefixes (or both), or every statement of the account is told."
  }
}

variable "load_not_started_prefixes" {
  description = "Whose `Load Not Started` events are told: the name_prefix of each scheduler."
  type        = list(string)
  default     = []
  nullable    = false
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

  validation {
    condition     = var.create_topic == (var.topic_arn == null)
    error_message = "topic_arn: write it with create_topic = false, and only then."
  }

  validation {
    condition     = var.topic_arn == null ? true : can(regex("^arn:[^:*?]+:sns:[^:*?]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.topic_arn))
    error_message = "topic_arn: write the ARN of a standard SNS topic."
  }
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

  validation {
    condition     = alltrue([for s in values(var.subscriptions) : contains(["application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"], s.protocol)])
    error_message = "subscriptions: write protocol as application, email, email-json, firehose, http, https, lambda, sms or sqs."
  }

  validation {
    condition     = alltrue([for s in values(var.subscriptions) : s.filter_policy == null ? true : can(keys(jsondecode(s.filter_policy)))])
    error_message = "subscriptions: write filter_policy as a JSON object, e.g. jsonencode({ state = [\"FAILED\"] })."
  }

  validation {
    condition     = alltrue([for s in values(var.subscriptions) : (s.protocol == "firehose") == (s.subscription_role_arn != null)])
    error_message = "subscriptions: write subscription_role_arn with protocol firehose, and only there."
  }
}

variable "sweep_interval_minutes" {
  description = "How often the function looks for loads whose event never came, announces them and puts the event `Load Ended` (source `redshift-relay`, with name_prefix and state in its detail); null never looks. Needs `role`, since only the submitter can list its statements."
  type        = number
  default     = 5

  validation {
    condition     = var.sweep_interval_minutes == null ? true : var.sweep_interval_minutes >= 1 && var.sweep_interval_minutes <= 60 && floor(var.sweep_interval_minutes) == var.sweep_interval_minutes
    error_message = "sweep_interval_minutes: write a whole number from 1 to 60, or null for no sweep."
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
    Customer managed key for the topic, the table, the sweep's schedule, the log group, the failure queue and the function's environment; null uses keys of AWS. With topic_arn it must be that topic's key.
    Its key policy must let `logs.<region>.amazonaws.com` and `events.amazonaws.com` use it and `scheduler.amazonaws.com` describe it; when the topic
    of this module is told of alarms, also `cloudwatch.amazonaws.com` use it (kms:Decrypt, kms:GenerateDataKey*).
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
