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
    The warehouse and how to sign in to it, to query the reason of a failed COPY. It must be in the account and region of the provider.
    null if the module announces only statements of others.
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
  default = null

  # These names become parts of policy ARNs, where a wildcard would open every database.
  validation {
    condition     = var.redshift == null ? true : (can(regex("^[^\\s/:*?]{1,64}$", var.redshift.database)))
    error_message = "redshift.database: ${jsonencode(try(var.redshift.database, null))} is not a database name. Use 1 to 64 characters without whitespace and without / : * ?, e.g. \"dev\"."
  }

  validation {
    condition     = var.redshift == null ? true : ((var.redshift.cluster == null) != (var.redshift.workgroup == null))
    error_message = "redshift: exactly one of cluster and workgroup is required. Set cluster = { identifier, user } (provisioned) or workgroup = { name, arn } (Serverless)."
  }

  validation {
    condition     = var.redshift == null ? true : (var.redshift.cluster == null ? true : can(regex("^[a-z][a-z0-9-]{0,62}$", var.redshift.cluster.identifier)))
    error_message = "redshift.cluster.identifier: ${jsonencode(try(var.redshift.cluster.identifier, null))} is not a cluster identifier. Use lowercase letters, digits and hyphens, e.g. \"warehouse\", not the endpoint or ARN."
  }

  validation {
    condition     = var.redshift == null ? true : (try(var.redshift.cluster.user, null) == null ? true : can(regex("^[^\\s/:*?]{1,128}$", var.redshift.cluster.user)))
    error_message = "redshift.cluster.user: ${jsonencode(try(var.redshift.cluster.user, null))} is not a database user. Use 1 to 128 characters without whitespace and without / : * ?, e.g. \"loader\", or omit it to use the role's identity."
  }

  validation {
    condition     = var.redshift == null ? true : (try(var.redshift.cluster.user, null) == null || var.redshift.secret_arn == null)
    error_message = "redshift: cluster.user and secret_arn are both set. Set either one, not both; the secret names its own user."
  }

  validation {
    condition     = var.redshift == null ? true : (var.redshift.workgroup == null ? true : can(regex("^[a-z0-9-]{3,64}$", var.redshift.workgroup.name)))
    error_message = "redshift.workgroup.name: ${jsonencode(try(var.redshift.workgroup.name, null))} is not a workgroup name. Use 3 to 64 lowercase letters, digits and hyphens, e.g. \"analytics\"."
  }

  validation {
    condition     = var.redshift == null ? true : (var.redshift.workgroup == null ? true : can(regex("^arn:[^:*?]+:redshift-serverless:[^:*?]+:[0-9]{12}:workgroup/[^*?]+$", var.redshift.workgroup.arn)))
    error_message = "redshift.workgroup.arn: ${jsonencode(try(var.redshift.workgroup.arn, null))} is not a workgroup ARN. Copy it from `aws redshift-serverless get-workgroup`: it ends in an ID, not in the name."
  }

  validation {
    condition     = var.redshift == null ? true : (var.redshift.secret_arn == null ? true : can(regex("^arn:[^:*?]+:secretsmanager:[^:*?]+:[0-9]{12}:secret:[^*?]+$", var.redshift.secret_arn)))
    error_message = "redshift.secret_arn: ${jsonencode(try(var.redshift.secret_arn, null))} is not a secret ARN. Use the ARN of one Secrets Manager secret, e.g. \"arn:aws:secretsmanager:us-east-1:111122223333:secret:loader-AbCdEf\"."
  }

  validation {
    condition     = var.redshift == null ? true : (var.redshift.secret_kms_key_arn == null ? true : var.redshift.secret_arn != null && can(regex("^arn:[^:*?]+:kms:[^:*?]+:[0-9]{12}:key/[^*?]+$", var.redshift.secret_kms_key_arn)))
    error_message = "redshift.secret_kms_key_arn: ${jsonencode(try(var.redshift.secret_kms_key_arn, null))} is not usable. Set it only together with secret_arn, to the ARN of a key, not of an alias."
  }
}

variable "role" {
  description = "Role of the function. Use the role that submits the statements, e.g. `module.statement_role.role`: no other role can describe them. null creates a role, with which messages lack the error text."
  type = object({
    name = string
    arn  = string
  })
  default = null
}

variable "sources" {
  description = <<-EOT
    Statements to announce when they end. They must be submitted with `WithEvent`. Key of your choice =>
    - `principal_prefixes`: prefixes of the submitter's ARN, e.g. `module.statement_role.principal_prefix`. Empty matches every submitter.
    - `statement_name_prefixes`: prefixes of the statement name, e.g. "taxi/load/". Empty matches every name.
  EOT
  type = map(object({
    principal_prefixes      = optional(list(string), [])
    statement_name_prefixes = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.sources) : can(regex("^[a-z][a-z0-9-]{0,25}$", key))])
    error_message = "sources: ${join(", ", [for key in keys(var.sources) : jsonencode(key) if !can(regex("^[a-z][a-z0-9-]{0,25}$", key))])} is not a valid key. Use 1 to 26 lowercase letters, digits and hyphens, starting with a letter, e.g. \"pipeline\"."
  }

  validation {
    condition     = alltrue(flatten([for s in values(var.sources) : [for prefix in s.principal_prefixes : startswith(prefix, "arn:")]]))
    error_message = "sources: ${join(", ", flatten([for key, s in var.sources : [for prefix in s.principal_prefixes : "${key}.principal_prefixes ${jsonencode(prefix)}" if !startswith(prefix, "arn:")]]))} is not the prefix of an ARN. Use e.g. \"arn:aws:sts::111122223333:assumed-role/dbt/\"."
  }

  validation {
    condition     = alltrue([for s in values(var.sources) : length(s.principal_prefixes) + length(s.statement_name_prefixes) > 0])
    error_message = "sources: ${join(", ", [for key, s in var.sources : key if length(s.principal_prefixes) + length(s.statement_name_prefixes) == 0])} matches every statement of the account. Set principal_prefixes, statement_name_prefixes or both."
  }
}

variable "load_prefixes" {
  description = "Name prefixes of the schedulers whose loads are announced: their events `Load Finished`, `Load Failed` and `Load Not Started`."
  type        = list(string)
  default     = []
  nullable    = false
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

  validation {
    condition     = var.create_topic == (var.topic_arn == null)
    error_message = "topic_arn: does not fit create_topic. Set either create_topic = true or topic_arn, not both."
  }

  validation {
    condition     = var.topic_arn == null ? true : can(regex("^arn:[^:*?]+:sns:[^:*?]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.topic_arn))
    error_message = "topic_arn: ${jsonencode(var.topic_arn)} is not the ARN of a standard SNS topic. Use e.g. \"arn:aws:sns:us-east-1:111122223333:loads\"."
  }
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
    Customer managed key for the topics, the table, the log group, the queues and the function's environment. null
    uses AWS owned and AWS managed keys. With `topic_arn`, it must be the key of that topic.
    The key policy must allow `logs.<region>.amazonaws.com` and `events.amazonaws.com` to use the key and `scheduler.amazonaws.com` to
    describe it. If alarms notify the topic of this module, it must also allow `cloudwatch.amazonaws.com` kms:Decrypt and
    kms:GenerateDataKey*.
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
