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
  description = "Name of the role after the prefix: <name_prefix>-<name>."
  type        = string
  default     = "statements"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,29}[a-z0-9]$", var.name))
    error_message = "name: ${jsonencode(var.name)} is not a valid name. Use 2 to 31 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen, e.g. \"statements\"."
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
}

variable "optional_actions" {
  description = "Data API actions that the role is allowed in addition to starting, describing, reading and cancelling single statements: BatchExecuteStatement, ListStatements, both or none."
  type        = set(string)
  default     = ["BatchExecuteStatement", "ListStatements"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.optional_actions, ["BatchExecuteStatement", "ListStatements"])) == 0
    error_message = "optional_actions: ${jsonencode(setsubtract(var.optional_actions, ["BatchExecuteStatement", "ListStatements"]))} is not supported. Use none, one or both of \"BatchExecuteStatement\" and \"ListStatements\"."
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
  description = "Not used: a role has no logs. Every module accepts the same common variables."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: ${var.log_retention_days} is not supported by CloudWatch Logs. Use e.g. 7, 30, 90, 365 or 3653; the documentation of PutRetentionPolicy lists all values."
  }
}

variable "kms_key_arn" {
  description = "Customer managed key of the secret in redshift.secret_arn, unless redshift.secret_kms_key_arn names another. Not used without a secret."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: ${jsonencode(var.kms_key_arn)} is not a key ARN. Use the ARN of a key, not of an alias, e.g. \"arn:aws:kms:us-east-1:111122223333:key/1234abcd-...\"."
  }
}

variable "alarm_actions" {
  description = "Not used: a role has no alarms. Every module accepts the same common variables."
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
