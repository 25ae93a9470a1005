# Packages from a bucket of your own: scripts/package --bucket my-packages > packages.auto.tfvars
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
  }
}

variable "packages" {
  description = "What scripts/package prints."
  type = map(object({
    s3_bucket         = string
    s3_key            = string
    s3_object_version = string
    sha256            = string
  }))
}

module "relay" {
  source = "git::https://example.com/redshift-relay.git?ref=v0.1.0"

  name_prefix       = "shipped"
  redshift          = { database = "dev", cluster = { identifier = "warehouse" } }
  objects_directory = "${path.root}/objects"
  packages          = var.packages
}

output "function_names" {
  value = module.relay.function_names
}
