# Policies are rendered by the real provider: it needs no account for that, and everything that would is overridden.
provider "aws" {
  alias                       = "rendered"
  region                      = "us-east-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

mock_provider "aws" {
  source = "./mocks"
}

override_data {
  target = data.aws_region.this
  values = { id = "us-east-1" }
}

override_data {
  target = data.aws_partition.this
  values = { partition = "aws", dns_suffix = "amazonaws.com" }
}

override_resource {
  target = aws_s3_bucket.this
  values = { id = "taxi-console-1", arn = "arn:aws:s3:::taxi-console-1", bucket_regional_domain_name = "taxi-console-1.s3.us-east-1.amazonaws.com" }
}

override_resource {
  target = aws_s3_bucket_public_access_block.this
}

override_resource {
  target = aws_s3_bucket_ownership_controls.this
}

override_resource {
  target = aws_s3_bucket_server_side_encryption_configuration.this
}

override_resource {
  target = aws_s3_bucket_policy.this
}

override_resource {
  target = aws_s3_object.file
}

override_resource {
  target = aws_s3_object.config
}

override_resource {
  target = aws_s3_object.index
}

override_resource {
  target = aws_cloudfront_origin_access_control.this
  values = { id = "E1OAC" }
}

override_resource {
  target = aws_cloudfront_cache_policy.this
  values = { id = "11111111-1111-1111-1111-111111111111" }
}

override_resource {
  target = aws_cloudfront_response_headers_policy.this
  values = { id = "22222222-2222-2222-2222-222222222222" }
}

override_resource {
  target = aws_cloudfront_distribution.this
  values = { id = "E1PAGE", arn = "arn:aws:cloudfront::123456789012:distribution/E1PAGE", domain_name = "d111.cloudfront.net", hosted_zone_id = "Z2FDTNDATAQYW2" }
}

variables {
  name_prefix   = "taxi"
  websocket_url = "wss://abc123.execute-api.us-east-1.amazonaws.com/v1"
  ticket_url    = "https://def456.execute-api.us-east-1.amazonaws.com/v1/ticket"
  authorization = {
    mode = "JWT"
    oidc = {
      issuer                 = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abc"
      client_id              = "page"
      authorization_endpoint = "https://login.example.com/oauth2/authorize"
      token_endpoint         = "https://login.example.com/oauth2/token"
      end_session_endpoint   = "https://leave.example.com/logout"
    }
  }
}

run "bucket_is_for_the_distribution_alone" {
  command = apply

  module {
    source = "../../modules/web_console"
  }

  providers = {
    aws = aws.rendered
  }

  assert {
    condition     = jsonencode(jsondecode(aws_s3_bucket_policy.this.policy).Statement) == jsonencode([{ Sid = "Distribution", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::taxi-console-1/*", Principal = { Service = "cloudfront.amazonaws.com" }, Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudfront::123456789012:distribution/E1PAGE" } } }, { Sid = "OnlyEncryptedConnections", Effect = "Deny", Action = "s3:*", Resource = ["arn:aws:s3:::taxi-console-1/*", "arn:aws:s3:::taxi-console-1"], Principal = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }])
    error_message = "somebody else than the distribution may read the page, or without TLS"
  }
}

run "page" {
  command = apply

  module {
    source = "../../modules/web_console"
  }

  assert {
    condition     = alltrue([for block in [aws_s3_bucket_public_access_block.this] : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets]) && one(aws_s3_bucket_ownership_controls.this.rule).object_ownership == "BucketOwnerEnforced"
    error_message = "the bucket can become public"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "wrong encryption"
  }

  assert {
    condition     = alltrue([for key, file in aws_s3_object.file : file.cache_control == "public, max-age=31536000, immutable" && can(regex("-[A-Za-z0-9]{8}[.]|^third-party", key))])
    error_message = "a file that is kept for ever is not named after its content"
  }

  assert {
    condition     = alltrue([for name in setsubtract(fileset("${path.module}/../../web/previous", "**"), ["builds.json"]) : aws_s3_object.file[name].key == name]) && !contains(keys(aws_s3_object.file), "builds.json")
    error_message = "a tab that is open loses the files of its build"
  }

  assert {
    condition     = alltrue([for key, file in aws_s3_object.file : file.content_type != "application/octet-stream"]) && length([for key, file in aws_s3_object.file : key if file.content_type == "text/javascript; charset=utf-8"]) >= 2
    error_message = "a file has no type that browsers would take"
  }

  assert {
    condition     = alltrue([for object in concat(values(aws_s3_object.file), [aws_s3_object.config, aws_s3_object.index]) : length(one(one(object.override_provider).default_tags).tags) == 0])
    error_message = "an object of S3 has at most ten tags: the provider's default ones must not reach it"
  }

  assert {
    condition     = aws_s3_object.index.cache_control == "no-cache" && aws_s3_object.config.cache_control == "no-cache"
    error_message = "a new page would not be seen"
  }

  assert {
    condition     = strcontains(aws_s3_object.index.content, "<meta http-equiv=\"Content-Security-Policy\" content=\"connect-src 'self' wss://abc123.execute-api.us-east-1.amazonaws.com https://def456.execute-api.us-east-1.amazonaws.com https://cognito-idp.us-east-1.amazonaws.com https://login.example.com\">")
    error_message = "the page may connect elsewhere"
  }

  assert {
    condition     = jsondecode(aws_s3_object.config.content).endpoint == var.websocket_url && jsondecode(aws_s3_object.config.content).ticket_url == var.ticket_url && jsondecode(aws_s3_object.config.content).authorization.oidc.client_id == "page" && jsondecode(aws_s3_object.config.content).authorization.oidc.scope == "openid" && jsondecode(aws_s3_object.config.content).authorization.oidc.end_session_endpoint == "https://leave.example.com/logout" && jsondecode(aws_s3_object.config.content).title == "Redshift Relay"
    error_message = "wrong config.json"
  }

  assert {
    condition     = output.content_security_policy == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' https://cognito-idp.us-east-1.amazonaws.com https://login.example.com wss://*.execute-api.us-east-1.amazonaws.com https://*.execute-api.us-east-1.amazonaws.com; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    error_message = "wrong policy: ${output.content_security_policy}"
  }

  assert {
    condition     = aws_cloudfront_response_headers_policy.this.security_headers_config[0].content_security_policy[0].content_security_policy == output.content_security_policy && alltrue([for h in [aws_cloudfront_response_headers_policy.this.security_headers_config[0]] : h.content_type_options[0].override && h.frame_options[0].frame_option == "DENY" && h.referrer_policy[0].referrer_policy == "no-referrer" && h.strict_transport_security[0].access_control_max_age_sec >= 31536000])
    error_message = "a security header is missing"
  }

  assert {
    condition     = alltrue([for b in aws_cloudfront_distribution.this.default_cache_behavior : b.viewer_protocol_policy == "redirect-to-https" && b.response_headers_policy_id == "22222222-2222-2222-2222-222222222222" && b.cache_policy_id == "11111111-1111-1111-1111-111111111111" && b.compress && toset(b.allowed_methods) == toset(["GET", "HEAD"])])
    error_message = "wrong behaviour"
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.origin).origin_access_control_id == "E1OAC" && one(aws_cloudfront_distribution.this.origin).domain_name == "taxi-console-1.s3.us-east-1.amazonaws.com" && aws_cloudfront_distribution.this.default_root_object == "index.html"
    error_message = "wrong origin"
  }

  assert {
    condition     = output.url == "https://d111.cloudfront.net" && output.distribution_id == "E1PAGE" && output.bucket == "taxi-console-1"
    error_message = "wrong outputs"
  }
}

run "custom_domain_key_and_firewall" {
  command = apply

  module {
    source = "../../modules/web_console"
  }

  variables {
    websocket_url      = "wss://ask.example.com"
    ticket_url         = null
    authorization      = { mode = "NONE" }
    connect_sources    = ["wss://ask.example.com"]
    kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    domain             = { aliases = ["data.example.com", "numbers.example.com"], certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }
    web_acl_arn        = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/page/1"
    access_logs_bucket = "logs.s3.amazonaws.com"
  }

  assert {
    condition     = strcontains(output.content_security_policy, "connect-src 'self' wss://ask.example.com;")
    error_message = "wrong policy: ${output.content_security_policy}"
  }

  assert {
    condition     = output.url == "https://data.example.com" && one(aws_cloudfront_distribution.this.viewer_certificate).minimum_protocol_version == "TLSv1.2_2021" && aws_cloudfront_distribution.this.aliases == toset(["data.example.com", "numbers.example.com"])
    error_message = "wrong domain"
  }

  assert {
    condition     = jsonencode(output.origins) == jsonencode(["https://data.example.com", "https://numbers.example.com"])
    error_message = "a page under another name than the first cannot connect"
  }

  assert {
    condition     = aws_cloudfront_distribution.this.web_acl_id == var.web_acl_arn && one(aws_cloudfront_distribution.this.logging_config).bucket == "logs.s3.amazonaws.com"
    error_message = "no firewall or no logs"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn && one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled
    error_message = "not under the key"
  }

  assert {
    condition     = jsondecode(aws_s3_object.config.content).authorization == { mode = "NONE", oidc = null } && jsondecode(aws_s3_object.config.content).ticket_url == null
    error_message = "wrong config.json"
  }
}
