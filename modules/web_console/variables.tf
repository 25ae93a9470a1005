variable "name_prefix" {
  description = "Prefix for all resource and statement names. IAM role names are global within an account: use a different prefix in each region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix: ${jsonencode(var.name_prefix)} is not a valid prefix. Use 2 to 24 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen, e.g. \"taxi-dev\"."
  }
}

variable "websocket_url" {
  description = "URL to which the page connects: output `websocket_url` of the gateway."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(wss://|ws://([a-z0-9-]+[.])*localhost[:/]|ws://127[.]0[.]0[.]1[:/])[^\\s?#]*$", var.websocket_url))
    error_message = "websocket_url: ${jsonencode(var.websocket_url)} is not a WebSocket URL. Use the gateway's output websocket_url, e.g. \"wss://ask.example.com\" (ws:// only for localhost)."
  }
}

variable "ticket_url" {
  description = "URL at which the page exchanges its token for a ticket: output `ticket_url` of the gateway. Required with mode \"JWT\"."
  type        = string
  default     = null

  validation {
    condition     = var.authorization.mode != "JWT" || var.ticket_url != null
    error_message = "ticket_url: required with authorization.mode \"JWT\". Use the gateway's output ticket_url."
  }

  validation {
    condition     = var.ticket_url == null ? true : can(regex("^(https://|http://([a-z0-9-]+[.])*localhost[:/]|http://127[.]0[.]0[.]1[:/])[^\\s?#]*$", var.ticket_url))
    error_message = "ticket_url: ${jsonencode(var.ticket_url)} is not a ticket URL. Use the gateway's output ticket_url, e.g. \"https://tickets.example.com/ticket\" (http:// only for localhost)."
  }
}

variable "authorization" {
  description = <<-EOT
    How users sign in:
    - `mode`: output `authorization_mode` of the gateway: "JWT", "CUSTOM" (your authorizer accepts what browsers send by themselves) or "NONE".
    - `oidc`: required with "JWT". An OpenID Connect provider with a public client that uses authorization code and PKCE. API Gateway's JWT
      authorizer accepts only its RSA-signed tokens, and must reach it over the internet:
      - `issuer`, `client_id`.
      - `scope`: Okta, Auth0 and Entra need "openid offline_access" to renew a sign-in. Otherwise users sign in again whenever a token
        expires. Cognito renews without this scope and rejects it.
      - `authorization_endpoint`, `token_endpoint`: null reads them from the issuer's discovery document. Set them if the token endpoint is on
        another host than the issuer, so that the browser may reach it.
      - `end_session_endpoint`: URL of "Sign out", which also ends the provider's session (OpenID Connect RP-Initiated Logout, Cognito's
        logout endpoint). The provider redirects to the page's URL, which must be registered there as a sign-out URL. null reads it from
        the discovery document, if the other endpoints come from there. Otherwise only the page forgets the sign-in.
      - `token`: token that the gateway accepts, "access_token" or "id_token".
      - `parameters`: additional parameters of the authorization request, e.g. `{ audience = "..." }`.
      - `redirect_uri`: null uses the page's URL. It must be registered with the provider.
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
    error_message = "authorization.mode: ${jsonencode(var.authorization.mode)} is not supported. Use \"JWT\", \"CUSTOM\" or \"NONE\", as in the gateway."
  }

  validation {
    condition     = (var.authorization.mode == "JWT") == (var.authorization.oidc != null)
    error_message = "authorization.oidc: required with mode \"JWT\", and not allowed with any other. Set oidc = { issuer, client_id } or change the mode."
  }

  validation {
    condition = var.authorization.oidc == null ? true : alltrue([
      for url in compact([var.authorization.oidc.issuer, var.authorization.oidc.authorization_endpoint, var.authorization.oidc.token_endpoint, var.authorization.oidc.end_session_endpoint, var.authorization.oidc.redirect_uri]) :
      can(regex("^(https://|http://([a-z0-9-]+[.])*localhost[:/]|http://127[.]0[.]0[.]1[:/])[^\\s'\";,]+$", url))
    ])
    error_message = "authorization.oidc: issuer, an endpoint or redirect_uri is not an https:// URL. Use e.g. \"https://login.example.com\" (http:// only for localhost)."
  }

  validation {
    condition     = var.authorization.oidc == null ? true : (var.authorization.oidc.authorization_endpoint == null) == (var.authorization.oidc.token_endpoint == null)
    error_message = "authorization.oidc: only one of authorization_endpoint and token_endpoint is set. Set both or neither."
  }

  validation {
    condition     = var.authorization.oidc == null ? true : contains(["access_token", "id_token"], var.authorization.oidc.token)
    error_message = "authorization.oidc.token: ${jsonencode(try(var.authorization.oidc.token, null))} is not supported. Use \"access_token\" or \"id_token\"."
  }
}

variable "connect_sources" {
  description = <<-EOT
    Sources in `connect-src` of the Content-Security-Policy header, in addition to the hosts of the sign-in. null allows every API Gateway
    endpoint in this region. With custom domains, use theirs, e.g. `["wss://ask.example.com", "https://tickets.example.com"]`. The value must
    not depend on the gateway's APIs, because its allowed_origins may depend on the `url` of this module. The page itself restricts
    connections to websocket_url and ticket_url.
  EOT
  type        = list(string)
  default     = null

  validation {
    condition     = var.connect_sources == null ? true : alltrue([for source in var.connect_sources : can(regex("^(wss?|https?)://[^\\s'\";,/]+$", source))])
    error_message = "connect_sources: ${jsonencode(var.connect_sources)} contains an invalid source. Use scheme and host without a path, e.g. \"wss://ask.example.com\"."
  }
}

