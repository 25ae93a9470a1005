variable "name_prefix" {
  description = "Start of every name, so that two copies live in one account. Names of IAM roles hold for all regions of an account: give each region a prefix of its own."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix: write 2 to 24 lower case letters, digits and hyphens, with a letter first and no hyphen last, e.g. \"taxi-dev\"."
  }
}

variable "websocket_url" {
  description = "Where the page connects: websocket_url of the gateway."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(wss://|ws://([a-z0-9-]+[.])*localhost[:/]|ws://127[.]0[.]0[.]1[:/])[^\\s?#]*$", var.websocket_url))
    error_message = "websocket_url: write wss://<host>/<stage>, as the gateway tells it (ws:// only for a host of this machine)."
  }
}

variable "ticket_url" {
  description = "Where the page gets a ticket for its token: ticket_url of the gateway. Needed with mode \"JWT\", and only there."
  type        = string
  default     = null

  validation {
    condition     = var.authorization.mode != "JWT" || var.ticket_url != null
    error_message = "ticket_url: write the gateway's ticket_url; with authorization.mode \"JWT\" the page cannot connect without a ticket."
  }

  validation {
    condition     = var.ticket_url == null ? true : can(regex("^(https://|http://([a-z0-9-]+[.])*localhost[:/]|http://127[.]0[.]0[.]1[:/])[^\\s?#]*$", var.ticket_url))
    error_message = "ticket_url: write https://<host>/<stage>/ticket, as the gateway tells it (http:// only for a host of this machine)."
  }
}

