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
  description = "The role that owns the objects, e.g. `module.statement_role.role`: whoever runs the load must be it too. null makes a statement role for this module alone."
  type = object({
    name = string
    arn  = string
  })
  default = null
}

variable "directory" {
  description = <<-EOT
    Folder with one SQL statement a file: `V<n>__<name>.sql` runs once, in the order of n (1, 2, 2.1 or 2_1, 10);
    `R__<name>.sql` runs after them, in the order of the names, whenever its text changes. Up to 37 new or changed files run
    in one transaction. A file whose first line is `-- transaction: none` runs alone, outside of it: the files before it are
    committed first, those after it are a transaction of their own. What cannot share a transaction is refused without that line.
    The function has 15 minutes, Lambda's maximum: then a transaction is cancelled (split it over several applies), and what runs
    alone goes on in Redshift (apply again within seven hours, which waits for it).
    Files are rendered by templatefile, in which `$${name}` is one of `template_variables`. A file of which a condition
    (`%%{ if ... }`) leaves nothing is left out.
  EOT
  type        = string
  nullable    = false

  validation {
    condition     = length(fileset(var.directory, "*.sql")) > 0
    error_message = "directory: write a folder that holds V<n>__<name>.sql or R__<name>.sql files."
  }

  validation {
    condition     = alltrue([for name in fileset(var.directory, "*.[sS][qQ][lL]") : can(regex("^(V[0-9]{1,9}([._][0-9]{1,9})*|R)__[A-Za-z0-9_]+\\.sql$", name))])
    error_message = "directory: name every SQL file V<n>__<name>.sql or R__<name>.sql, e.g. V1__trips.sql; the name in letters, digits and underscores. Not so: ${join(", ", [for name in fileset(var.directory, "*.[sS][qQ][lL]") : name if !can(regex("^(V[0-9]{1,9}([._][0-9]{1,9})*|R)__[A-Za-z0-9_]+\\.sql$", name))])}."
  }

  validation {
    condition = length(distinct([
      for name in fileset(var.directory, "V*__*.sql") :
      try(join(".", [for n in split(".", replace(regex("^V([0-9._]*[0-9])__", name)[0], "_", ".")) : tonumber(n)]), name)
    ])) == length(fileset(var.directory, "V*__*.sql"))
    error_message = "directory: two files have the same version number; give each V<n>__ file its own n."
  }
}

variable "template_variables" {
  description = "Values for the variables in the SQL files."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "history_table" {
  description = <<-EOT
    Table in which stands what ran, as <schema>.<table>; made when it is missing. null is `public.redshift_relay_history_<name_prefix>`,
    with underscores for hyphens. Like the objects it belongs to the database user of the first apply. When `name_prefix` or that user
    changes, first let a superuser hand over what is there: `ALTER TABLE ... OWNER TO` for this table and the objects; after a changed
    prefix also `UPDATE <table> SET name_prefix = '<new>'`, with the old table named here. Or run `drop_sql`, and all is made anew.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.history_table == null ? true : can(regex("^[a-z_][a-z0-9_]{0,126}\\.[a-z_][a-z0-9_]{0,126}$", var.history_table))
    error_message = "history_table: write <schema>.<table> in lower case letters, digits and underscores, e.g. \"public.redshift_relay_history\"."
  }
}

variable "revision" {
  description = <<-EOT
    Any text, e.g. a date. Another one looks again for what the warehouse lacks: write one after a cluster was made anew under the
    same identifier, or restored from a snapshot, which Terraform cannot see. What the history in the warehouse has is not run again.
  EOT
  type        = string
  default     = null
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
    Customer managed key for the log group and the function's environment; null uses keys of AWS.
    Its key policy must let `logs.<region>.amazonaws.com` use it.
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
