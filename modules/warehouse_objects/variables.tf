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
  description = "Role whose database user owns the objects, e.g. `module.statement_role.role`. Use the same role for the loads. null creates a role for this module only."
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

variable "directory" {
  description = <<-EOT
    Folder of SQL files with one statement each. `V<n>__<name>.sql` runs once, in the order of n (1, 2, 2.1 or 2_1, 10).
    `R__<name>.sql` runs after the V files, in the order of the names, whenever its text changes.

    Up to 36 new or changed files run in one transaction; more files are split into several transactions, in order. A file whose first line is `-- transaction: none` runs outside it:
    the files before it are committed first, and the files after it run in a transaction of their own. A statement that Redshift
    cannot run in a transaction is rejected without that line.

    The function times out after 15 minutes, Lambda's maximum. A running transaction is then cancelled. To avoid this, split the files into several applies.
    A nontransactional statement continues in Redshift: apply again within seven hours to wait for it.

    Files are rendered with templatefile: `$${name}` is one of `template_variables`. A file that a condition (`%%{ if ... }`) renders
    empty is skipped.
  EOT
  type        = string
  nullable    = false

  validation {
    condition     = length(fileset(var.directory, "*.sql")) > 0
    error_message = "directory: ${jsonencode(var.directory)} contains no SQL files. Use a folder of V<n>__<name>.sql and R__<name>.sql files, e.g. V1__trips.sql."
  }

  validation {
    condition     = alltrue([for name in fileset(var.directory, "*.[sS][qQ][lL]") : can(regex("^(V[0-9]{1,9}([._][0-9]{1,9})*|R)__[A-Za-z0-9_]+\\.sql$", name))])
    error_message = "directory: ${join(", ", [for name in fileset(var.directory, "*.[sS][qQ][lL]") : name if !can(regex("^(V[0-9]{1,9}([._][0-9]{1,9})*|R)__[A-Za-z0-9_]+\\.sql$", name))])} cannot be ordered by name. Rename to V<n>__<name>.sql or R__<name>.sql with letters, digits and underscores, e.g. V1__trips.sql."
  }

  validation {
    condition = alltrue([for names in values({ for name in fileset(var.directory, "V*__*.sql") :
      try(join(".", [for n in split(".", replace(regex("^V([0-9._]*[0-9])__", name)[0], "_", ".")) : tonumber(n)]), name) => name...
    }) : length(names) == 1])
    error_message = "directory: ${join("; ", [for names in values({ for name in fileset(var.directory, "V*__*.sql") :
      try(join(".", [for n in split(".", replace(regex("^V([0-9._]*[0-9])__", name)[0], "_", ".")) : tonumber(n)]), name) => name...
    }) : join(" and ", names) if length(names) > 1])} have the same version. Give each V file a version of its own, e.g. V3__trips.sql."
  }

  validation {
    condition     = length(fileset(var.directory, "*/**/*.[sS][qQ][lL]")) == 0
    error_message = "directory: ${join(", ", fileset(var.directory, "*/**/*.[sS][qQ][lL]"))} would not run, because subfolders are not read. Move the files into the folder itself."
  }
}

variable "template_variables" {
  description = "Values of the template variables in the SQL files."
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
    Any text, e.g. a date. Changing it re-checks the warehouse and runs the files that its history table lacks. Change it after a cluster
    has been recreated under the same identifier or restored from a snapshot, which Terraform cannot detect.
  EOT
  type        = string
  default     = null
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

variable "reserved_concurrency" {
  description = <<-EOT
    Maximum number of concurrent invocations. 1 prevents concurrent applies; each file runs only once in any case.
    null reserves nothing. An account whose limit is 10 cannot reserve any: the apply fails with InvalidParameterValueException.
  EOT
  type        = number
  default     = null

  # What must stay unreserved: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 1
    error_message = "reserved_concurrency: ${jsonencode(var.reserved_concurrency)} is too small. Use 1 or more, or null for no reservation."
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
    Customer managed key for the log group and the function's environment. null uses AWS owned and AWS managed keys.
    The key policy must allow `logs.<region>.amazonaws.com` to use the key.
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
