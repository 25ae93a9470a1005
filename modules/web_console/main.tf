locals {
  directory = var.page_directory != null ? var.page_directory : "${path.module}/../../web/dist"

  # Files of the last builds, for tabs that were opened before the page changed: they load parts of their own build later.
  previous_directory = "${path.module}/../../web/previous"
  previous_files     = var.page_directory != null ? [] : setsubtract(fileset(local.previous_directory, "**"), ["builds.json"])

  # The other two depend on this deployment. The keys are the names, so that a file of a build that becomes a previous one
  # stays where it is.
  files = merge(
    { for name in local.previous_files : name => "${local.previous_directory}/${name}" },
    { for name in setsubtract(fileset(local.directory, "**"), ["index.html", "config.json"]) : name => "${local.directory}/${name}" },
  )

  content_types = {
    css  = "text/css; charset=utf-8"
    html = "text/html; charset=utf-8"
    js   = "text/javascript; charset=utf-8"
    json = "application/json"
    png  = "image/png"
    svg  = "image/svg+xml"
    txt  = "text/plain; charset=utf-8"
  }

  # The build names files after their content, so they never change. index.html and config.json keep their names.
  immutable  = "public, max-age=31536000, immutable"
  revalidate = "no-cache"

  oidc = var.authorization.oidc

  config = {
    title         = var.title
    endpoint      = var.websocket_url
    ticket_url    = var.ticket_url
    authorization = { mode = var.authorization.mode, oidc = local.oidc == null ? null : { for key, value in local.oidc : key => value if value != null } }
  }

  provider_urls        = local.oidc == null ? [] : compact([local.oidc.issuer, local.oidc.token_endpoint])
  provider_connections = distinct([for url in local.provider_urls : regex("^https?://[^/?#]+", url)])

  # The header must not contain the gateway's URLs: they may depend on allowed_origins, which depend on this distribution.
  # It contains API Gateway's domain in this region, and the document restricts that to the URLs.
  connect_sources = distinct(concat(local.provider_connections, var.connect_sources != null ? var.connect_sources : [
    "wss://*.execute-api.${data.aws_region.this.id}.${data.aws_partition.this.dns_suffix}",
    "https://*.execute-api.${data.aws_region.this.id}.${data.aws_partition.this.dns_suffix}",
  ]))

  content_security_policy = trimspace(templatefile("${path.module}/content_security_policy.tftpl", {
    connect_src = join(" ", local.connect_sources)
  }))

  gateway_connections = [for url in compact([var.websocket_url, var.ticket_url]) : regex("^[a-z]+://[^/?#]+", url)]
  connections         = join(" ", distinct(concat(["'self'"], local.gateway_connections, local.provider_connections)))

  index = replace(
    file("${local.directory}/index.html"),
    "<meta charset=\"utf-8\">",
    "<meta charset=\"utf-8\">\n    <meta http-equiv=\"Content-Security-Policy\" content=\"connect-src ${local.connections}\">",
  )
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18:every object is created here and read by CloudFront only
  # checkov:skip=CKV_AWS_21:every object is created here and read by CloudFront only
  # checkov:skip=CKV_AWS_144:every object is created here and read by CloudFront only
  # checkov:skip=CKV2_AWS_61:every object is created here and read by CloudFront only
  # checkov:skip=CKV2_AWS_62:every object is created here and read by CloudFront only
  bucket_prefix = "${var.name_prefix}-console-"
  force_destroy = true # every object is created here
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "Distribution"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudfront_distribution.this.arn]
    }
  }

  statement {
    sid       = "OnlyEncryptedConnections"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.bucket.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# Objects have no tags, not even the provider's default tags: S3 allows only ten per object.
resource "aws_s3_object" "file" {
  for_each = local.files

  bucket        = aws_s3_bucket.this.id
  key           = each.key
  source        = each.value
  source_hash   = filemd5(each.value)
  content_type  = lookup(local.content_types, reverse(split(".", each.key))[0], "application/octet-stream")
  cache_control = local.immutable

  override_provider {
    default_tags {
      tags = {}
    }
  }

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.this]
}

resource "aws_s3_object" "config" {
  bucket        = aws_s3_bucket.this.id
  key           = "config.json"
  content       = jsonencode(local.config)
  content_type  = local.content_types.json
  cache_control = local.revalidate

  override_provider {
    default_tags {
      tags = {}
    }
  }

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.this]
}

# Created last, so that the files that it refers to exist.
resource "aws_s3_object" "index" {
  bucket        = aws_s3_bucket.this.id
  key           = "index.html"
  content       = local.index
  content_type  = local.content_types.html
  cache_control = local.revalidate

  override_provider {
    default_tags {
      tags = {}
    }
  }

  depends_on = [aws_s3_object.file, aws_s3_object.config]
}