variable "title" {
  description = "Title of the page."
  type        = string
  default     = "Redshift Relay"
  nullable    = false

  validation {
    condition     = length(var.title) >= 1 && length(var.title) <= 60
    error_message = "title: has ${length(var.title)} characters. Use 1 to 60."
  }
}

variable "page_directory" {
  description = "Folder of your own built page, with an index.html. null uses the page that ships with this repository, web/dist, and keeps the files of the builds before it, web/previous. Open tabs load parts of their build later, so keep earlier files in your folder, too."
  type        = string
  default     = null

  validation {
    condition     = var.page_directory == null ? true : strcontains(try(file("${var.page_directory}/index.html"), ""), "<meta charset=\"utf-8\">")
    error_message = "page_directory: ${jsonencode(var.page_directory)} has no index.html with <meta charset=\"utf-8\">. Use the output folder of `npm run build`."
  }
}

variable "domain" {
  description = "Custom domain names of the page with their ACM certificate in us-east-1. The first name is the page's URL. Origins that only match a wildcard must be listed in allowed_origins of the gateway. null uses CloudFront's domain name."
  type = object({
    aliases         = list(string)
    certificate_arn = string
  })
  default = null

  validation {
    condition     = var.domain == null ? true : length(var.domain.aliases) > 0 && alltrue([for alias in var.domain.aliases : can(regex("^[a-z0-9*][a-z0-9.-]+[a-z0-9]$", alias))])
    error_message = "domain.aliases: ${jsonencode(try(var.domain.aliases, null))} is not a list of host names. Use e.g. [\"data.example.com\"]."
  }

  validation {
    condition     = var.domain == null ? true : !startswith(try(var.domain.aliases[0], ""), "*")
    error_message = "domain.aliases: the first name, ${jsonencode(try(var.domain.aliases[0], null))}, is a wildcard, but it is the page's URL. Start with a full name, e.g. \"data.example.com\"."
  }

  validation {
    condition     = var.domain == null ? true : can(regex("^arn:[^:*?]+:acm:us-east-1:[0-9]{12}:certificate/[^*?]+$", var.domain.certificate_arn))
    error_message = "domain.certificate_arn: ${jsonencode(try(var.domain.certificate_arn, null))} is not an ACM certificate in us-east-1. CloudFront requires that region: use e.g. \"arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-...\"."
  }
}

variable "web_acl_arn" {
  description = "ARN of an AWS WAF web ACL (scope CLOUDFRONT) for the page. null uses none."
  type        = string
  default     = null

  validation {
    condition     = var.web_acl_arn == null ? true : can(regex("^arn:[^:*?]+:wafv2:us-east-1:[0-9]{12}:global/webacl/[^*?]+$", var.web_acl_arn))
    error_message = "web_acl_arn: ${jsonencode(var.web_acl_arn)} is not a web ACL with scope CLOUDFRONT. Use e.g. \"arn:aws:wafv2:us-east-1:111122223333:global/webacl/page/1234abcd-...\"."
  }
}

variable "access_logs_bucket" {
  description = "Domain name of a bucket for CloudFront's access logs (<bucket>.s3.amazonaws.com). The bucket must have ACLs enabled. null disables access logs."
  type        = string
  default     = null

  validation {
    condition     = var.access_logs_bucket == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{2,62}[.]s3[.][a-z0-9.-]+$", var.access_logs_bucket))
    error_message = "access_logs_bucket: ${jsonencode(var.access_logs_bucket)} is not the domain name of a bucket. Use e.g. \"my-logs.s3.amazonaws.com\"."
  }
}

variable "price_class" {
  description = "CloudFront price class: PriceClass_100 (North America and Europe), PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class: ${jsonencode(var.price_class)} is not supported. Use PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "wait_for_deployment" {
  description = "Whether apply waits until the distribution is deployed to all edge locations, which takes minutes."
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary" {
  description = "Not used: a page has no role. Every module accepts the same common variables."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null ? true : can(regex("^arn:[^:]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "permissions_boundary: ${jsonencode(var.permissions_boundary)} is not a policy ARN. Use the ARN of an IAM policy, e.g. \"arn:aws:iam::111122223333:policy/boundary\"."
  }
}

variable "log_retention_days" {
  description = "Not used: access_logs_bucket decides on retention. Every module accepts the same common variables."
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
    Customer managed key of the bucket. null uses SSE-S3. The key policy must allow `cloudfront.amazonaws.com` to decrypt for the distribution
    (condition aws:SourceArn = output distribution_arn).
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: ${jsonencode(var.kms_key_arn)} is not a key ARN. Use the ARN of a key, not of an alias, e.g. \"arn:aws:kms:us-east-1:111122223333:key/1234abcd-...\"."
  }
}

variable "alarm_actions" {
  description = "Not used: CloudFront's metrics exist in us-east-1 only. Every module accepts the same common variables."
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
