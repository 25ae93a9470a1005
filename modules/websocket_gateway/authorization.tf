# Who may connect.

variable "authorization" {
  description = <<-EOT
    Who may connect; there is no default:
    - `mode = "JWT"`: whoever has a token of `issuer` (https URL) for one of `audience`, and with one of `scopes` if there are any
      (API Gateway asks for no more; `allowed_groups` of a query narrows further). A page shows its token at the ticket URL and connects with
      the ticket.
    - `mode = "CUSTOM"`: whom your `authorizer = { lambda_arn, identity_sources }` lets in, a REQUEST authorizer of $connect, with e.g.
      `identity_sources = ["route.request.querystring.token"]`. Its context holds the claims, and `expires_at` (epoch seconds).
    - `mode = "NONE"`: everybody.
  EOT
  type = object({
    mode     = string
    issuer   = optional(string)
    audience = optional(list(string), [])
    scopes   = optional(list(string), [])
    authorizer = optional(object({
      lambda_arn       = string
      identity_sources = list(string)
    }))
  })
  nullable = false

  validation {
    condition     = contains(["JWT", "CUSTOM", "NONE"], var.authorization.mode)
    error_message = "authorization.mode: write \"JWT\", \"CUSTOM\" or \"NONE\" (everybody may connect)."
  }

  validation {
    condition     = var.authorization.mode != "JWT" || (var.authorization.issuer != null && length(var.authorization.audience) > 0)
    error_message = "authorization: mode \"JWT\" needs issuer and audience, e.g. issuer = \"https://login.example.com\", audience = [\"client-id\"]."
  }

  validation {
    condition     = var.authorization.mode != "CUSTOM" || var.authorization.authorizer != null
    error_message = "authorization: mode \"CUSTOM\" needs authorizer = { lambda_arn, identity_sources }."
  }

  validation {
    condition     = var.authorization.mode == "JWT" || (var.authorization.issuer == null && length(var.authorization.audience) + length(var.authorization.scopes) == 0)
    error_message = "authorization: issuer, audience and scopes go with mode \"JWT\" only. Leave them out, or write that mode."
  }

  validation {
    condition     = var.authorization.mode == "CUSTOM" || var.authorization.authorizer == null
    error_message = "authorization: authorizer goes with mode \"CUSTOM\" only. Leave it out, or write that mode."
  }

  validation {
    condition     = var.authorization.issuer == null ? true : can(regex("^https://[^\\s?#]+$", var.authorization.issuer))
    error_message = "authorization.issuer: write the https URL that the tokens carry as `iss`, exactly as there."
  }

  validation {
    condition     = try(var.authorization.authorizer, null) == null ? true : can(regex("^arn:[^:*?]+:lambda:[^:*?]+:[0-9]{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$", var.authorization.authorizer.lambda_arn))
    error_message = "authorization.authorizer.lambda_arn: write the ARN of a function (not its invoke ARN)."
  }

  validation {
    condition = try(var.authorization.authorizer, null) == null ? true : length(var.authorization.authorizer.identity_sources) > 0 && alltrue([
      for source in var.authorization.authorizer.identity_sources : can(regex("^(route\\.request\\.(header|querystring)|context|stageVariables)\\.[A-Za-z0-9_.-]+$", source))
    ])
    error_message = "authorization.authorizer.identity_sources: write what must be there, e.g. [\"route.request.querystring.token\"] or [\"route.request.header.Authorization\"]."
  }

  validation {
    condition     = alltrue([for name in ["query", "live"] : !contains(try(var.authorization.authorizer.identity_sources, []), "route.request.querystring.${name}")])
    error_message = "authorization.authorizer.identity_sources: query and live ask the first question on the connect URL; let the authorizer read another parameter."
  }
}

locals {
  # What the connect URL carries beside a question: nothing that may be taken for one of its parameters.
  url_credentials = concat(["ticket"], flatten([
    for source in try(var.authorization.authorizer.identity_sources, []) : regexall("^route\\.request\\.querystring\\.(.+)$", source)
  ]))
}

variable "allowed_origins" {
  description = "Origins of the pages that may connect and get tickets, e.g. [\"https://data.example.com\"]; [\"*\"] lets every page, [] none. Clients that are no browsers send no origin and are not held up."
  type        = list(string)
  nullable    = false

  validation {
    condition     = var.allowed_origins == tolist(["*"]) || alltrue([for origin in var.allowed_origins : can(regex("^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", origin))])
    error_message = "allowed_origins: write origins as browsers send them, scheme://host or scheme://host:port in lower case without a path, e.g. \"https://data.example.com\"; or [\"*\"] alone."
  }
}