variable "authorization" {
  description = <<-EOT
    How people sign in:
    - `mode`: authorization_mode of the gateway: "JWT", "CUSTOM" (your authorizer takes what browsers send by themselves) or "NONE".
    - `oidc`: with "JWT", any OpenID Connect provider that has a public client with authorization code and PKCE:
      - `issuer`, `client_id`.
      - `scope`: default "openid". Okta, Auth0 and Entra need "openid offline_access" to renew a sign-in, or people sign in again whenever a
        token has ended. Cognito renews it without, and knows no such scope.
      - `authorization_endpoint` and `token_endpoint`; without them the page asks the issuer's discovery document. A token endpoint on another
        host than the issuer's must be written, so that the browser may reach it.
      - `end_session_endpoint`: where "Sign out" leads, so that the provider ends its own session too (OpenID Connect RP-Initiated Logout,
        Cognito's logout endpoint). The provider leads back to the page's address, which must be registered there as a sign-out URL as well.
        Without it, the discovery document says it where the endpoints come from there; else only the page forgets the sign-in.
      - `token`: which token the gateway takes, "access_token" (default) or "id_token".
      - `parameters`: more for the authorization endpoint, e.g. `{ audience = "..." }`.
      - `redirect_uri`: default is the address of the page, which must be registered with the provider.
  EOT
  type = object({
    mode = string
    oidc = optional(object({
      issuer                 = string
      client_id              = string
      scope                  = optional(string, "openid")
      authorization_endpoint = optional(string)
      token_endpoint         = optional(string)
      end_session_endpoint   = optional(string)
      token                  = optional(string, "access_token")
      parameters             = optional(map(string), {})
      redirect_uri           = optional(string)
    }))
  })
  nullable = false

  validation {
    condition     = contains(["JWT", "CUSTOM", "NONE"], var.authorization.mode)
    error_message = "authorization.mode: write \"JWT\", \"CUSTOM\" or \"NONE\", as the gateway has it."
  }

  validation {
    condition     = (var.authorization.mode == "JWT") == (var.authorization.oidc != null)
    error_message = "authorization.oidc: write issuer and client_id of the sign-in with mode \"JWT\", and only there."
  }

  validation {
    condition = var.authorization.oidc == null ? true : alltrue([
      for url in compact([var.authorization.oidc.issuer, var.authorization.oidc.authorization_endpoint, var.authorization.oidc.token_endpoint, var.authorization.oidc.end_session_endpoint, var.authorization.oidc.redirect_uri]) :
      can(regex("^(https://|http://([a-z0-9-]+[.])*localhost[:/]|http://127[.]0[.]0[.]1[:/])[^\\s'\";,]+$", url))
    ])
    error_message = "authorization.oidc: write issuer, endpoints and redirect_uri as https:// URLs (http:// only for a host of this machine)."
  }

  validation {
    condition     = var.authorization.oidc == null ? true : (var.authorization.oidc.authorization_endpoint == null) == (var.authorization.oidc.token_endpoint == null)
    error_message = "authorization.oidc: write both authorization_endpoint and token_endpoint, or neither."
  }

  validation {
    condition     = var.authorization.oidc == null ? true : contains(["access_token", "id_token"], var.authorization.oidc.token)
    error_message = "authorization.oidc.token: write \"access_token\" or \"id_token\"."
  }
}

variable "connect_sources" {
  description = <<-EOT
    Where the page may connect, as the Content-Security-Policy header says it, beside the sign-in's hosts; null is all of API Gateway in this
    region. With custom domains write theirs, e.g. `["wss://ask.example.com", "https://tickets.example.com"]`. Not a value that depends on the
    gateway's APIs, whose allowed_origins may depend on the url of this module. The page itself is narrowed to websocket_url and ticket_url.
  EOT
  type        = list(string)
  default     = null

  validation {
    condition     = var.connect_sources == null ? true : alltrue([for source in var.connect_sources : can(regex("^(wss?|https?)://[^\\s'\";,/]+$", source))])
    error_message = "connect_sources: write scheme and host, e.g. \"wss://ask.example.com\", without a path."
  }
}

variable "title" {
  description = "What the page is called."
  type        = string
  default     = "Redshift Relay"
  nullable    = false

  validation {
    condition     = length(var.title) >= 1 && length(var.title) <= 60
    error_message = "title: write 1 to 60 characters."
  }
}

variable "columns" {
  description = <<-EOT
    How columns of answers are called and measured: name =>
    - `label`: instead of the name.
    - `unit`: e.g. "km", "$" or "%".
    - `sum`: whether adding its values up says something; by default it does unless the name speaks of an average, a rate or an id.
  EOT
  type = map(object({
    label = optional(string)
    unit  = optional(string)
    sum   = optional(bool)
  }))
  default  = {}
  nullable = false
}

variable "page_directory" {
  description = "Folder with a built page of your own (index.html in it); null takes the one that comes with this repository, web/dist."
  type        = string
  default     = null

  validation {
    condition     = var.page_directory == null ? true : strcontains(try(file("${var.page_directory}/index.html"), ""), "<meta charset=\"utf-8\">")
    error_message = "page_directory: write a folder with an index.html that holds <meta charset=\"utf-8\">, as `npm run build` makes it."
  }
}

variable "domain" {
  description = "Names of your own for the page, with their certificate (ACM, in us-east-1); the first is the address. null is CloudFront's own name."
  type = object({
    aliases         = list(string)
    certificate_arn = string
  })
  default = null

  validation {
    condition     = var.domain == null ? true : length(var.domain.aliases) > 0 && alltrue([for alias in var.domain.aliases : can(regex("^[a-z0-9*][a-z0-9.-]+[a-z0-9]$", alias))])
    error_message = "domain.aliases: write host names, e.g. [\"data.example.com\"]."
  }

  validation {
    condition     = var.domain == null ? true : !startswith(try(var.domain.aliases[0], ""), "*")
    error_message = "domain.aliases: write a full name first, e.g. \"data.example.com\": it is the address of the page, a wildcard is none."
  }

  validation {
    condition     = var.domain == null ? true : can(regex("^arn:[^:*?]+:acm:us-east-1:[0-9]{12}:certificate/[^*?]+$", var.domain.certificate_arn))
    error_message = "domain.certificate_arn: write the ARN of an ACM certificate in us-east-1, where CloudFront looks for it."
  }
}

variable "web_acl_arn" {
  description = "ARN of an AWS WAF web ACL (scope CLOUDFRONT) in front of the page; null is none."
  type        = string
  default     = null

  validation {
    condition     = var.web_acl_arn == null ? true : can(regex("^arn:[^:*?]+:wafv2:us-east-1:[0-9]{12}:global/webacl/[^*?]+$", var.web_acl_arn))
    error_message = "web_acl_arn: write the ARN of a web ACL of AWS WAF with scope CLOUDFRONT (in us-east-1)."
  }
}

variable "access_logs_bucket" {
  description = "Bucket for CloudFront's access logs, by its domain name (<bucket>.s3.amazonaws.com); null keeps none. It needs ACLs."
  type        = string
  default     = null

  validation {
    condition     = var.access_logs_bucket == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{2,62}[.]s3[.][a-z0-9.-]+$", var.access_logs_bucket))
    error_message = "access_logs_bucket: write the domain name of a bucket, e.g. \"my-logs.s3.amazonaws.com\"."
  }
}

variable "price_class" {
  description = "Where CloudFront serves from: PriceClass_100 (North America, Europe), PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class: write PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "wait_for_deployment" {
  description = "Whether apply waits until CloudFront has the distribution everywhere, which takes minutes."
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary" {
  description = "Taken as by every module, so that all can be called alike; a page has no role."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null ? true : can(regex("^arn:[^:]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "permissions_boundary: write the ARN of an IAM policy."
  }
}

variable "log_retention_days" {
  description = "Taken as by every module, so that all can be called alike; access_logs_bucket keeps its logs as it likes."
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
    Customer managed key of the bucket; null encrypts with a key of S3's. Its key policy must let `cloudfront.amazonaws.com` decrypt for the
    distribution (condition aws:SourceArn = output distribution_arn).
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a key (not of an alias)."
  }
}

variable "alarm_actions" {
  description = "Taken as by every module, so that all can be called alike; CloudFront's metrics are in us-east-1 only."
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
