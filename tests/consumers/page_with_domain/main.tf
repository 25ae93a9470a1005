# A page at an address of your own. The gateway lists it as an origin, and DNS points to CloudFront.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

# CloudFront takes certificates of us-east-1 only.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
}

locals {
  host = "data.example.com"
}

resource "aws_route53_zone" "this" {
  name = "example.com"
}

resource "aws_acm_certificate" "page" {
  provider          = aws.us_east_1
  domain_name       = local.host
  validation_method = "DNS"
}

module "gateway" {
  source = "git::https://example.com/redshift-relay.git//modules/websocket_gateway?ref=v0.1.0"

  name_prefix     = "city"
  redshift        = { database = "dev", cluster = { identifier = "warehouse" } }
  authorization   = { mode = "NONE" }
  allowed_origins = ["https://${local.host}"]

  queries = {
    today = { description = "The warehouse's date", sql = "SELECT CURRENT_DATE AS today" }
  }
}

module "page" {
  source = "git::https://example.com/redshift-relay.git//modules/web_console?ref=v0.1.0"

  name_prefix   = "city"
  title         = "City Trips"
  websocket_url = module.gateway.websocket_url
  authorization = { mode = module.gateway.authorization_mode }
  domain        = { aliases = [local.host], certificate_arn = aws_acm_certificate.page.arn }
}

resource "aws_route53_record" "page" {
  zone_id = aws_route53_zone.this.zone_id
  name    = local.host
  type    = "A"

  alias {
    name                   = module.page.domain_name
    zone_id                = module.page.hosted_zone_id
    evaluate_target_health = false
  }
}

output "url" {
  value = module.page.url
}

output "websocket_url" {
  value = module.gateway.websocket_url
}
